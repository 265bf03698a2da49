"""Counting attempts within a window, and waits.

`hit` counts in one guarded statement and before the attempt is made, so that two hundred
parallel guesses count as two hundred.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, LargeBinary, String, bindparam, case, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite

from signon.db import Moment, Unit
from signon.limits.models import counters
from signon.prepared import Prepared, Row


@dataclass(frozen=True, slots=True)
class Count:
    """How often within the window, and until when the key has to wait (None: not at all).

    `ends_at` is the end of the window, when the count starts anew (None: nothing was counted).
    """

    count: int
    blocked_until: datetime | None
    ends_at: datetime | None = None


NONE = Count(0, None)
FORGIVE, TAKE_BACK = 0, 1
"""What `settle` does: forget the key's count and wait, or undo one hit."""


def key(text: str) -> bytes:
    """What stands in the table for a counted thing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def look(unit: Unit, bucket: str, counted: bytes) -> Count:
    """The present count."""
    row = unit.row(_LOOK, {"bucket": bucket, "key": counted, "now": unit.now})
    return _count(row, unit.now) if row else NONE


def hit(unit: Unit, bucket: str, counted: bytes, *, window: timedelta, times: int = 1) -> Count:
    """Count so many more; the window starts with its first hit."""
    return hit_each(unit, [(bucket, counted, window)], times=times)[0]


def hit_each(
    unit: Unit, counted: Sequence[tuple[str, bytes, timedelta]], *, times: int = 1
) -> list[Count]:
    """Count so many more for each bucket, key and window, in one statement and in this order.

    Their rows stay locked until the commit: whoever counts several names them in one order.
    """
    values: dict[str, object] = {"now": unit.now}
    for place, (bucket, key, window) in enumerate(counted):
        values |= _row(place, bucket, key, times, unit.now + window)
    rows = unit.rows(_HIT[unit.dialect][len(counted)], values)
    found = {(row["bucket"], bytes(row["key"])): _count(row, unit.now) for row in rows}
    return [found[bucket, key] for bucket, key, _ in counted]


def block(unit: Unit, bucket: str, counted: bytes, *, until: datetime) -> None:
    """Make the key wait until then; a longer wait that it already has stays.

    The window lasts as long as the wait, or its end would end the wait.
    """
    unit.change(_BLOCK, {"of_bucket": bucket, "of_key": counted, "until": until})


def forgive(unit: Unit, bucket: str, counted: bytes) -> None:
    """Forget the key's count and wait."""
    settle(unit, [(bucket, counted, FORGIVE)])


def take_back(unit: Unit, bucket: str, counted: bytes) -> None:
    """Undo one hit: the attempt turned out to be a good one."""
    settle(unit, [(bucket, counted, TAKE_BACK)])


def settle(unit: Unit, counted: Sequence[tuple[str, bytes, int]]) -> None:
    """`FORGIVE` or `TAKE_BACK` for each bucket and key, in one statement and in this order.

    What is forgiven stands there as expired, until it is pruned or counted again.
    """
    values: dict[str, object] = {"now": unit.now}
    for place, (bucket, key, how) in enumerate(counted):
        values |= _row(place, bucket, key, how, unit.now)
    unit.change(_SETTLE[unit.dialect][len(counted)], values)


def _count(row: Row, now: datetime) -> Count:
    until = row["blocked_until"]
    return Count(row["hits"], until if until and until > now else None, row["expires_at"])


_LOOK = Prepared(
    select(counters.c.hits, counters.c.blocked_until, counters.c.expires_at).where(
        counters.c.bucket == bindparam("bucket"),
        counters.c.key == bindparam("key"),
        counters.c.expires_at > bindparam("now"),
    )
)


def _row(place: int, bucket: str, key: bytes, hits: int, until: datetime) -> dict[str, object]:
    names = (f"bucket{place}", f"key{place}", f"hits{place}", f"until{place}")
    return dict(zip(names, (bucket, key, hits, until), strict=True))


def _rows(count: int) -> Any:
    """So many rows as parameters; unlike a list of values SQLAlchemy compiles it only once."""
    return union_all(
        *(
            select(
                bindparam(f"bucket{place}", type_=String),
                bindparam(f"key{place}", type_=LargeBinary),
                bindparam(f"hits{place}", type_=Integer),
                bindparam(f"until{place}", type_=Moment),
            )
            for place in range(count)
        )
    )


def _upsert(insert: Any, count: int, set_: Callable[[Any], Mapping[str, Any]]) -> Any:
    columns = ["bucket", "key", "hits", "expires_at"]
    statement = insert(counters).from_select(columns, _rows(count))
    return statement.on_conflict_do_update(
        index_elements=["bucket", "key"], set_=set_(statement.excluded)
    )


def _so_many_more(new: Any) -> Mapping[str, Any]:
    over = counters.c.expires_at <= bindparam("now", type_=Moment)
    return {
        "hits": case((over, new.hits), else_=counters.c.hits + new.hits),
        "blocked_until": case((over, None), else_=counters.c.blocked_until),
        "expires_at": case((over, new.expires_at), else_=counters.c.expires_at),
    }


def _settled(new: Any) -> Mapping[str, Any]:
    forgiven = new.hits == FORGIVE
    return {
        "hits": case((forgiven | (counters.c.hits <= 0), 0), else_=counters.c.hits - 1),
        "blocked_until": case((forgiven, None), else_=counters.c.blocked_until),
        "expires_at": case((forgiven, bindparam("now", type_=Moment)), else_=counters.c.expires_at),
    }


_INSERT = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_COUNTS = range(1, 5)
_COUNTED = (
    counters.c.bucket,
    counters.c.key,
    counters.c.hits,
    counters.c.blocked_until,
    counters.c.expires_at,
)
_HIT = {
    dialect: {
        count: Prepared(_upsert(insert, count, _so_many_more).returning(*_COUNTED))
        for count in _COUNTS
    }
    for dialect, insert in _INSERT.items()
}
_SETTLE = {
    dialect: {count: Prepared(_upsert(insert, count, _settled)) for count in _COUNTS}
    for dialect, insert in _INSERT.items()
}
_UNTIL = bindparam("until", type_=Moment)
_BLOCK = Prepared(
    update(counters)
    .where(
        counters.c.bucket == bindparam("of_bucket"),
        counters.c.key == bindparam("of_key"),
        counters.c.blocked_until.is_(None) | (counters.c.blocked_until < _UNTIL),
    )
    .values(
        blocked_until=_UNTIL,
        expires_at=case((counters.c.expires_at < _UNTIL, _UNTIL), else_=counters.c.expires_at),
    )
)
