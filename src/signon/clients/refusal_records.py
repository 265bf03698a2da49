"""Refused requests in the database: the last few of each client, kind and minute, and their counts.

The audit chain gets no request, only a client's counts of an hour, once the hour is over.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningUpdate

from signon.audit import trail
from signon.audit.events import Event
from signon.clients.models import refusal_counts, refusals
from signon.clients.refusal_reasons import Reason
from signon.db import Database, Moment, Unit
from signon.prepared import every

KEPT = 10
"""Requests of one client, kind and minute that are kept whole; the others are counted."""
NOBODY = ""
"""Stands for the client where none is registered: all of those share one count and one bound."""
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BATCH = 100

Kind = tuple[str, Reason]
"""A registered client's id, or `NOBODY`, and why."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One refused request. `named` is the digest of an id that no client has: somebody may have
    put a secret into its place. `detail` is of our own words, or an address without its query.
    """

    request_id: str
    at: datetime
    client_id: str
    named: bytes | None
    endpoint: str
    reason: Reason
    detail: str
    network: str


@dataclass(slots=True)
class Heap:
    """What has come together of one kind since the last time it was stored."""

    count: int = 0
    newest: deque[Refused] = field(default_factory=lambda: deque(maxlen=KEPT))


def store(unit: Unit, heaps: Mapping[Kind, Heap]) -> None:
    """Add the counts to this hour's and keep the newest requests of each minute."""
    hour = unit.now.replace(minute=0, second=0, microsecond=0)
    # in one order, so that no two processes wait for each other
    kinds = sorted(heaps)
    counted = [
        {"client_id": client_id, "reason": why, "hour": hour, "count": heaps[client_id, why].count}
        for client_id, why in kinds
    ]
    newest = [one for kind in kinds for one in heaps[kind].newest]
    minutes = {
        (one.client_id, one.reason, one.at.replace(second=0, microsecond=0)) for one in newest
    }
    # many rows, each
    unit.execute(_COUNT, counted)
    unit.execute(_KEEP, [asdict(one) for one in newest])
    unit.execute(
        _TRIM,
        [
            {"of_client": client_id, "why": why, "since": minute, "until": minute + MINUTE}
            for client_id, why, minute in sorted(minutes)
        ],
    )


async def record_counts(database: Database) -> int:
    """Put the counts of hours that are over into the audit trail; answers how many events."""
    told = 0
    for client_id, hour in await database.read(_due):
        told += await database.write(record, client_id, hour)
    return told


def record(unit: Unit, client_id: str, hour: datetime) -> bool:
    """One event for a client's hour; False when another process was faster."""
    counts = {row.reason: row.number for row in _tell(unit, client_id, hour, unit.now)}
    if counts:
        trail.record(
            unit,
            Event.CLIENT_REFUSED,
            actor=trail.SYSTEM,
            client_id=client_id or None,
            hour=hour.isoformat(),
            counts=counts,
        )
    return bool(counts)


def _due(unit: Unit) -> "list[_Hour]":
    # a minute later: what was on its way when the hour ended is there by then
    return _untold(unit, unit.now - HOUR - MINUTE)


_NEW = insert(refusal_counts)
_COUNT = _NEW.on_conflict_do_update(
    index_elements=["client_id", "hour", "reason"],
    set_={"count": refusal_counts.c["count"] + _NEW.excluded["count"]},
)
_KEEP = insert(refusals).on_conflict_do_nothing()
_OF_MINUTE = (
    refusals.c.client_id == bindparam("of_client"),
    refusals.c.reason == bindparam("why"),
    refusals.c.at >= bindparam("since", type_=Moment),
    refusals.c.at < bindparam("until", type_=Moment),
)
_TRIM = delete(refusals).where(
    *_OF_MINUTE,
    refusals.c.request_id.not_in(
        select(refusals.c.request_id)
        .where(*_OF_MINUTE)
        .order_by(refusals.c.at.desc(), refusals.c.request_id)
        .limit(KEPT)
    ),
)


class _Hour(NamedTuple):
    client_id: str
    hour: datetime


class _Count(NamedTuple):
    reason: str
    number: int


@every(_Hour)
def _untold(over: datetime) -> Select[str, datetime]:
    return (
        select(refusal_counts.c.client_id, refusal_counts.c.hour)
        .where(refusal_counts.c.told_at.is_(None), refusal_counts.c.hour <= over)
        .distinct()
        .order_by(refusal_counts.c.hour, refusal_counts.c.client_id)
        .limit(BATCH)
    )


@every(_Count)
def _tell(client_id: str, hour: datetime, now: datetime) -> ReturningUpdate[str, int]:
    return (
        update(refusal_counts)
        .where(
            refusal_counts.c.client_id == client_id,
            refusal_counts.c.hour == hour,
            refusal_counts.c.told_at.is_(None),
        )
        .values(told_at=now)
        .returning(refusal_counts.c.reason, refusal_counts.c["count"].label("number"))
    )
