"""Removing what has expired, in small batches, each a transaction of its own.

What of a table may go is declared beside the table (`pruned`); `app` adds the few rules that one
statement cannot say.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Delete, MetaData, Table, bindparam, delete, select, tuple_
from sqlalchemy.sql.visitors import replacement_traverse

from signon.config import Settings
from signon.db import Database, Moment, Unit
from signon.prepared import change, given

BATCH = 500
PAUSE_SECONDS = 0.02
"""Between two batches, so that people's writes come first."""
AGO = bindparam("ago", type_=Moment)
"""In a condition of `pruned`: the moment that lies as long ago as the rows are kept."""

Prune = Callable[[Unit, int], int]
"""Removes at most so many rows and answers how many there were."""
Keeps = timedelta | Callable[[Settings], timedelta]


@dataclass(frozen=True, slots=True)
class Pruned:
    """One statement, what its rows are counted under, and how long they stay once they are over."""

    name: str
    gone: Callable[[Unit, datetime, int], int]
    keeps: Keeps

    def remove(self, settings: Settings, unit: Unit, limit: int) -> int:
        """Remove up to `limit` rows."""
        keeps = self.keeps(settings) if callable(self.keeps) else self.keeps
        return self.gone(unit, unit.now - keeps, limit)


def pruned(
    table: Table, over: ColumnElement[bool], *, keeps: Keeps = timedelta(0), under: str = ""
) -> None:
    """Say that the rows for which `over` holds may go; it compares moments with `AGO`.

    They are counted under the table's name, or the one that several tables share.
    """
    first, *more = table.primary_key
    key = tuple_(first, *more) if more else first

    @change
    def gone(ago: datetime, most: int) -> Delete:
        then = given(ago)
        is_over = replacement_traverse(
            over, {}, lambda element, **_: then if element is AGO else None
        )
        some = select(*table.primary_key).where(is_over).limit(most)
        # the condition again: a row that was used meanwhile stays
        return delete(table).where(key.in_(some), is_over)

    table.info.setdefault(Pruned, []).append(Pruned(under or table.name, gone, keeps))


def declared(metadata: MetaData, settings: Settings) -> dict[str, Prune]:
    """What the tables let go of, by name: a table's rows before those that they point at."""
    found: dict[str, list[Pruned]] = {}
    for table in reversed(metadata.sorted_tables):
        for one in table.info.get(Pruned, ()):
            found.setdefault(one.name, []).append(one)
    return {name: partial(_remove, several, settings) for name, several in found.items()}


async def prune_all(database: Database, rules: Mapping[str, Prune]) -> dict[str, int]:
    """Remove all that may go; answers how many rows of each kind went."""
    return {name: await _prune(database, rule) for name, rule in rules.items()}


def _remove(several: Sequence[Pruned], settings: Settings, unit: Unit, limit: int) -> int:
    gone = 0
    for one in several:
        gone += one.remove(settings, unit, limit - gone)
    return gone


async def _prune(database: Database, rule: Prune) -> int:
    total = 0
    while removed := await database.write(rule, BATCH):
        total += removed
        await asyncio.sleep(PAUSE_SECONDS)
    return total
