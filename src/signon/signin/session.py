"""The signed-in session: held by the server, named by a cookie, with an idle and an absolute limit.

The cookie's value is new at every authentication; the session's id (`sid`) stays the same
when the same person authenticates again, so that grants and logout keep their handle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, Update, func, insert, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon import opaque_tokens
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.history import NO_PROOF, Proof
from signon.accounts.models import AccountStatus, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.errors import SignInFirstError
from signon.outbox import events
from signon.prepared import change, one, value, values
from signon.signin import filing_for, new_session
from signon.signin.models import sessions
from signon.signin.new_session import Authenticated, NewSession
from signon.tokens import grants
from signon.web.visitor import Source

TOUCH_AFTER = timedelta(seconds=60)
"""How stale `seen_at` may be: an idle limit needs no write on every request."""

AAL1 = "http://idmanagement.gov/ns/assurance/aal/1"
AAL2 = "http://idmanagement.gov/ns/assurance/aal/2"
PASSWORD = ("pwd",)
ENDED = "session:ended"
"""Kind of the outbox event of a session that an act has ended; no time limit makes one."""


SESSION_COLUMNS = (
    sessions.c.id.label("session_id"),
    sessions.c.auth_time,
    sessions.c.acr,
    sessions.c.amr,
    sessions.c.client_code,
    sessions.c.ended_at.label("session_ended_at"),
    sessions.c.expires_at.label("session_expires_at"),
)
"""What a session says of its sign-in; selected by hot statements of higher features."""


@dataclass(frozen=True, slots=True)
class Session:
    """A living session of a living account."""

    id: str
    account: Account
    auth_time: datetime
    seen_at: datetime
    expires_at: datetime
    acr: str
    amr: tuple[str, ...]
    client_code: str | None
    met: Mapping[str, str]
    factor_since: datetime | None = None

    @property
    def proof(self) -> Proof:
        """What an act in this session is proved with."""
        return Proof(self.id, self.factor_since)

    def is_fresh(self, now: datetime, settings: Settings) -> bool:
        """Whether the sign-in is young enough for a sensitive change."""
        return now - self.auth_time <= timedelta(seconds=settings.reauthentication_seconds)


def current(unit: Unit, token: str | None, settings: Settings) -> Session | None:
    """The session that a cookie names, or None when it has ended in whatever way.

    It joins the account's status and `valid_from`, so disabling an account ends it at once. In a
    writing unit account and session stay locked: whatever ends one of them or freezes the account
    comes either before, which is seen here, or after, and ends what this unit does.
    """
    if token is None:
        return None
    find = _lock if unit.writes else _current
    return find(unit, *look(unit, token, settings))


def look(unit: Unit, token: str, settings: Settings) -> tuple[bytes, datetime, datetime]:
    """What `living` is given to find the session that a cookie names."""
    idle = timedelta(seconds=settings.session_idle_seconds)
    return opaque_tokens.digest(token), unit.now, unit.now - idle


def living(digest: bytes, now: datetime, seen_after: datetime) -> Select[Any]:
    """A living session of a living account: part of a higher feature's one statement.

    Its columns are those of `made_of`; it joins `accounts`.
    """
    return (
        select(*_COLUMNS)
        .join(accounts, accounts.c.id == sessions.c.account_id)
        .where(
            sessions.c.digest == digest,
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
            sessions.c.seen_at > seen_after,
            accounts.c.status == AccountStatus.ACTIVE.value,
            sessions.c.auth_time >= accounts.c.valid_from,
        )
    )


def made_of(
    session_id: str,
    auth_time: datetime,
    seen_at: datetime,
    expires_at: datetime,
    acr: str,
    amr: Sequence[str],
    client_code: str | None,
    met: Mapping[str, str],
    factor_since: datetime | None,
    *account: Any,
) -> Session:
    """A session of the columns of `living`."""
    return Session(
        session_id,
        filing_for.said(account_of(*account), met),
        auth_time,
        seen_at,
        expires_at,
        acr,
        tuple(amr),
        client_code,
        met,
        factor_since,
    )


def proof_of(unit: Unit, session_id: str | None) -> Proof:
    """What an act of a program is proved with: the sign-in in which the person allowed it."""
    if session_id is None:
        return NO_PROOF
    return Proof(session_id, _factor_since(unit, session_id))


def living_count(unit: Unit, account_id: str, settings: Settings) -> int:
    """How many sessions of the account could be used now."""
    idle = timedelta(seconds=settings.session_idle_seconds)
    return _living_count(unit, account_id, unit.now, unit.now - idle) or 0


def is_untouched(unit: Unit, session: Session) -> bool:
    """Whether `touch` would write: a reading unit asks before another one is opened."""
    return unit.now - session.seen_at >= TOUCH_AFTER


def touch(unit: Unit, session: Session) -> None:
    """Note that the session is in use, at most once in `TOUCH_AFTER`; one that ended stays so."""
    if is_untouched(unit, session):
        _touch(unit, session.id, unit.now)


def note_met(unit: Unit, session: Session, met: Mapping[str, str]) -> None:
    """Keep which demands were met. Raises SignInFirstError for a session that does not live."""
    if _note_met(unit, session.id, unit.now, met) != 1:
        raise SignInFirstError


def bill_under(unit: Unit, session: Session, client_code: str | None) -> None:
    """Keep another client code. Raises SignInFirstError for a session that does not live."""
    if _bill_under(unit, session.id, unit.now, client_code) != 1:
        raise SignInFirstError


def begin(
    unit: Unit, account: Account, new: NewSession, *, previous: Session | None, source: Source
) -> Session:
    """Begin it. The same person's previous session goes on under the new cookie; another person's
    is ended as if he had signed out.

    Raises SignInFirstError when the previous one has ended meanwhile: nothing brings it back.
    """
    if previous and previous.account.id == account.id:
        if _renew(unit, previous.id, unit.now, new.proved) != 1:
            raise SignInFirstError
        return begun(new, account, previous)
    if previous:
        end(unit, previous, reason="replaced", source=source)
    _start(unit, new.id, account.id, unit.now, new.proved)
    return begun(new, account)


def begun(new: NewSession, account: Account, previous: Session | None = None) -> Session:
    """The session that it makes; it may go on from that person's previous one."""
    proved = new.proved
    return Session(
        previous.id if previous else new.id,
        account,
        proved.auth_time,
        proved.seen_at,
        proved.expires_at,
        proved.acr,
        tuple(proved.amr),
        proved.client_code,
        previous.met if previous else {},
        proved.factor_since,
    )


