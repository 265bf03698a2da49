"""Making the entries of rows that were there before there were any, in batches, each a unit.

An older program that still runs writes rows without entries: `signon db finish` lets the walk begin
anew, when none of them is left.
"""

import asyncio
from collections.abc import Callable, Mapping

from sqlalchemy import Insert, Select, select
from sqlalchemy.dialects.postgresql import insert

from signon.db import Database, Unit
from signon.prepared import change, one
from signon.searching.models import fillings

PAUSE_SECONDS = 0.02
"""Between two batches, so that people's writes come first."""

Fill = Callable[[Unit, str], str | None]
"""Makes the entries of the rows after an id; answers after which to go on, None at the end."""


async def fill(database: Database, fills: Mapping[str, Fill]) -> int:
    """Make all that are missing; answers in how many batches. Each time but the first it is none."""
    batches = 0
    for name, rule in fills.items():
        while await database.write(step, name, rule):
            batches += 1
            await asyncio.sleep(PAUSE_SECONDS)
    return batches


def step(unit: Unit, name: str, rule: Fill) -> bool:
    """One batch; False when there was nothing left to do."""
    after, is_done = _standing(unit, name) or ("", False)
    if is_done:
        return False
    then = rule(unit, after)
    _note(unit, name, then or after, is_done=then is None)
    return True


def _pair(after: str, is_done: bool) -> tuple[str, bool]:  # a row's columns
    return after, is_done


@one(_pair)
def _standing(name: str) -> Select[str, bool]:
    return select(fillings.c.after, fillings.c.is_done).where(fillings.c.name == name)


@change
def _note(name: str, after: str, *, is_done: bool) -> Insert:
    row = insert(fillings).values(name=name, after=after, is_done=is_done)
    return row.on_conflict_do_update(
        index_elements=["name"], set_={"after": row.excluded.after, "is_done": row.excluded.is_done}
    )
