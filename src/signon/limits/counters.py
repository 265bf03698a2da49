"""Counting attempts within a window, and waits.

`hit` counts in one guarded statement and before the attempt is made, so that two hundred
parallel guesses count as two hundred.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import FromClause, Select, String, Update, case, null, select, union_all, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.functions import FunctionElement

from signon.db import Unit
from signon.limits.models import counters
from signon.prepared import change, every, given, one


@dataclass(frozen=True, slots=True)
class Count:
    """How often within the window, and until when the key has to wait (None: not at all).

    `ends_at` is the end of the window, when the count starts anew (None: nothing was counted).
    """

    count: int
    blocked_until: datetime | None
    ends_at: datetime | None = None


class Place(NamedTuple):
    """Where an attempt was counted: in the window that ends then.

    `waits_until` is the wait that this attempt has brought about.
    """

    bucket: str
    key: bytes
    ends_at: datetime
    waits_until: datetime | None = None


class Act(NamedTuple):
    """How many more of what, in a window until when; to `settling`, what to do."""

    bucket: str
    key: bytes
    hits: int
    until: datetime


Outcome = tuple[str, bytes, int]
"""Bucket, key, and which of the two below."""
NONE = Count(0, None)
FORGIVE, TAKE_BACK = 0, 1
"""What `settle` does: forget the key's count and wait, or undo one hit."""


def key(text: str) -> bytes:
    """What stands in the table for a counted thing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def look(unit: Unit, bucket: str, counted: bytes) -> Count:
    """The present count."""
    found = _look(unit, bucket, counted, unit.now)
    return found.count_at(unit.now) if found else NONE


def hit(unit: Unit, bucket: str, counted: bytes, *, window: timedelta, times: int = 1) -> Count:
    """Count so many more; the window starts with its first hit."""
    return hit_each(unit, [(bucket, counted, window)], times=times)[0]


def hit_each(
    unit: Unit,
    counted: Sequence[tuple[str, bytes, timedelta]],
    *,
    times: int = 1,
    waits_for_disk: bool = True,
) -> list[Count]:
    """Count so many more for each bucket, key and window, in one statement and in this order.

    Their rows stay locked until the commit: whoever counts several names them in one order.
    Without `waits_for_disk` PostgreSQL commits *this unit* before it is on the disk, so it must
    hold nothing else: everybody sees it at once, and a crash of the server takes the last moment.
    """
    hits = [Act(bucket, key, times, unit.now + window) for bucket, key, window in counted]
    run = _hit if waits_for_disk else _hit_in_haste
    found = {(row.bucket, row.key): row.count_at(unit.now) for row in run(unit, unit.now, *hits)}
    return [found[bucket, key] for bucket, key, _ in counted]


def places(
    counted: Sequence[tuple[str, bytes, timedelta]], counts: Sequence[Count]
) -> tuple[Place, ...]:
    """Where `hit_each` has counted."""
    found = zip(counted, counts, strict=True)
    return tuple(Place(bucket, key, _end(count)) for (bucket, key, _), count in found)


def block(unit: Unit, bucket: str, counted: bytes, *, until: datetime) -> None:
    """Make the key wait until then; a longer wait that it already has stays.

    The window lasts as long as the wait, or its end would end the wait.
    """
    _block(unit, bucket, counted, until)


def begin_wait(unit: Unit, place: Place, until: datetime) -> Place:
    """`block` the key by an attempt that was counted there; with it the wait can be undone."""
    block(unit, place.bucket, place.key, until=until)
    return place._replace(waits_until=until, ends_at=max(place.ends_at, until))


def forgive(unit: Unit, bucket: str, counted: bytes) -> None:
    """Forget the key's count and wait."""
    settle(unit, [(bucket, counted, FORGIVE)])


def take_back(unit: Unit, bucket: str, counted: bytes) -> None:
    """Undo one hit: the attempt turned out to be a good one."""
    settle(unit, [(bucket, counted, TAKE_BACK)])


def settle(unit: Unit, counted: Sequence[Outcome]) -> None:
    """`FORGIVE` or `TAKE_BACK` for each bucket and key, in one statement and in this order.

    What is forgiven stands there as expired, until it is pruned or counted again.
    """
    _settle(unit, unit.now, *acts(unit, counted))


def acts(unit: Unit, counted: Sequence[Outcome]) -> list[Act]:
    """What `settle` is told, for a statement that does it together with other things."""
    return [Act(bucket, key, how, unit.now) for bucket, key, how in counted]


def undo(unit: Unit, places: Sequence[Place]) -> None:
    """Take an attempt back in a unit of its own, however much later, with the wait that it began.

    Nothing happens where the window has ended or was forgiven since: what is counted there now
    are others. One statement for each, in this order.
    """
    for place in places:
        _undo(unit, place)


