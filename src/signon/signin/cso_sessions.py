"""Sessions of programs by the PACER Authentication API (docs/decisions/0029).

A session of its own kind: no page knows it, and no cookie of ours. Its token lives for an idle time
after its last use, at most until the absolute limit, and ends with the account's other sessions.
After half its idle time a client that is marked for it is handed a new one; the old one lives on
for a grace, because other requests of the same program are under way with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Insert, Select, Update, and_, insert, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon import ids, opaque_tokens
from signon.accounts import programs
from signon.accounts.directory import Account
from signon.accounts.models import AccountStatus, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.prepared import change, every, given, one, values
from signon.signin.models import cso_sessions
from signon.signin.session import TOUCH_AFTER
from signon.web.visitor import Source


@dataclass(frozen=True, slots=True)
class Assurance:
    """How well a program's sign-in was proved."""

    acr: str
    amr: Sequence[str]


class New(NamedTuple):
    """What is written of one."""

    id: str
    digest: bytes
    account_id: str
    began_at: datetime
    issued_at: datetime
    seen_at: datetime
    expires_at: datetime
    acr: str
    amr: Sequence[str]
    client_code: str | None
    searches: bool
    files: bool
    met: Mapping[str, str]
    address: str


class Used(NamedTuple):
    """What the use of a session depends on; higher features select `USED` for it."""

    id: str
    digest: bytes
    began_at: datetime
    issued_at: datetime
    seen_at: datetime
    expires_at: datetime
    acr: str
    amr: list[str]
    client_code: str | None
    searches: bool
    files: bool


USED: tuple[ColumnElement[Any], ...] = tuple(
    cso_sessions.c[name].label(f"cso_{name}") for name in Used._fields
)


class Open(NamedTuple):
    """A living session as its owner sees it."""

    id: str
    began_at: datetime
    seen_at: datetime
    address: str


def begin(
    unit: Unit,
    account: Account,
    assurance: Assurance,
    *,
    client_code: str | None,
    searches: bool,
    files: bool,
    met: Mapping[str, str],
    settings: Settings,
    source: Source,
) -> str:
    """Begin one for an account that this unit holds; answers its token. `met`: demands that its
    program has met, and how.
    """
    token, now = opaque_tokens.new_cso_token(), unit.now
    new = New(
        ids.new_id(),
        opaque_tokens.digest(token),
        account.id,
        now,
        now,
        now,
        now + timedelta(seconds=settings.cso_absolute_seconds),
        assurance.acr,
        list(assurance.amr),
        client_code,
        searches,
        files,
        met,
        source.address,
    )
    _begin(unit, new)
    trail.record(
        unit,
        Event.PROGRAM_SIGNED_IN,
        actor=account.id,
        account_id=account.id,
        source=source,
        session=new.id,
        files=files,
    )
    return token


def sign_out(unit: Unit, token: str, settings: Settings, *, source: Source) -> None:
    """End the session of a token, present or previous; of one that is over nothing is said."""
    found = _found(unit, *look(unit, token, settings))
    if found:
        _ended(unit, found.id, found.account_id, reason="signed_out", source=source)


def end(unit: Unit, account: Account, session_id: str, *, reason: str, source: Source) -> None:
    """End one of the account's."""
    _ended(unit, session_id, account.id, reason=reason, source=source)


def end_all(unit: Unit, account_id: str) -> int:
    """End all of an account's, by the act that its caller records; answers how many."""
    return len(_end_all(unit, account_id, unit.now))


def end_of_members(unit: Unit, firm: str) -> int:
    """End all of the members of the firm of that number; answers how many."""
    return len(_end_of_members(unit, firm, unit.now))


def open_sessions(unit: Unit, account: Account, settings: Settings) -> list[Open]:
    """All of the account's that live now, the one used last first."""
    return _open(unit, account.id, unit.now, _seen_after(unit, settings))


def look(unit: Unit, token: str, settings: Settings) -> tuple[bytes, datetime, datetime]:
    """What `living` is given to find the session of a token."""
    return opaque_tokens.digest(token), unit.now, _seen_after(unit, settings)


def living(digest: bytes, now: datetime, seen_after: datetime) -> ColumnElement[bool]:
    """Whether a token's session lives, over `cso_sessions` joined with its `accounts`."""
    is_previous = and_(
        cso_sessions.c.previous == digest, cso_sessions.c.previous_until > given(now)
    )
    return and_(or_(cso_sessions.c.digest == digest, is_previous), _lives(now, seen_after))


