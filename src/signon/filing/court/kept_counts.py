"""Counts of a large court: made every few minutes by a job, kept, and told with their moment.

What few rows make is counted when it is asked for, and so is true at that moment.
(docs/decisions/0044-counts-that-are-kept.md)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Delete, Insert, Select, delete, select
from sqlalchemy.dialects.postgresql import insert

from signon.courts.registry import Court, read_all
from signon.db import Database, Unit
from signon.filing.court.models import court_counts as table
from signon.prepared import change, one

MANY = 5000
"""Rows that are no longer counted for a page."""
EVERY = timedelta(minutes=5)
"""Between two looks at what is due to be counted anew."""


class KeptCount(NamedTuple):
    """What was counted, and when."""

    counts: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class CountKind:
    """Something that is counted at a court, by its name. `is_many`: whether that takes long;
    `lasts`: how old a count of the court becomes, at that moment.
    """

    name: str
    is_many: Callable[[Unit, Court], bool]
    count: Callable[[Unit, Court], Mapping[str, Any]]
    lasts: Callable[[Court, datetime], timedelta]


def told(unit: Unit, court: Court, kind: CountKind) -> KeptCount:
    """The last count that was kept; of a court that none is kept of, now."""
    kept = _kept(unit, court.id, kind.name)
    return kept or KeptCount(kind.count(unit, court), unit.now)


async def keep(database: Database, kinds: Sequence[CountKind]) -> int:
    """Count anew what many rows make, and forget the counts of few; answers how many it counted."""
    courts = await database.read(read_all)
    counted = 0
    for court in courts.values():
        for kind in kinds:
            if await database.read(_is_due, court, kind):
                counted += await renew(database, court, kind)
    return counted


async def renew(database: Database, court: Court, kind: CountKind) -> bool:
    """Count it, without holding up who writes; False when few rows make it."""
    found = await database.read(_count, court, kind)
    await database.write(_note, court, kind, found)
    return found is not None


def _is_due(unit: Unit, court: Court, kind: CountKind) -> bool:
    kept = _kept(unit, court.id, kind.name)
    if kept is None:
        return kind.is_many(unit, court)
    return kept.at <= unit.now - kind.lasts(court, unit.now)


def _count(unit: Unit, court: Court, kind: CountKind) -> KeptCount | None:
    return KeptCount(kind.count(unit, court), unit.now) if kind.is_many(unit, court) else None


def _note(unit: Unit, court: Court, kind: CountKind, counted: KeptCount | None) -> None:
    if counted is None:
        _forget(unit, court.id, kind.name)
    else:
        _put(unit, court.id, kind.name, counted.counts, counted.at)


@one(KeptCount)
def _kept(court_id: str, kind: str) -> Select[dict[str, Any], datetime]:
    return select(table.c.counts, table.c.counted_at.label("at")).where(
        table.c.court_id == court_id, table.c.kind == kind
    )


@change
def _put(court_id: str, kind: str, counts: Mapping[str, Any], counted_at: datetime) -> Insert:
    row = insert(table).values(court_id=court_id, kind=kind, counts=counts, counted_at=counted_at)
    newer = {name: row.excluded[name] for name in ("counts", "counted_at")}
    return row.on_conflict_do_update(index_elements=["court_id", "kind"], set_=newer)


@change
def _forget(court_id: str, kind: str) -> Delete:
    return delete(table).where(table.c.court_id == court_id, table.c.kind == kind)
