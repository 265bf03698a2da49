"""The signed-in session: held by the server, named by a cookie, with an idle and an absolute limit.

The cookie's value is new at every authentication; the session's id (`sid`) stays the same
when the same person authenticates again, so that grants and logout keep their handle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, or_, select, update

from signon import ids, opaque_tokens
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, from_row
from signon.accounts.history import NO_PROOF, Proof
from signon.accounts.models import AccountStatus, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.errors import SignInFirstError
from signon.outbox import events
from signon.prepared import Prepared
from signon.signin.models import sessions
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
    idle = timedelta(seconds=settings.session_idle_seconds)
    values = {
        "digest": opaque_tokens.digest(token),
        "now": unit.now,
        "seen_after": unit.now - idle,
    }
    row = unit.row(_LOCK if unit.writes else _CURRENT, values)
    if row is None:
        return None
    return Session(
        id=row["session_id"],
        account=from_row(row),
        auth_time=row["auth_time"],
        seen_at=row["seen_at"],
        expires_at=row["expires_at"],
        acr=row["acr"],
        amr=tuple(row["amr"]),
        client_code=row["client_code"],
        met=row["met"],
        factor_since=row["factor_since"],
    )


def proof_of(unit: Unit, session_id: str | None) -> Proof:
    """What an act of a program is proved with: the sign-in in which the person allowed it."""
    if session_id is None:
        return NO_PROOF
    return Proof(session_id, unit.scalar(_FACTOR_SINCE, {"id": session_id}))


def living_count(unit: Unit, account_id: str, settings: Settings) -> int:
    """How many sessions of the account could be used now."""
    idle = timedelta(seconds=settings.session_idle_seconds)
    values = {"account": account_id, "now": unit.now, "seen_after": unit.now - idle}
    return unit.scalar(_LIVING_COUNT, values) or 0


def is_untouched(unit: Unit, session: Session) -> bool:
    """Whether `touch` would write: a reading unit asks before another one is opened."""
    return unit.now - session.seen_at >= TOUCH_AFTER


def touch(unit: Unit, session: Session) -> None:
    """Note that the session is in use, at most once in `TOUCH_AFTER`; one that ended stays so."""
    if is_untouched(unit, session):
        _update_living(unit, session, seen_at=unit.now)


def change(unit: Unit, session: Session, **values: Any) -> None:
    """Write into the row of a session that lives. Raises SignInFirstError for any other."""
    if not _update_living(unit, session, **values):
        raise SignInFirstError


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
    """Begin a session after an authentication and answer its cookie's value.

    The same person's previous session goes on under a new cookie; another person's is ended
    as if he had signed out. `factor_since` is when the factor was added that proved it. Raises SignInFirstError when the previous one has ended meanwhile:
    nothing brings it back.
    """
    token = opaque_tokens.new_token()
    values = {
        "digest": opaque_tokens.digest(token),
        "auth_time": unit.now,
        "seen_at": unit.now,
        "expires_at": unit.now + timedelta(seconds=settings.session_absolute_seconds),
        "acr": acr,
        "amr": list(amr),
        "factor_since": factor_since,
        "client_code": client_code,
        "user_agent": source.user_agent,
    }
    if previous and previous.account.id == account.id:
        change(unit, previous, **values)
        return token
    if previous:
        end(unit, previous, reason="replaced", source=source)
    unit.change(
        _INSERT,
        {
            "id": ids.new_id(),
            "account_id": account.id,
            "created_at": unit.now,
            "met": {},
            **values,
        },
    )
    return token


def end(unit: Unit, session: Session, *, reason: str, source: Source) -> None:
    """End a session by an act (sign-out, replaced, …), and every grant made in it.

    One that somebody has ended a moment before stays as that left it.
    """
    ended = unit.execute(
        update(sessions)
        .where(sessions.c.id == session.id, sessions.c.ended_at.is_(None))
        .values(ended_at=unit.now)
    )
    if ended.rowcount != 1:
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
    ended = unit.execute(
        update(sessions)
        .where(
            sessions.c.account_id == account_id,
            sessions.c.id != (keep or ""),
            sessions.c.ended_at.is_(None),
            sessions.c.auth_time <= until,
            sessions.c.expires_at > until,
        )
        .values(ended_at=unit.now)
        .returning(sessions.c.id)
    )
    return list(ended.scalars())


def _update_living(unit: Unit, session: Session, **values: Any) -> bool:
    """Update the row where the session lives, and nowhere else."""
    living = update(sessions).where(sessions.c.id == session.id, *_lives(unit.now))
    return unit.execute(living.values(**values)).rowcount == 1


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


_GIVEN = (
    "id",
    "digest",
    "account_id",
    "created_at",
    "auth_time",
    "seen_at",
    "expires_at",
    "acr",
    "amr",
    "factor_since",
    "client_code",
    "user_agent",
    "met",
)
_INSERT = Prepared(insert(sessions), given=_GIVEN)
_LIVING: Any = (
    select(
        sessions.c.id.label("session_id"),
        sessions.c.auth_time,
        sessions.c.seen_at,
        sessions.c.expires_at,
        sessions.c.acr,
        sessions.c.amr,
        sessions.c.factor_since,
        sessions.c.client_code,
        sessions.c.met,
        *ACCOUNT_COLUMNS,
    )
    .join(accounts, accounts.c.id == sessions.c.account_id)
    .where(
        sessions.c.digest == bindparam("digest"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("now"),
        sessions.c.seen_at > bindparam("seen_after"),
        accounts.c.status == AccountStatus.ACTIVE.value,
        sessions.c.auth_time >= accounts.c.valid_from,
    )
)
_FACTOR_SINCE = select(sessions.c.factor_since).where(sessions.c.id == bindparam("id"))
_CURRENT = Prepared(_LIVING)
# the account first, as every unit does that locks both
_LOCK = Prepared(_LIVING.with_for_update(of=[accounts, sessions], key_share=True))
_LIVING_COUNT = (
    select(func.count())
    .select_from(sessions.join(accounts, accounts.c.id == sessions.c.account_id))
    .where(
        sessions.c.account_id == bindparam("account"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("now"),
        sessions.c.seen_at > bindparam("seen_after"),
        sessions.c.auth_time >= accounts.c.valid_from,
    )
)
