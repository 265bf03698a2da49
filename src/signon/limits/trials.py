"""Attempts under way: what a fault of ours ends before the comparison is taken back.

An attempt is counted before it is looked at, in a unit of its own. If our own fault ends it after
that (no turn in the hashing gate, no database, a time-out, an exception), it was none: nothing
was compared, so nobody has learned anything. From its comparison on it counts, whatever comes
after, unless it was right. Whoever hangs up stays counted: a cancelled request is no fault of ours.
(docs/decisions/0005-guessing-passwords.md)
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import ParamSpec, TypeVar

from signon.db import Database, Unit
from signon.errors import BusyError, RefusedError, SignInFirstError
from signon.limits import counters
from signon.limits.counters import Place

MOST_OWED = 1000
"""Attempts that wait to be taken back; of more the oldest stay counted."""
AT_ONCE_SECONDS = 0.25
"""How long whoever is turned away waits for it."""

P = ParamSpec("P")
R = TypeVar("R")


class Trial:
    """One counted attempt; `counts` from the moment when it is looked at."""

    counts = False

    def comparing(self, compare: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Look at it: from now on it counts."""
        self.counts = True
        return compare(*args, **kwargs)

    def compared(self, *, is_right: bool) -> None:
        """Whether it was right: then it is no guess, even if nobody is told."""
        self.counts = not is_right


class Trials:
    """The attempts of a process, and those that it still has to take back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owed: deque[Sequence[Place]] = deque(maxlen=MOST_OWED)
        self._settling = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def of(self, places: Sequence[Place]) -> AsyncIterator[Trial]:
        """What follows a count, up to what is written of its outcome."""
        trial = Trial()
        try:
            yield trial
        except (RefusedError, SignInFirstError):
            raise  # an answer, which has written what there is to write
        except Exception:
            if not trial.counts:
                await self._take_back(places)
            raise

    async def settle(self) -> None:
        """Take back what is owed. Raises BusyError when the database is still away."""
        async with self._settling:
            while self._owed:
                places = self._owed.popleft()
                done: list[bool] = []
                try:
                    await self._database.write(partial(_undo, places=places, done=done))
                except Exception:
                    # from there on it may have been committed: better counted than taken back twice
                    if not done:
                        self._owed.appendleft(places)
                    raise

    async def _take_back(self, places: Sequence[Place]) -> None:
        self._owed.append(places)
        task = asyncio.create_task(self._settle_quietly())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait([task], timeout=AT_ONCE_SECONDS)

    async def _settle_quietly(self) -> None:
        """The background comes back to what cannot be done now."""
        with suppress(BusyError):
            await self.settle()


def _undo(unit: Unit, *, places: Sequence[Place], done: list[bool]) -> None:
    counters.undo(unit, places)
    done.append(True)
