"""The events about one account, newest first, with where they came from while that is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select

from signon.audit.events import Event
from signon.audit.models import AT_DESKS, events, origins
from signon.db import Unit

NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class Happened:
    """One event; `address` and `user_agent` are empty once their retention is over."""

    seq: int
    at: datetime
    event: str
    actor: str
    client_id: str | None
    court_id: str | None
    reason: str | None
    detail: Mapping[str, Any]
    address: str
    user_agent: str


def of_account(
    unit: Unit, account_id: str, *, before: int = NEWEST, limit: int = 20
) -> list[Happened]:
    """At most `limit` events about the account with a `seq` below `before`."""
    values = {"account": account_id, "before": before, "limit": limit}
    rows = unit.execute(_OF_ACCOUNT, values).mappings()
    empty = {"address": "", "user_agent": ""}
    return [Happened(**(dict(row) | (empty if row["address"] is None else {}))) for row in rows]


@dataclass(frozen=True, slots=True)
class AtCourt:
    """An event at a court, without where it came from."""

    seq: int
    at: datetime
    event: str
    actor: str
    account_id: str | None
    reason: str | None
    detail: Mapping[str, Any]


def of_court(
    unit: Unit, court_id: str, *, account_id: str = "", before: int = NEWEST, limit: int = 20
) -> list[AtCourt]:
    """At most `limit` events at the court, about one account if given, newest first."""
    values = {"court": court_id, "before": before, "limit": limit}
    if not account_id:
        return [AtCourt(*row) for row in unit.execute(_OF_COURT, values)]
    found = unit.execute(_OF_ACCOUNT_AT_COURT, {**values, "account": account_id})
    return [AtCourt(*row) for row in found]


@dataclass(frozen=True, slots=True)
class Noted:
    """An event without where it came from."""

    at: datetime
    event: str
    detail: Mapping[str, Any]


def of_kinds(unit: Unit, account_id: str, kinds: Sequence[Event], *, limit: int) -> list[Noted]:
    """At most `limit` events of these kinds about the account, newest first."""
    values = {"account": account_id, "kinds": kinds, "limit": limit}
    return [Noted(*row) for row in unit.execute(_OF_KINDS, values)]


def has_happened(unit: Unit, account_id: str, kinds: Sequence[Event], *, before: datetime) -> bool:
    """Whether one of these has happened to the account before that moment."""
    values = {"account": account_id, "kinds": kinds, "before": before}
    return bool(unit.scalar(_HAS_HAPPENED, values))


_ONE_OF = (
    events.c.account_id == bindparam("account"),
    events.c.event.in_(bindparam("kinds", expanding=True)),
)
_OF_KINDS = (
    select(events.c.at, events.c.event, events.c.detail)
    .where(*_ONE_OF)
    .order_by(events.c.seq.desc())
    .limit(bindparam("limit"))
)
_HAS_HAPPENED = select(exists().where(*_ONE_OF, events.c.at < bindparam("before")))
_OF_ACCOUNT = (
    select(
        events.c.seq,
        events.c.at,
        events.c.event,
        events.c.actor,
        events.c.client_id,
        events.c.court_id,
        events.c.reason,
        events.c.detail,
        origins.c.address,
        origins.c.user_agent,
    )
    .select_from(events.outerjoin(origins, origins.c.event_id == events.c.id))
    .where(events.c.account_id == bindparam("account"), events.c.seq < bindparam("before"))
    .order_by(events.c.seq.desc())
    .limit(bindparam("limit"))
)
_AT_COURT = (
    select(
        events.c.seq,
        events.c.at,
        events.c.event,
        events.c.actor,
        events.c.account_id,
        events.c.reason,
        events.c.detail,
    )
    .where(events.c.court_id == bindparam("court"), events.c.seq < bindparam("before"))
    .order_by(events.c.seq.desc())
    .limit(bindparam("limit"))
)
_OF_COURT = _AT_COURT.where(AT_DESKS)
_OF_ACCOUNT_AT_COURT = _AT_COURT.where(events.c.account_id == bindparam("account"))
