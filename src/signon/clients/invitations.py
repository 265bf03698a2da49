"""Initial access tokens (RFC 7591 section 3): who may register a client by itself, and within what.

An operator or a court's administrator makes one for one registration (`inviters`). Its bounds hold
for as long as the client changes itself.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, select, update

from signon import ids, opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.clients.application import Application, Server
from signon.clients.checks import check_profile, check_scopes
from signon.clients.inviters import Inviter
from signon.clients.models import clients, dynamic_registrations, invitations
from signon.courts import registry as courts
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError, SignonError
from signon.prepared import change, every, one

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
MOST_HOSTS = 20
_NO_SERVER = Server(is_https=True, algorithms=())
_COMMAND_LINE = Inviter(trail.COMMAND_LINE)


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


class Given(NamedTuple):
    """An invitation as whoever invites sees it; `client_id` and `client_name` once it was used."""

    invitation: Invitation
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    client_id: str | None
    client_name: str | None


def invite(
    unit: Unit, bounds: Bounds, *, lasts: timedelta, inviter: Inviter = _COMMAND_LINE
) -> Invited:
    """Make a token for one registration within bounds.

    Raises InputError or RefusedError for a profile, scope or host that cannot be or that the
    inviter does not give, NotFoundError for an unknown court.
    """
    court = courts.read_one(unit, bounds.court).id if bounds.court else None
    wanted = Application("", court=court, profile=bounds.profile, scopes=bounds.scopes)
    for check in (check_profile, check_scopes):
        check(wanted, _NO_SERVER)
    hosts = tuple(dict.fromkeys(host.lower() for host in bounds.hosts))
    if not 1 <= len(hosts) <= MOST_HOSTS or not all(map(_HOST.fullmatch, hosts)):
        sentence = f"Name 1 to {MOST_HOSTS} hosts, such as ecf.casd.uscourts.gov."
        raise InputError(sentence, field="hosts")
    scopes = list(wanted.settled().scopes or ())
    inviter.require_within(court, bounds.profile, scopes, hosts)
    made = Invited(ids.new_id(), opaque_tokens.new_token(), unit.now + lasts)
    row = Invitation(made.invitation_id, court, bounds.profile, scopes, list(hosts), inviter.actor)
    digest = opaque_tokens.digest(made.initial_access_token)
    _insert(unit, row, digest, unit.now, made.expires_at)
    _record(unit, Event.CLIENT_INVITED, row, inviter)
    return made


def given(unit: Unit, inviter: Inviter) -> list[Given]:
    """Every invitation of the inviter's court, of an operator all, newest first."""
    return list(_given_at(unit, inviter.court.id) if inviter.court else _given(unit))


def find(unit: Unit, inviter: Inviter, invitation_id: str) -> Given:
    """One of them. Raises NotFoundError."""
    found = [each for each in given(unit, inviter) if each.invitation.id == invitation_id]
    if not found:
        raise NotFoundError("There is no such invitation.")
    return found[0]


def withdraw(unit: Unit, inviter: Inviter, invitation_id: str) -> None:
    """Take back an invitation that nobody has used; the trail alone remembers it.

    Raises NotFoundError, and RefusedError (`invitation_used`): a client that is there is disabled.
    """
    there = find(unit, inviter, invitation_id)
    if _delete(unit, invitation_id) != 1:
        raise RefusedError(
            "invitation_used",
            "A client has registered itself with this invitation: disable the client instead.",
        )
    _record(unit, Event.CLIENT_INVITATION_WITHDRAWN, there.invitation, inviter)


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


def _record(unit: Unit, event: Event, row: Invitation, inviter: Inviter) -> None:
    trail.record(unit, event, actor=inviter.actor, court_id=row.court_id, invitation=row.id)


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


@change
def _delete(invitation_id: str) -> Delete:
    unused = invitations.c.id == invitation_id, invitations.c.used_at.is_(None)
    return delete(invitations).where(*unused)


def _seen(
    created_at: datetime,
    expires_at: datetime,
    used_at: datetime | None,
    client_id: str | None,
    client_name: str | None,
    *row: Any,
) -> Given:
    return Given(Invitation(*row), created_at, expires_at, used_at, client_id, client_name)


def _every() -> Select[Any]:
    itself = dynamic_registrations.c.invitation_id == invitations.c.id
    registered = clients.c.id.label("client_id")
    times = [invitations.c[name] for name in ("created_at", "expires_at", "used_at")]
    found: Select[Any] = select(*times, registered, clients.c.name, *_COLUMNS)
    source = invitations.outerjoin(dynamic_registrations, itself)
    source = source.outerjoin(clients, clients.c.id == dynamic_registrations.c.client_id)
    return found.select_from(source).order_by(
        invitations.c.created_at.desc(), invitations.c.id.desc()
    )


@every(_seen)
def _given() -> Select[Any]:
    return _every()


@every(_seen)
def _given_at(court_id: str) -> Select[Any]:
    return _every().where(invitations.c.court_id == court_id)


@one(Invitation)
def _find(digest: bytes) -> Select[Any]:
    return _invitations().where(invitations.c.digest == digest)


@one(Invitation)
def of_client(client_id: str) -> Select[Any]:
    """The invitation by which a client has registered itself."""
    mine = dynamic_registrations.c.client_id == client_id
    same = dynamic_registrations.c.invitation_id == invitations.c.id
    return _invitations().join(dynamic_registrations, same).where(mine)