def start(
    unit: Unit,
    account: Account,
    *,
    settings: Settings,
    previous: Session | None,
    source: Source,
    acr: str = AAL1,
    amr: Sequence[str] = PASSWORD,
    factor_since: datetime | None = None,
    client_code: str | None = None,
) -> str:
    """Draw one, `begin` it, and answer its cookie's value. Raises SignInFirstError."""
    new = new_session.draw(
        unit,
        settings,
        source,
        acr=acr,
        amr=amr,
        factor_since=factor_since,
        client_code=client_code,
    )
    begin(unit, account, new, previous=previous, source=source)
    return new.token


def end(unit: Unit, session: Session, *, reason: str, source: Source) -> None:
    """End a session by an act (sign-out, replaced, …), and every grant made in it.

    One that somebody has ended a moment before stays as that left it.
    """
    if _end(unit, session.id, unit.now) != 1:
        return
    events.put(unit, ENDED, {"session": session.id})
    grants.revoke_of_session(unit, session.id, reason=reason)
    trail.record(
        unit,
        Event.SESSION_ENDED,
        actor=session.account.id,
        account_id=session.account.id,
        reason=reason,
        source=source,
        session=session.id,
    )


def sign_out(
    unit: Unit, settings: Settings, *, session_token: str | None, source: Source
) -> Session | None:
    """End the session by the person's own act; None when there was none."""
    session = current(unit, session_token, settings)
    if session:
        end(unit, session, reason="signed_out", source=source)
    return session


