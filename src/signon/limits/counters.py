"""Counting attempts within a window, and waits.

`hit` counts in one guarded statement and before the attempt is made, so that two hundred
parallel guesses count as two hundred.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from signon.db import Moment, Unit
from signon.limits.models import counters


@dataclass(frozen=True, slots=True)
class Count:
    """How often within the window, and until when the key has to wait (None: not at all).

    `ends_at` is the end of the window, when the count starts anew (None: nothing was counted).
    """

    count: int
    blocked_until: datetime | None
    ends_at: datetime | None = None


NONE = Count(0, None)


def key(text: str) -> bytes:
    """What stands in the table for a counted thing."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def look(unit: Unit, bucket: str, counted: bytes) -> Count:
    """The present count."""
    row = unit.execute(_LOOK, {"bucket": bucket, "key": counted, "now": unit.now}).one_or_none()
    return _count(row, unit.now) if row else NONE


def hit(unit: Unit, bucket: str, counted: bytes, *, window: timedelta) -> Count:
    """Count one more; the window starts with its first hit."""
    values = {"bucket": bucket, "key": counted, "now": unit.now, "until": unit.now + window}
    row = unit.execute(_HIT[unit.dialect], values).one()
    return _count(row, unit.now)


def block(unit: Unit, bucket: str, counted: bytes, *, until: datetime) -> None:
    """Make the key wait until then; a longer wait that it already has stays.

    The window lasts as long as the wait, or its end would end the wait.
    """
    unit.execute(
        update(counters)
        .where(
            counters.c.bucket == bucket,
            counters.c.key == counted,
            counters.c.blocked_until.is_(None) | (counters.c.blocked_until < until),
        )
        .values(
            blocked_until=until,
            expires_at=case((counters.c.expires_at < until, until), else_=counters.c.expires_at),
        )
    )


def forgive(unit: Unit, bucket: str, counted: bytes) -> None:
    """Forget the key's count and wait."""
    unit.execute(delete(counters).where(counters.c.bucket == bucket, counters.c.key == counted))


def take_back(unit: Unit, bucket: str, counted: bytes) -> None:
    """Undo one hit: the attempt turned out to be a good one."""
    unit.execute(
        update(counters)
        .where(counters.c.bucket == bucket, counters.c.key == counted, counters.c.hits > 0)
        .values(hits=counters.c.hits - 1)
    )


def _count(row: Any, now: datetime) -> Count:
    waits = row.blocked_until and row.blocked_until > now
    return Count(row.hits, row.blocked_until if waits else None, row.expires_at)


_LOOK = select(counters.c.hits, counters.c.blocked_until, counters.c.expires_at).where(
    counters.c.bucket == bindparam("bucket"),
    counters.c.key == bindparam("key"),
    counters.c.expires_at > bindparam("now"),
)


def _hit(insert: Any) -> Any:
    now, until = bindparam("now", type_=Moment), bindparam("until", type_=Moment)
    over = counters.c.expires_at <= now
    return (
        insert(counters)
        .values(bucket=bindparam("bucket"), key=bindparam("key"), hits=1, expires_at=until)
        .on_conflict_do_update(
            index_elements=["bucket", "key"],
            set_={
                "hits": case((over, 1), else_=counters.c.hits + 1),
                "blocked_until": case((over, None), else_=counters.c.blocked_until),
                "expires_at": case((over, until), else_=counters.c.expires_at),
            },
        )
        .returning(counters.c.hits, counters.c.blocked_until, counters.c.expires_at)
    )


_HIT = {"postgresql": _hit(postgresql.insert), "sqlite": _hit(sqlite.insert)}
