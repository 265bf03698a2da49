"""Moving every sealed value to the ring's first key, so that an older one may leave.

Which columns are sealed, and for what, is told by `signon.tables`: every feature's are there.
Values are moved in small units, each by a statement that changes nothing if a server has
written the row in the meantime; whatever stays behind is moved by the next run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, bindparam, func, select, update

from signon.audit import trail
from signon.audit.events import Event
from signon.crypto import KeyRing, UnsealError
from signon.db import Database, Unit

BATCH = 200

SealedColumns = Mapping[Column[Any], Callable[[Any], str]]
"""Sealed columns, each with the function that makes the seal's context of a row's key."""


@dataclass(frozen=True, slots=True)
class Seals:
    """How many stored values there are, by the key that sealed them."""

    current: int
    """Sealed with the ring's first key."""
    older: int
    """Sealed with another key of the ring."""
    unknown: int
    """Sealed with no key of the ring."""

    @property
    def total(self) -> int:
        """All of them."""
        return self.current + self.older + self.unknown


@dataclass(slots=True)
class _Batch:
    last: Any = None
    looked_at: int = 0
    moved: int = 0
    spoilt: int = 0


def count(unit: Unit, ring: KeyRing, columns: SealedColumns) -> Seals:
    """Look at the first bytes of every sealed value: they name the key."""
    current = older = unknown = 0
    # whichever columns they are; so below
    for column in columns:
        start = func.substr(column, 1, 5)
        by_start = select(start, func.count()).where(column.is_not(None)).group_by(start)
        for head, number in unit.execute(by_start):
            if ring.is_current(bytes(head)):
                current += number
            elif ring.knows(bytes(head)):
                older += number
            else:
                unknown += number
    return Seals(current, older, unknown)


def open_some(unit: Unit, ring: KeyRing, columns: SealedColumns) -> int:
    """Open the newest few values of each column; answers how many. Raises UnsealError."""
    opened = 0
    for column, context in columns.items():
        (key,) = column.table.primary_key
        some = select(key, column).where(column.is_not(None)).order_by(key.desc()).limit(BATCH)
        for row_key, sealed in unit.execute(some):
            ring.open(sealed, context(row_key))
            opened += 1
    return opened


def reencrypt(
    database: Database,
    ring: KeyRing,
    columns: SealedColumns,
    *,
    advance: Callable[[int], object] = lambda _: None,
    actor: str = trail.COMMAND_LINE,
) -> dict[str, dict[str, int]]:
    """Seal every value with the ring's first key; may be stopped and started again.

    Answers for each ``table.column`` how many were `moved`, and how many were `spoilt`: they
    open with no key of the ring, and were left as they are. `advance` is told how many values
    have been looked at since it was told last.
    """
    done = {}
    for column, context in columns.items():
        moved = spoilt = 0
        batch = _Batch()
        while True:
            with database.writing() as unit:
                batch = _move(unit, ring, column, context, after=batch.last)
            if not batch.looked_at:
                break
            moved, spoilt = moved + batch.moved, spoilt + batch.spoilt
            advance(batch.looked_at)
        done[str(column)] = {"moved": moved, "spoilt": spoilt}
    with database.writing() as unit:
        trail.record(unit, Event.SECRETS_REENCRYPTED, actor=actor, columns=done)
    return done


def _move(
    unit: Unit, ring: KeyRing, column: Column[Any], context: Callable[[Any], str], *, after: Any
) -> _Batch:
    """Move the next few values of a column, in the order of the rows' keys."""
    (key,) = column.table.primary_key
    rows = select(key, column).where(column.is_not(None)).order_by(key).limit(BATCH)
    batch, changes = _Batch(), []
    for row_key, sealed in unit.execute(rows if after is None else rows.where(key > after)):
        batch.last = row_key
        batch.looked_at += 1
        if ring.is_current(sealed):
            continue
        try:
            plain = ring.open(sealed, context(row_key))
        except UnsealError:
            batch.spoilt += 1
            continue
        fresh = ring.seal(plain, context(row_key))
        changes.append({"row_key": row_key, "old": sealed, "fresh": fresh})
    if changes:
        statement = update(column.table).where(
            key == bindparam("row_key"), column == bindparam("old")
        )
        unit.execute(statement.values({column: bindparam("fresh")}), changes)
        batch.moved = len(changes)
    return batch
