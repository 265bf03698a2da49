"""Removing what has expired, in small batches, each a transaction of its own.

Each feature says what of its own may go (`<feature>/pruning.py`); `app` puts them together.
"""

import asyncio
from collections.abc import Callable, Mapping

from signon.db import Database, Unit

BATCH = 500
PAUSE_SECONDS = 0.02
"""Between two batches, so that people's writes come first."""

Prune = Callable[[Unit, int], int]
"""Removes at most so many rows and answers how many there were."""


async def prune_all(database: Database, rules: Mapping[str, Prune]) -> dict[str, int]:
    """Remove all that may go; answers how many rows of each kind went."""
    return {name: await _prune(database, rule) for name, rule in rules.items()}


async def _prune(database: Database, rule: Prune) -> int:
    total = 0
    while removed := await database.write(rule, BATCH):
        total += removed
        await asyncio.sleep(PAUSE_SECONDS)
    return total
