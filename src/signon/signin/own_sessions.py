"""The sessions that a person has open, and ending them from elsewhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.config import Settings
from signon.db import Moment, Unit
from signon.errors import NotFoundError
from signon.signin import session as sessions_
from signon.signin.models import sessions
from signon.signin.session import Session
from signon.web.visitor import Source

REASON = "ended_by_owner"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A living session as its owner sees it; `user_agent` is what the browser says of itself."""

    id: str
    since: datetime
    signed_in_at: datetime
    last_seen_at: datetime
    user_agent: str


def open_sessions(unit: Unit, account: Account, settings: Settings) -> list[OpenSession]:
    """All that live now, the one used last first."""
    rows = unit.execute(_LIVING, _values(unit, account, settings))
    return [OpenSession(*row[:4], row.user_agent or "") for row in rows]


def end_one(
    unit: Unit, account: Account, session_id: str, settings: Settings, *, source: Source
) -> None:
    """End one of the person's own. Raises NotFoundError for one that is over or another's."""
    values = _values(unit, account, settings)
    rows = unit.execute(_LIVING, values).mappings()
    found = next((row for row in rows if row["id"] == session_id), None)
    if found is None:
        raise NotFoundError("There is no such session of yours: it may have ended by itself.")
    sessions_.end(unit, _session(account, found), reason=REASON, source=source)


def end_others(
    unit: Unit, account: Account, keep: str | None, settings: Settings, *, source: Source
) -> int:
    """End all but the one to keep; answers how many."""
    rows = unit.execute(_LIVING, _values(unit, account, settings)).mappings().all()
    others = [row for row in rows if row["id"] != keep]
    for row in others:
        sessions_.end(unit, _session(account, row), reason=REASON, source=source)
    return len(others)


def _session(account: Account, row: Any) -> Session:
    return Session(
        id=row["id"],
        account=account,
        auth_time=row["auth_time"],
        seen_at=row["seen_at"],
        expires_at=row["expires_at"],
        acr=row["acr"],
        amr=tuple(row["amr"]),
        client_code=row["client_code"],
        met=row["met"],
    )


def _values(unit: Unit, account: Account, settings: Settings) -> dict[str, Any]:
    idle = timedelta(seconds=settings.session_idle_seconds)
    return {"account": account.id, "now": unit.now, "seen_after": unit.now - idle}


_LIVING = (
    select(
        sessions.c.id,
        sessions.c.created_at,
        sessions.c.auth_time,
        sessions.c.seen_at,
        sessions.c.user_agent,
        sessions.c.expires_at,
        sessions.c.acr,
        sessions.c.amr,
        sessions.c.client_code,
        sessions.c.met,
    )
    .join(accounts, accounts.c.id == sessions.c.account_id)
    .where(
        sessions.c.account_id == bindparam("account"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > bindparam("now", type_=Moment),
        sessions.c.seen_at > bindparam("seen_after", type_=Moment),
        sessions.c.auth_time >= accounts.c.valid_from,
    )
    .order_by(sessions.c.seen_at.desc(), sessions.c.id)
)
