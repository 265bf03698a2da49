"""Initial access tokens (RFC 7591 section 3): who may register a client by itself, and within what.

An operator or a court's administrator makes one for one registration. Its bounds hold for as long
as the client changes itself.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Insert, Select, Update, insert, select, update

from signon import ids, opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.application import Application, Server
from signon.clients.checks import check_profile, check_scopes
from signon.clients.models import dynamic_registrations, invitations
from signon.courts import registry as courts
from signon.db import Unit
from signon.errors import InputError, RefusedError, SignonError
from signon.prepared import change, one

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
MOST_HOSTS = 20
_NO_SERVER = Server(is_https=True, algorithms=())


class TokenRefusedError(SignonError):
    """No such token, or it has ended or was used."""

    def __init__(self) -> None:
        super().__init__("The token cannot be used.")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an invited client may be; `court` is a CM/ECF id, `scopes` of None the defaults."""

    profile: str
    hosts: Sequence[str]
    court: str | None = None
    scopes: Sequence[str] | None = None


class Invited(NamedTuple):
    """A new invitation; the token exists nowhere else and is never shown again."""

    invitation_id: str
    initial_access_token: str
    expires_at: datetime


class Invitation(NamedTuple):
    """An invitation as its row has it."""

    id: str
    court_id: str | None
    profile: str
    scopes: Sequence[str]
    hosts: Sequence[str]
    made_by: str


def invite(
    unit: Unit, bounds: Bounds, *, lasts: timedelta, actor: str = trail.COMMAND_LINE
) -> Invited:
    """Make a token for one registration within bounds.

    Raises InputError or RefusedError for a profile, scope or host that cannot be, NotFoundError
    for an unknown court.
    """
    court = courts.read_one(unit, bounds.court).id if bounds.court else None
    wanted = Application("", court=court, profile=bounds.profile, scopes=bounds.scopes)
    for check in (check_profile, check_scopes):
        check(wanted, _NO_SERVER)
    hosts = tuple(dict.fromkeys(host.lower() for host in bounds.hosts))
    if not 1 <= len(hosts) <= MOST_HOSTS or not all(map(_HOST.fullmatch, hosts)):
        raise InputError(f"Name 1 to {MOST_HOSTS} hosts, such as ecf.casd.uscourts.gov.")
    made = Invited(ids.new_id(), opaque_tokens.new_token(), unit.now + lasts)
    scopes = list(wanted.settled().scopes or ())
    invitation = Invitation(made.invitation_id, court, bounds.profile, scopes, list(hosts), actor)
    digest = opaque_tokens.digest(made.initial_access_token)
    _insert(unit, invitation, digest, unit.now, made.expires_at)
    trail.record(
        unit, Event.CLIENT_INVITED, actor=actor, court_id=court, invitation=made.invitation_id
    )
    return made


def use(unit: Unit, token: str) -> Invitation:
    """Spend a token for the registration of this unit. Raises TokenRefusedError."""
    digest = opaque_tokens.digest(token)
    if _use(unit, digest, unit.now) != 1:
        raise TokenRefusedError
    found = _find(unit, digest)
    assert found is not None
    return found


def require_within(invitation: Invitation, asked: Application) -> None:
    """Raises InputError or RefusedError for what lies outside of the bounds."""
    if outside := sorted(set(asked.scopes or ()).difference(invitation.scopes)):
        raise RefusedError("scope", f"The invitation does not bring the scope {outside[0][:64]}.")
    for field, address in _addresses(asked):
        if _host(address) not in invitation.hosts:
            named = ", ".join(invitation.hosts)
            raise InputError(f"Addresses of the client must lie on {named}.", field=field)


def _addresses(asked: Application) -> Iterator[tuple[str, str]]:
    yield from (("redirect_uris", uri) for uri in asked.redirect_uris)
    yield from (("post_logout_redirect_uris", uri) for uri in asked.post_logout_redirect_uris)
    for field in ("jwks_uri", "backchannel_logout_uri"):
        if address := getattr(asked, field):
            yield field, address


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


_COLUMNS = tuple(invitations.c[name] for name in Invitation._fields)


def _invitations() -> Select[Any]:
    found: Select[Any] = select(*_COLUMNS)
    return found


@change
def _insert(row: Invitation, digest: bytes, now: datetime, until: datetime) -> Insert:
    return insert(invitations).values(
        **row._asdict(), digest=digest, created_at=now, expires_at=until
    )


@change
def _use(digest: bytes, now: datetime) -> Update:
    fresh = (
        invitations.c.digest == digest,
        invitations.c.used_at.is_(None),
        invitations.c.expires_at > now,
    )
    return update(invitations).where(*fresh).values(used_at=now)


@one(Invitation)
def _find(digest: bytes) -> Select[Any]:
    return _invitations().where(invitations.c.digest == digest)


@one(Invitation)
def of_client(client_id: str) -> Select[Any]:
    """The invitation by which a client has registered itself."""
    mine = dynamic_registrations.c.client_id == client_id
    same = dynamic_registrations.c.invitation_id == invitations.c.id
    return _invitations().join(dynamic_registrations, same).where(mine)
