"""A firm's own programs: an administrator makes them, renews what they prove themselves by, ends them.

They speak for themselves (`client_credentials`) and reach their own firm only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import Select, func, select

from signon import prepared
from signon.audit.events import Event
from signon.clients import changes as client_changes
from signon.clients import life, registration, secrets
from signon.clients.application import Application, Server
from signon.clients.models import clients
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.firms import changes
from signon.firms.access import Authority, Needs
from signon.firms.changes import Change
from signon.prepared import every, value
from signon.web.acts import Act
from signon.web.json_bodies import Body
from signon.web.preconditions import etag_of

SUBJECT = "client"
SCOPES = ("firm:read", "firm:members", "firm:settings")
SECRET, KEYS = "client_secret_basic", "private_key_jwt"
MOST = 50
LONGEST_OVERLAP_HOURS = 720


@dataclass(frozen=True, slots=True)
class ServiceClient:
    """A program of the firm."""

    id: str
    name: str
    auth_method: str
    grants: tuple[str, ...]
    scopes: tuple[str, ...]
    jwks: Mapping[str, Any] | None
    jwks_uri: str | None
    created_at: datetime
    disabled_at: datetime | None

    @property
    def version(self) -> str:
        """Its entity tag."""
        return etag_of(self.id, self.name, self.scopes, self.jwks, self.jwks_uri, self.disabled_at)


Made = tuple[ServiceClient, str | None]
"""A program and its secret, if it has one, which is never shown again."""


class FirmClientKeys(Body):
    """Its public keys from now on: a set, or a set's address."""

    jwks: dict[str, Any] | None = None
    """The public keys as a JSON Web Key Set (RFC 7517)."""
    jwks_uri: str | None = Field(None, examples=["https://office.example/keys"])
    """Where the program keeps its public keys."""


class NewFirmClient(FirmClientKeys):
    """With `jwks` or `jwks_uri` it signs (`private_key_jwt`), without them it gets a secret."""

    name: str = Field(examples=["Time sheets"])
    """What people call the program."""
    scopes: list[str] = Field(examples=[["firm:read"]])
    """What it may do: scopes of the firm."""


class SecretRenewal(Body):
    """How long the secret before the new one goes on."""

    overlap_hours: int = Field(
        24, examples=[1], json_schema_extra={"minimum": 0, "maximum": LONGEST_OVERLAP_HOURS}
    )
    """For so many hours the secret before works too."""


def listed(unit: Unit, authority: Authority) -> list[ServiceClient]:
    """All of the firm's, in the order in which they were made."""
    return _listed(unit, authority.firm.id)


def one(unit: Unit, authority: Authority, client_id: str) -> ServiceClient:
    """One of the firm's. Raises NotFoundError."""
    found = _one(unit, authority.firm.id, client_id)
    if found is None:
        raise NotFoundError("The firm has no such program.")
    return found


def version(unit: Unit, authority: Authority, client_id: str) -> str:
    """Of one as it is. Raises NotFoundError."""
    return one(unit, authority, client_id).version


def create(unit: Unit, authority: Authority, wanted: NewFirmClient, *, is_https: bool) -> Made:
    """Make one. Raises InputError, RefusedError (`too_many`)."""
    if not wanted.scopes or set(wanted.scopes) - set(SCOPES):
        raise InputError(f"Choose among {', '.join(SCOPES)}.", field="scopes")
    if (_how_many(unit, authority.firm.id) or 0) >= MOST:
        raise RefusedError("too_many", f"A firm has {MOST} programs at most.")
    signs = wanted.jwks is not None or wanted.jwks_uri is not None
    application = Application(
        name=wanted.name,
        firm=authority.firm.number,
        auth_method=KEYS if signs else SECRET,
        grants=("client_credentials",),
        scopes=tuple(wanted.scopes),
        jwks=wanted.jwks,
        jwks_uri=wanted.jwks_uri,
    )
    server = Server(is_https, ())
    made = registration.register(unit, application, server, actor=authority.actor)
    after = {"name": application.name.strip(), "scopes": list(wanted.scopes)}
    _note(unit, authority, made.client_id, {}, after)
    return one(unit, authority, made.client_id), made.client_secret


def renew(unit: Unit, authority: Authority, client_id: str, wanted: SecretRenewal) -> Made:
    """A new secret; the one before it goes on for a while.

    Raises InputError, NotFoundError, and as `secrets.rotate` does.
    """
    client, hours = one(unit, authority, client_id), wanted.overlap_hours
    if not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        raise InputError(f"Name 0 to {LONGEST_OVERLAP_HOURS} hours.", field="overlap_hours")
    overlap = timedelta(hours=hours)
    secret = secrets.rotate(unit, client.id, overlap=overlap, actor=authority.actor)
    _note(unit, authority, client.id, {}, {"secret": "a new one"})
    return client, secret


def set_keys(
    unit: Unit, authority: Authority, client_id: str, wanted: FirmClientKeys, *, is_https: bool
) -> ServiceClient:
    """Other public keys. Raises InputError, NotFoundError."""
    client = one(unit, authority, client_id)
    client_changes.set_keys(
        unit,
        client.id,
        Server(is_https, ()),
        jwks=wanted.jwks,
        jwks_uri=wanted.jwks_uri,
        actor=authority.actor,
    )
    _note(unit, authority, client.id, {}, {"keys": "others"})
    return one(unit, authority, client.id)


def end(unit: Unit, authority: Authority, client_id: str) -> None:
    """What it was given is worth nothing at once. Raises NotFoundError, RefusedError (`disabled`)."""
    client = one(unit, authority, client_id)
    life.disable(unit, client.id, actor=authority.actor)
    _note(unit, authority, client.id, {"name": client.name}, {"disabled": "yes"})


CREATE = Act("made", create, needs=Needs.PERSON)
RENEW = Act("renewed", renew, needs=Needs.PERSON)
SET_KEYS = Act("keys", set_keys, needs=Needs.PERSON)
END = Act(
    "ended",
    end,
    needs=Needs.PERSON,
    done="The program is ended; what it was given is worth nothing.",
)


def _note(
    unit: Unit,
    authority: Authority,
    client_id: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    change = Change(SUBJECT, client_id, before=before, after=after)
    changes.record(unit, authority, Event.FIRM_CLIENT_CHANGED, change, client=client_id)


def _client(
    client_id: str,
    name: str,
    auth_method: str,
    grants: Sequence[str],
    scopes: Sequence[str],
    jwks: Mapping[str, Any] | None,
    jwks_uri: str | None,
    created_at: datetime,
    disabled_at: datetime | None,
) -> ServiceClient:
    return ServiceClient(
        client_id,
        name,
        auth_method,
        tuple(grants),
        tuple(scopes),
        jwks,
        jwks_uri,
        created_at,
        disabled_at,
    )


_COLUMNS = [clients.c[name] for name in ServiceClient.__dataclass_fields__]


def _of(firm_id: str) -> Select[Any]:
    return select(*_COLUMNS).where(clients.c.firm_id == firm_id)


@every(_client)
def _listed(firm_id: str) -> Select[Any]:
    return _of(firm_id).order_by(clients.c.created_at, clients.c.id)


@prepared.one(_client)
def _one(firm_id: str, client_id: str) -> Select[Any]:
    return _of(firm_id).where(clients.c.id == client_id)


@value
def _how_many(firm_id: str) -> Select[int]:
    return select(func.count()).where(clients.c.firm_id == firm_id, clients.c.disabled_at.is_(None))
