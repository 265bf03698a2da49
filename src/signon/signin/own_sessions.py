"""The sessions that a person has open, browsers' and programs', and ending them from elsewhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, select

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.config import Settings
from signon.db import Unit
from signon.errors import NotFoundError
from signon.prepared import every
from signon.signin import cso_sessions
from signon.signin import session as sessions_
from signon.signin.models import sessions
from signon.signin.session import Session
from signon.web.visitor import Source

REASON = "ended_by_owner"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A living session as its owner sees it; `user_agent` is what the browser says of itself.

    A program has the `address` that it signed in from, a browser none.
    """

    id: str
    since: datetime
    signed_in_at: datetime
    last_seen_at: datetime
    user_agent: str = ""
    address: str | None = None


def open_sessions(unit: Unit, account: Account, settings: Settings) -> list[OpenSession]:
    """All that live now, the one used last first."""
    browsers = [
        OpenSession(*found[:4], found.user_agent or "") for found in _of(unit, account, settings)
    ]
    programs = [
        OpenSession(one.id, one.began_at, one.began_at, one.seen_at, address=one.address)
        for one in cso_sessions.open_sessions(unit, account, settings)
    ]
    return sorted([*browsers, *programs], key=lambda one: one.last_seen_at, reverse=True)


def end_one(
    unit: Unit, account: Account, session_id: str, settings: Settings, *, source: Source
) -> None:
    """End one of the person's own. Raises NotFoundError for one that is over or another's."""
    living = _of(unit, account, settings)
    found = next((each for each in living if each.id == session_id), None)
    if found:
        sessions_.end(unit, _session(account, found), reason=REASON, source=source)
        return
    programs = {one.id for one in cso_sessions.open_sessions(unit, account, settings)}
    if session_id not in programs:
        raise NotFoundError("There is no such session of yours: it may have ended by itself.")
    cso_sessions.end(unit, account, session_id, reason=REASON, source=source)


def end_others(
    unit: Unit, account: Account, keep: str | None, settings: Settings, *, source: Source
) -> int:
    """End all but the one to keep, programs' too; answers how many."""
    others = [found for found in _of(unit, account, settings) if found.id != keep]
    for found in others:
        sessions_.end(unit, _session(account, found), reason=REASON, source=source)
    programs = cso_sessions.open_sessions(unit, account, settings)
    for one in programs:
        cso_sessions.end(unit, account, one.id, reason=REASON, source=source)
    return len(others) + len(programs)


class _Living(NamedTuple):
    id: str
    created_at: datetime
    auth_time: datetime
    seen_at: datetime
    user_agent: str | None
    expires_at: datetime
    acr: str
    amr: list[str]
    client_code: str | None
    met: dict[str, str]


def _session(account: Account, found: _Living) -> Session:
    return Session(
        id=found.id,
        account=account,
        auth_time=found.auth_time,
        seen_at=found.seen_at,
        expires_at=found.expires_at,
        acr=found.acr,
        amr=tuple(found.amr),
        client_code=found.client_code,
        met=found.met,
    )


def _of(unit: Unit, account: Account, settings: Settings) -> list[_Living]:
    idle = timedelta(seconds=settings.session_idle_seconds)
    return _living(unit, account.id, unit.now, unit.now - idle)


@every(_Living)
def _living(
    account_id: str, now: datetime, seen_after: datetime
) -> Select[
    str,
    datetime,
    datetime,
    datetime,
    str | None,
    datetime,
    str,
    list[str],
    str | None,
    dict[str, str],
]:
    return (
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
            sessions.c.account_id == account_id,
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
            sessions.c.seen_at > seen_after,
            sessions.c.auth_time >= accounts.c.valid_from,
        )
        .order_by(sessions.c.seen_at.desc(), sessions.c.id)
    )