class _Counted(NamedTuple):
    bucket: str
    key: bytes
    hits: int
    blocked_until: datetime | None
    expires_at: datetime

    def count_at(self, now: datetime) -> Count:
        """What it means at that moment: a wait that is over is none."""
        until = self.blocked_until
        return Count(self.hits, until if until and until > now else None, self.expires_at)


_COUNTED = (
    counters.c.bucket,
    counters.c.key,
    counters.c.hits,
    counters.c.blocked_until,
    counters.c.expires_at,
)


@one(_Counted)
def _look(
    bucket: str, counted: bytes, now: datetime
) -> Select[str, bytes, int, datetime | None, datetime]:
    return select(*_COUNTED).where(
        counters.c.bucket == bucket, counters.c.key == counted, counters.c.expires_at > now
    )


def _end(count: Count) -> datetime:
    assert count.ends_at is not None
    return count.ends_at


class _Haste(FunctionElement[str]):
    """Where it stands in a statement, the transaction commits before it is on the disk."""

    inherit_cache = True
    type = String()


@compiles(_Haste, "postgresql")
def _hasten(_element: _Haste, _compiler: SQLCompiler, **_: Any) -> str:
    return "set_config('synchronous_commit', 'off', true)"


@compiles(_Haste)
def _be_durable(_element: _Haste, _compiler: SQLCompiler, **_: Any) -> str:
    """SQLite has it for a connection only."""
    return "''"


@every(_Counted)
def _hit(now: datetime, *hits: Act) -> ReturningInsert[str, bytes, int, datetime | None, datetime]:
    return _counting(now, hits).returning(*_COUNTED)


@every(lambda *columns: _Counted(*columns[:-1]))
def _hit_in_haste(now: datetime, *hits: Act) -> ReturningInsert[*tuple[Any, ...]]:
    return _counting(now, hits).returning(*_COUNTED, _Haste().label("haste"))


def _counting(now: datetime, hits: Sequence[Act]) -> Insert:
    over = counters.c.expires_at <= now
    made = _rows(hits)
    new = made.excluded
    set_ = {
        "hits": case((over, new.hits), else_=counters.c.hits + new.hits),
        "blocked_until": case((over, null()), else_=counters.c.blocked_until),
        "expires_at": case((over, new.expires_at), else_=counters.c.expires_at),
    }
    return _upsert(made, set_)


@change
def _settle(now: datetime, *acts: Act) -> Insert:
    return settling(now, acts)


def settling(now: datetime, acts: Sequence[Act], after: FromClause | None = None) -> Insert:
    """`settle` as a part of a statement; for every row of what it comes `after`, if there is that."""
    made = _rows(acts, after)
    forgiven = made.excluded.hits == FORGIVE
    set_ = {
        "hits": case((forgiven | (counters.c.hits <= 0), 0), else_=counters.c.hits - 1),
        "blocked_until": case((forgiven, null()), else_=counters.c.blocked_until),
        "expires_at": case((forgiven, now), else_=counters.c.expires_at),
    }
    return _upsert(made, set_)


@change
def _undo(place: Place) -> Update:
    own_wait = counters.c.blocked_until == given(place.waits_until)
    return (
        update(counters)
        .where(
            counters.c.bucket == place.bucket,
            counters.c.key == place.key,
            counters.c.expires_at == place.ends_at,
            counters.c.hits > 0,
        )
        .values(
            hits=counters.c.hits - 1,
            blocked_until=case((own_wait, null()), else_=counters.c.blocked_until),
        )
    )


def _rows(rows: Sequence[Act], after: FromClause | None = None) -> Insert:
    """Unlike a list of values, whose columns would be named anew in every row."""
    each = [select(*(given(cell) for cell in row)) for row in rows]
    if after is not None:
        each = [one.select_from(after) for one in each]
    several = union_all(*each)
    return insert(counters).from_select(["bucket", "key", "hits", "expires_at"], several)


def _upsert(made: Insert, set_: Mapping[str, Any]) -> Insert:
    return made.on_conflict_do_update(index_elements=["bucket", "key"], set_=set_)


@change
def _block(bucket: str, counted: bytes, until: datetime) -> Update:
    waits_less = counters.c.blocked_until.is_(None) | (counters.c.blocked_until < until)
    return (
        update(counters)
        .where(counters.c.bucket == bucket, counters.c.key == counted, waits_less)
        .values(
            blocked_until=until,
            expires_at=case((counters.c.expires_at < until, until), else_=counters.c.expires_at),
        )
    )