def end_all(unit: Unit, account_id: str, *, until: datetime, keep: str | None = None) -> list[str]:
    """Mark as ended what the account's `valid_from` has ended already; answers the sessions' ids.

    Sessions of later sign-ins and the one to `keep` go on, and those whose time was over before
    have ended by that.
    """
    return _end_all(unit, account_id, keep or "", until, unit.now)


def _lives(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Neither ended nor over, of an active account that was not signed out since.

    A `valid_from` of this very moment is the unit's own, which signs out all but this session.
    """
    holds = or_(accounts.c.valid_from <= sessions.c.auth_time, accounts.c.valid_from == now)
    return (
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > now,
        select(accounts.c.id)
        .where(
            accounts.c.id == sessions.c.account_id,
            accounts.c.status == AccountStatus.ACTIVE.value,
            holds,
        )
        .exists(),
    )


_COLUMNS: Sequence[ColumnElement[Any]] = (
    sessions.c.id.label("session_id"),
    sessions.c.auth_time,
    sessions.c.seen_at,
    sessions.c.expires_at,
    sessions.c.acr,
    sessions.c.amr,
    sessions.c.client_code,
    sessions.c.met,
    sessions.c.factor_since,
    *ACCOUNT_COLUMNS,
)


def _update(session_id: str, now: datetime) -> Update:
    """Where the session lives, and nowhere else."""
    return update(sessions).where(sessions.c.id == session_id, *_lives(now))


@one(made_of)
def _current(digest: bytes, now: datetime, seen_after: datetime) -> Select[Any]:
    return living(digest, now, seen_after)


@one(made_of)
def _lock(digest: bytes, now: datetime, seen_after: datetime) -> Select[Any]:
    # the account first, as every unit does that locks both
    found = living(digest, now, seen_after)
    return found.with_for_update(of=[accounts, sessions], key_share=True)


@value
def _factor_since(session_id: str) -> Select[datetime | None]:
    return select(sessions.c.factor_since).where(sessions.c.id == session_id)


@value
def _living_count(account_id: str, now: datetime, seen_after: datetime) -> Select[int]:
    return (
        select(func.count())
        .select_from(sessions.join(accounts, accounts.c.id == sessions.c.account_id))
        .where(
            sessions.c.account_id == account_id,
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
            sessions.c.seen_at > seen_after,
            sessions.c.auth_time >= accounts.c.valid_from,
        )
    )


@change
def _start(session_id: str, account_id: str, now: datetime, proved: Authenticated) -> Insert:
    return insert(sessions).values(
        id=session_id, account_id=account_id, created_at=now, met={}, **proved._asdict()
    )


@change
def _renew(session_id: str, now: datetime, proved: Authenticated) -> Update:
    return _update(session_id, now).values(**proved._asdict())


@change
def _touch(session_id: str, now: datetime) -> Update:
    return _update(session_id, now).values(seen_at=now)


@change
def _note_met(session_id: str, now: datetime, met: Mapping[str, str]) -> Update:
    return _update(session_id, now).values(met=met)


@change
def _bill_under(session_id: str, now: datetime, client_code: str | None) -> Update:
    return _update(session_id, now).values(client_code=client_code)


@change
def _end(session_id: str, now: datetime) -> Update:
    still = update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None))
    return still.values(ended_at=now)


@values
def _end_all(account_id: str, keep: str, until: datetime, now: datetime) -> ReturningUpdate[str]:
    return (
        update(sessions)
        .where(
            sessions.c.account_id == account_id,
            sessions.c.id != keep,
            sessions.c.ended_at.is_(None),
            sessions.c.auth_time <= until,
            sessions.c.expires_at > until,
        )
        .values(ended_at=now)
        .returning(sessions.c.id)
    )
