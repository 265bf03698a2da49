"""Values read from the database and kept for a while: keys, courts, clients."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from signon.db import Database, Unit
from signon.errors import BusyError
from signon.pools import BUSY

R = TypeVar("R")

PATIENCE_SECONDS = 0.5
"""How long a snapshot that is too old is waited for while something else may be told."""
LONGEST_SECONDS = 2.5
"""The same while nothing else may be told."""
RETRY_SECONDS = 1.0
"""How often a silent database is asked for what a snapshot has."""


class Snapshot(Generic[R]):
    """A value read from the database and kept for at most `seconds` (keys, courts, clients).

    One reads it anew, everybody else waits for that one. While the database is silent, what was
    read at most `outage` seconds ago goes on: nobody waits longer than `PATIENCE_SECONDS` for a
    first failure, nor at all after it, and one attempt a second looks whether the silence is over.
    The clock is the process's own monotonic one: staleness is about real time.
    """

    def __init__(
        self,
        read: Callable[[Unit], R],
        database: Database,
        *,
        seconds: float,
        outage: float = 0.0,
    ) -> None:
        self._read = read
        self._database = database
        self._seconds = seconds
        self._outage = outage
        self._kept: tuple[float, R] | None = None
        self._began = -RETRY_SECONDS
        self._reading: asyncio.Task[R] | None = None
        self._is_silent = False

    async def get(self) -> R:
        """The value, read anew when the kept one is too old.

        Raises what the reading raised; BusyError when it is not done in time and nothing else
        may be told.
        """
        if (kept := self.fresh()) is not None:
            return kept
        known = self._younger_than(self._outage)
        if known is not None and self._is_silent and monotonic() - self._began < RETRY_SECONDS:
            return known
        reading = self._under_way()
        wait = LONGEST_SECONDS if known is None else 0 if self._is_silent else PATIENCE_SECONDS
        await asyncio.wait({reading}, timeout=max(0.0, self._began + wait - monotonic()))
        failure = reading.exception() if reading.done() else _late()
        if failure is None:
            return reading.result()
        self._is_silent = isinstance(failure, BusyError)
        if known is None or not self._is_silent:
            raise failure
        return known

    def fresh(self) -> R | None:
        """The kept value while it is young enough."""
        return self._younger_than(self._seconds)

    def forget(self) -> None:
        """Read anew at the next use (after a change in this very process)."""
        self._kept = self._reading = None

    def _younger_than(self, seconds: float) -> R | None:
        kept = self._kept
        return kept[1] if kept and monotonic() - kept[0] < seconds else None

    def _under_way(self) -> "asyncio.Task[R]":
        if self._reading is None:
            self._began = monotonic()
            self._reading = asyncio.create_task(self._database.read(self._read))
            self._reading.add_done_callback(self._done)
        return self._reading

    def _done(self, reading: "asyncio.Task[R]") -> None:
        """Keep what was read, unless it was to be forgotten meanwhile."""
        failure = None if reading.cancelled() else reading.exception()
        if reading is not self._reading:
            return
        self._reading = None
        if reading.cancelled():
            return
        self._is_silent = isinstance(failure, BusyError)
        if failure is None:
            self._kept = (self._began, reading.result())
        elif not self._is_silent:
            self._kept = None  # the database has spoken: it is not so any more


def _late() -> BusyError:
    return BusyError(BUSY, retry_after=1, detail="not read in time")
