"""A firm's own programs: an administrator makes them, renews what they prove themselves by, ends them.

They speak for themselves (`client_credentials`) and reach their own firm only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

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
from signon.firms.access import Authority
from signon.firms.changes import Change
from signon.prepared import every, value
from signon.web.preconditions import etag_of

SUBJECT = "client"
SCOPES = ("firm:read", "firm:members", "firm:settings")
SECRET, KEYS = "client_secret_basic", "private_key_jwt"
MOST = 50


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to register: with public keys it signs, without it shows a secret."""

    name: str
    scopes: Sequence[str]
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None

    @property
    def signs(self) -> bool:
        """Whether it proves itself by keys of its own."""
        return self.jwks is not None or self.jwks_uri is not None


def listed(unit: Unit, authority: Authority) -> list[ServiceClient]:
    """All of the firm's, in the order in which they were made."""
    return _listed(unit, authority.firm.id)


def one(unit: Unit, authority: Authority, client_id: str) -> ServiceClient:
    """One of the firm's. Raises NotFoundError."""
    found = _one(unit, authority.firm.id, client_id)
    if found is None:
        raise NotFoundError("The firm has no such program.")
    return found


def create(
    unit: Unit, authority: Authority, wanted: Wanted, *, is_https: bool
) -> tuple[ServiceClient, str | None]:
    """Make one; answers its secret too, which is never shown again.

    Raises InputError, RefusedError, ApiError (`administrator_needed`).
    """
    authority.require_person()
    if not wanted.scopes or set(wanted.scopes) - set(SCOPES):
        raise InputError(f"Choose among {', '.join(SCOPES)}.", field="scopes")
    if (_how_many(unit, authority.firm.id) or 0) >= MOST:
        raise RefusedError("too_many", f"A firm has {MOST} programs at most.")
    application = Application(
        name=wanted.name,
        firm=authority.firm.number,
        auth_method=KEYS if wanted.signs else SECRET,
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


def rotate(unit: Unit, authority: Authority, client: ServiceClient, *, overlap: timedelta) -> str:
    """A new secret; the one before it goes on for the overlap. Raises as `secrets.rotate`."""
    authority.require_person()
    secret = secrets.rotate(unit, client.id, overlap=overlap, actor=authority.actor)
    _note(unit, authority, client.id, {}, {"secret": "a new one"})
    return secret


def set_keys(
    unit: Unit,
    authority: Authority,
    client: ServiceClient,
    *,
    jwks: Mapping[str, Any] | None,
    jwks_uri: str | None,
    is_https: bool,
) -> None:
    """Other public keys. Raises InputError."""
    authority.require_person()
    server = Server(is_https, ())
    client_changes.set_keys(
        unit, client.id, server, jwks=jwks, jwks_uri=jwks_uri, actor=authority.actor
    )
    _note(unit, authority, client.id, {}, {"keys": "others"})


def disable(unit: Unit, authority: Authority, client: ServiceClient) -> None:
    """End it: what it was given is worth nothing at once. Raises RefusedError (`disabled`)."""
    authority.require_person()
    life.disable(unit, client.id, actor=authority.actor)
    _note(unit, authority, client.id, {"name": client.name}, {"disabled": "yes"})


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