def is_untouched(used: Used, now: datetime) -> bool:
    """Whether there is something to `touch`."""
    return now - used.seen_at >= TOUCH_AFTER


def touch(unit: Unit, used: Used) -> None:
    """Note that it is in use; one that ended stays so."""
    _touch(unit, used.id, unit.now)


def is_due(used: Used, token: str, now: datetime, settings: Settings) -> bool:
    """Whether the token is the session's present one, and half its idle time has passed."""
    half = timedelta(seconds=settings.cso_idle_seconds / 2)
    return opaque_tokens.matches(token, used.digest) and now - used.issued_at >= half


def renew(unit: Unit, used: Used, settings: Settings) -> str | None:
    """Another token in place of the present one; of any number at the same moment one gets it."""
    token = opaque_tokens.new_cso_token()
    until = unit.now + timedelta(seconds=settings.cso_grace_seconds)
    renewed = _renew(unit, used.id, used.digest, opaque_tokens.digest(token), unit.now, until)
    return token if renewed == 1 else None


def _seen_after(unit: Unit, settings: Settings) -> datetime:
    return unit.now - timedelta(seconds=settings.cso_idle_seconds)


def _ended(unit: Unit, session_id: str, account_id: str, *, reason: str, source: Source) -> None:
    if _end(unit, session_id, unit.now) != 1:
        return
    trail.record(
        unit,
        Event.PROGRAM_SIGNED_OUT,
        actor=account_id,
        account_id=account_id,
        reason=reason,
        source=source,
        session=session_id,
    )


def _lives(now: datetime, seen_after: datetime) -> ColumnElement[bool]:
    """Neither ended nor over, of an account that is active, not signed out since, and allows it."""
    return and_(
        cso_sessions.c.ended_at.is_(None),
        cso_sessions.c.expires_at > now,
        cso_sessions.c.seen_at > seen_after,
        accounts.c.status == AccountStatus.ACTIVE.value,
        cso_sessions.c.began_at >= accounts.c.valid_from,
        programs.are_allowed(),
    )


class _Found(NamedTuple):
    id: str
    account_id: str


@change
def _begin(new: New) -> Insert:
    return insert(cso_sessions).values(**new._asdict())


@one(_Found)
def _found(digest: bytes, now: datetime, seen_after: datetime) -> Select[str, str]:
    return (
        select(cso_sessions.c.id, cso_sessions.c.account_id)
        .join(accounts, accounts.c.id == cso_sessions.c.account_id)
        .where(living(digest, now, seen_after))
    )


@every(Open)
def _open(
    account_id: str, now: datetime, seen_after: datetime
) -> Select[str, datetime, datetime, str]:
    return (
        select(
            cso_sessions.c.id,
            cso_sessions.c.began_at,
            cso_sessions.c.seen_at,
            cso_sessions.c.address,
        )
        .join(accounts, accounts.c.id == cso_sessions.c.account_id)
        .where(cso_sessions.c.account_id == account_id, _lives(now, seen_after))
        .order_by(cso_sessions.c.seen_at.desc(), cso_sessions.c.id)
    )


@change
def _end(session_id: str, now: datetime) -> Update:
    still = update(cso_sessions).where(
        cso_sessions.c.id == session_id, cso_sessions.c.ended_at.is_(None)
    )
    return still.values(ended_at=now)


@values
def _end_all(account_id: str, now: datetime) -> ReturningUpdate[str]:
    still = update(cso_sessions).where(
        cso_sessions.c.account_id == account_id, cso_sessions.c.ended_at.is_(None)
    )
    return still.values(ended_at=now).returning(cso_sessions.c.id)


@values
def _end_of_members(firm: str, now: datetime) -> ReturningUpdate[str]:
    members = select(accounts.c.id).where(accounts.c.firm_number == firm)
    still = update(cso_sessions).where(
        cso_sessions.c.account_id.in_(members), cso_sessions.c.ended_at.is_(None)
    )
    return still.values(ended_at=now).returning(cso_sessions.c.id)


@change
def _touch(session_id: str, now: datetime) -> Update:
    still = update(cso_sessions).where(
        cso_sessions.c.id == session_id, cso_sessions.c.ended_at.is_(None)
    )
    return still.values(seen_at=now)


@change
def _renew(
    session_id: str, present: bytes, successor: bytes, now: datetime, until: datetime
) -> Update:
    still = update(cso_sessions).where(
        cso_sessions.c.id == session_id,
        cso_sessions.c.digest == present,
        cso_sessions.c.ended_at.is_(None),
    )
    return still.values(
        digest=successor, previous=present, previous_until=until, issued_at=now, seen_at=now
    )
