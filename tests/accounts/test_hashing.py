"""The hashing gate: who waits for a turn, and who is told at once that there is none in time."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial

import pytest

from signon import allocating
from signon.accounts import hashing
from signon.accounts.hashing import NICE, HashingGate
from signon.errors import BusyError


def gate(*, threads: int = 1, queue_seconds: float = 5, seconds: float = 0) -> HashingGate:
    return HashingGate(threads=threads, queue_seconds=queue_seconds, seconds=seconds)


def admitted(of: HashingGate, most: int = 20) -> int:
    """How many get a place in the queue before the first one leaves it."""
    with ExitStack() as places:
        for number in range(most):
            try:
                places.enter_context(of.turn())
            except BusyError:
                return number
    return most


@pytest.mark.parametrize(
    ("threads", "seconds", "places"), [(1, 2, 3), (1, 6, 1), (2, 2, 6), (2, 6, 2), (1, 0, 20)]
)
def test_whoever_would_wait_too_long_is_told_at_once(threads: int, seconds: float, places: int):
    """Nothing is awaited for it. A free thread takes whoever comes, however long it takes."""
    with closing(gate(threads=threads, seconds=seconds)) as made:
        for _ in range(2):
            assert admitted(made) == places, "places are given back"


def test_it_learns_what_a_hash_takes(monkeypatch: pytest.MonkeyPatch):
    """From what the last ones took, up to the wait that is allowed."""
    moments: Iterator[float] = iter(range(0, 1000, 4))
    with closing(gate()) as made:
        assert admitted(made) == 20
        with monkeypatch.context() as slow:
            slow.setattr(hashing, "monotonic", lambda: next(moments))
            for _ in range(20):
                made._measured(lambda: None)
        assert admitted(made) == 2
        for _ in range(100):
            made._measured(lambda: None)
        assert admitted(made) == 20


def test_a_turn_that_comes_too_late_is_none():
    """Where it could not be foreseen, the wait is bounded all the same."""
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> bool:
        begun.set()
        return go_on.wait(20)

    async def run() -> None:
        with closing(gate(queue_seconds=0.05)) as made:
            first = asyncio.create_task(made.run(slow))
            assert await asyncio.to_thread(begun.wait, 20)
            with pytest.raises(BusyError):
                await made.run(slow)
            go_on.set()
            assert await first
            assert await made.run(slow), "its place was given back"

    asyncio.run(run())


def test_whoever_hangs_up_gives_the_place_back():
    """Waiting, or hashed for."""
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> bool:
        begun.set()
        return go_on.wait(20)

    async def run() -> None:
        with closing(gate(seconds=6)) as made:
            one = asyncio.create_task(made.run(slow))
            assert await asyncio.to_thread(begun.wait, 20)
            assert admitted(made) == 0
            one.cancel()
            await asyncio.wait([one])
            go_on.set()
            assert admitted(made) == 1
            assert await made.run(slow)

    asyncio.run(run())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads share one priority")
def test_hashes_are_less_urgent_than_answers():
    """What takes a millisecond does not wait for what takes twenty."""

    def own() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    with closing(gate()) as made:
        assert asyncio.run(made.run(own)) == min(19, own() + NICE)


def test_what_hashes_have_left_is_given_back_once_it_is_quiet(monkeypatch: pytest.MonkeyPatch):
    """Not between two of them: the next would have to ask the system for every page again."""
    monkeypatch.setattr(hashing, "QUIET_SECONDS", 0.05)

    async def hash_and_wait() -> None:
        loop, given_back = asyncio.get_running_loop(), asyncio.Event()
        tell = partial(loop.call_soon_threadsafe, given_back.set)
        monkeypatch.setattr(allocating, "give_back", tell)
        gate = HashingGate(threads=1, queue_seconds=60)
        await gate.run(len, "")
        assert not given_back.is_set()
        await given_back.wait()
        gate.close()

    asyncio.run(hash_and_wait())
