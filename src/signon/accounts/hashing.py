"""Argon2id through one bounded gate.

A hash costs a core and `argon2_memory_kib` for some 20 ms. The gate's own threads bound how
many run at once, and a request waits at most `hashing_queue_seconds` for its turn; then it
is turned away with 503, and before it if that can be foreseen. Nobody holds a database connection
while hashing.
"""

import asyncio
import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from signon import allocating, metrics, tracing
from signon.accounts import foreign_hashes, password_work
from signon.config import Settings
from signon.errors import BusyError
from signon.metrics import Values
from signon.words.sentences import _

OURS = "$argon2id$"
"""What our own hashes begin with; others are of accounts that were imported."""
MAX_CODE_POINTS = 128
MAX_BYTES = 512
NICE = 5
"""How much less urgent hashing threads are than all others: an answer takes little, and must not
wait for a hash."""
QUIET_SECONDS = 2.0
"""After so long without a hash their memory goes back to the system."""
SMOOTH = 8
"""How many of the last hashes what one takes is judged by."""

P = ParamSpec("P")
R = TypeVar("R")


def normalise(password: str) -> str:
    """NFC, so that a password typed on another keyboard is the same one (SP 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFC", password)


def is_too_long(password: str) -> bool:
    """Whether it is over the cap that keeps hashing cheap; never truncated."""
    return len(password) > MAX_CODE_POINTS or len(password.encode("utf-8", "replace")) > MAX_BYTES


class Hasher:
    """Argon2id with the settings' parameters; blocking, so call it through the gate."""

    def __init__(self, settings: Settings) -> None:
        self.argon2 = PasswordHasher(
            time_cost=settings.argon2_time,
            memory_cost=settings.argon2_memory_kib,
            parallelism=1,
            salt_len=16,
        )
        self.work = password_work.of_hasher(self.argon2)
        self._dummy: str | None = None

    def hash(self, password: str) -> str:
        """An encoded Argon2id hash with a fresh salt."""
        return self.argon2.hash(normalise(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the stored one.

        `stored` of None (no such account) verifies against a dummy of the same parameters, so
        that the answer takes as long as for an account that exists.
        """
        if is_too_long(password):
            return False
        if stored and not stored.startswith(OURS):
            # as the old system took it: it knew no normal forms
            return foreign_hashes.verify(stored, password, self.argon2)
        try:
            self.argon2.verify(stored or self._dummy_hash(), normalise(password))
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
        return stored is not None

    def spend(self, stored: str | None, password: str, in_use: Collection[str]) -> None:
        """After a `verify` that let nobody in: do what is missing of the works in use.

        With it every refusal has done the same, whatever hash `stored` is, or if there is none.
        """
        done = password_work.of(stored) if stored else self.work
        for work in sorted({*in_use, self.work} - {done}):
            self.verify(password_work.specimen(work), password)

    def needs_rehash(self, stored: str) -> bool:
        """Whether it was made with other parameters than today's, or by another system."""
        return not stored.startswith(OURS) or self.argon2.check_needs_rehash(stored)

    def _dummy_hash(self) -> str:
        if self._dummy is None:
            self._dummy = self.argon2.hash("no account has this password")
        return self._dummy


class HashingGate:
    """At most `threads` hashes at once, and a bounded wait for a turn.

    Whoever would wait too long, by what stands before him and by what a hash takes lately, is told
    so at once. `seconds` is what a hash takes before one was measured.
    """

    def __init__(self, *, threads: int, queue_seconds: float, seconds: float = 0) -> None:
        self._threads = ThreadPoolExecutor(threads, "hashing", initializer=_step_back)
        self._free = asyncio.Semaphore(threads)
        self._at_once = threads
        self._queue_seconds = queue_seconds
        self._seconds = seconds
        self._queued = self._running = 0
        self._last = 0.0
        self._tidying: asyncio.TimerHandle | None = None

    @contextmanager
    def turn(self) -> Iterator["Turn"]:
        """A place in the queue for the block, taken before there is anything to be undone.

        Raises BusyError when the wait would be too long.
        """
        if self._queued // self._at_once * self._seconds > self._queue_seconds:
            raise self._busy()
        self._queued += 1
        turn = Turn(self, monotonic() + self._queue_seconds)
        try:
            yield turn
        finally:
            self._leave(turn)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a blocking hash when it is its turn. Raises BusyError, at once or after the wait."""
        with self.turn() as turn:
            return await turn.run(function, *args, **kwargs)

    async def run_before(self, turn: "Turn", function: Callable[[], R]) -> R:
        """Run it if a thread is free before the turn is over. Raises BusyError."""
        span = tracing.now.begin("hash") if tracing.now else None
        try:
            return await self._run(turn, function)
        finally:
            if span:
                span.end()

    async def _run(self, turn: "Turn", function: Callable[[], R]) -> R:
        asked = monotonic()
        try:
            await asyncio.wait_for(self._free.acquire(), turn.until - monotonic())
        except TimeoutError as error:
            raise self._busy() from error
        finally:
            metrics.count_wait("hashing", monotonic() - asked)
        self._running += 1
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, self._measured, function)
        finally:
            self._running -= 1
            self._free.release()
            self._leave(turn)
            if self._tidying is None:
                self._tidying = loop.call_later(QUIET_SECONDS, self._tidy, monotonic())

    def standing(self) -> Values:
        """How many wait, and how many are hashed, for `/metrics`."""
        return {("waiting",): self._queued - self._running, ("running",): self._running}

    def close(self) -> None:
        """Let running hashes end."""
        if self._tidying:
            self._tidying.cancel()
        self._threads.shutdown()

    def _measured(self, function: Callable[[], R]) -> R:
        begun = self._last = monotonic()
        try:
            return function()
        finally:
            took = min(monotonic() - begun, self._queue_seconds)
            # threads may overwrite each other's: it is an estimate
            self._seconds += (took - self._seconds) / SMOOTH

    def _tidy(self, since: float) -> None:
        """Give back what hashes have left, unless there were others since."""
        self._tidying = None
        if self._last <= since and not self._queued:
            self._threads.submit(allocating.give_back)
        else:
            loop = asyncio.get_running_loop()
            self._tidying = loop.call_later(QUIET_SECONDS, self._tidy, monotonic())

    def _leave(self, turn: "Turn") -> None:
        if turn.is_queued:
            turn.is_queued = False
            self._queued -= 1

    def _busy(self) -> BusyError:
        metrics.hashing_refused.inc()
        return BusyError(
            _("Many people are signing in right now. Try again in a few seconds."),
            retry_after=max(1, round(self._queue_seconds)),
        )


class Turn:
    """A place in the gate's queue, until that moment of the monotonic clock."""

    def __init__(self, gate: HashingGate, until: float) -> None:
        self._gate = gate
        self.until = until
        self.is_queued = True

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a blocking hash and give the place away. Raises BusyError when it was too late."""
        return await self._gate.run_before(self, lambda: function(*args, **kwargs))


def _step_back() -> None:
    """Let the loop go before the hashes: on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICE)
