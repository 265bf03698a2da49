"""A snapshot of what the database holds: how old it may be, and what an outage changes."""

import asyncio
from typing import Any

import pytest

from signon import snapshots
from signon.errors import BusyError
from signon.snapshots import Snapshot


class Silent:
    """A database that answers, is busy, or says nothing at all, as a test wants it."""

    def __init__(self) -> None:
        self.answers: list[object] = []
        self.asked = 0
        self.spoken = asyncio.Event()

    async def read(self, _rule: object) -> object:
        """The next answer; an exception is raised, and None never comes."""
        self.asked += 1
        answer = self.answers.pop(0)
        if answer is None:
            await self.spoken.wait()
            return "late"
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Known:
    """A snapshot of it, and a clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, outage: float) -> None:
        self.moment = 1000.0
        monkeypatch.setattr(snapshots, "monotonic", lambda: self.moment)
        monkeypatch.setattr(snapshots, "PATIENCE_SECONDS", 0.05)
        monkeypatch.setattr(snapshots, "LONGEST_SECONDS", 0.05)
        self.database = Silent()
        database: Any = self.database
        self.snapshot = Snapshot[object](lambda _unit: None, database, seconds=30, outage=outage)


BUSY = BusyError("The service is busy.", retry_after=1)


def test_a_snapshot_goes_on_while_the_database_is_busy(monkeypatch: pytest.MonkeyPatch):
    """For as long as was said; one attempt a second looks whether it answers again."""

    async def happens() -> None:
        known = Known(monkeypatch, outage=3600)
        known.database.answers = ["first", BUSY, BUSY, "second"]
        assert await known.snapshot.get() == "first"
        known.moment += 31
        assert [await known.snapshot.get() for _ in range(5)] == ["first"] * 5
        assert known.database.asked == 2
        known.moment += 1.1
        # nobody waits for the attempt any more
        assert [await known.snapshot.get() for _ in range(5)] == ["first"] * 5
        await asyncio.sleep(0)
        assert known.database.asked == 3
        known.moment += 1.1
        await known.snapshot.get()
        await asyncio.sleep(0)
        assert await known.snapshot.get() == "second"

    asyncio.run(happens())


def test_who_asks_while_a_reading_fails_takes_nothing_from_others(
    monkeypatch: pytest.MonkeyPatch,
):
    """Between its end and what follows from it there is a moment in which somebody may ask."""

    async def happens() -> None:
        known = Known(monkeypatch, outage=3600)
        known.database.answers = ["first", BUSY, BUSY]
        await known.snapshot.get()
        known.moment += 31

        async def a_moment_later() -> object:
            await asyncio.sleep(0)
            return await known.snapshot.get()

        both = await asyncio.gather(known.snapshot.get(), a_moment_later())
        assert list(both) == ["first"] * 2

    asyncio.run(happens())


def test_a_snapshot_is_told_for_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch):
    """What is too old even for an outage is not told, and without one nothing is."""

    async def happens() -> None:
        for outage in (0, 3600):
            known = Known(monkeypatch, outage=outage)
            known.database.answers = ["first", BUSY]
            assert await known.snapshot.get() == "first"
            known.moment += max(30, outage)
            with pytest.raises(BusyError):
                await known.snapshot.get()

    asyncio.run(happens())


def test_nobody_waits_for_a_silent_database_twice(monkeypatch: pytest.MonkeyPatch):
    """One reading hangs; everybody else is told what is known, at once, until it ends."""

    async def happens() -> None:
        known = Known(monkeypatch, outage=3600)
        known.database.answers = ["first", None]
        assert await known.snapshot.get() == "first"
        known.moment += 31
        together = await asyncio.gather(*(known.snapshot.get() for _ in range(20)))
        assert together == ["first"] * 20
        known.moment += 100
        async with asyncio.timeout(5):
            assert await known.snapshot.get() == "first"
        assert known.database.asked == 2
        known.database.spoken.set()
        await asyncio.sleep(0.01)
        known.moment += 31
        known.database.answers = ["third"]
        assert await known.snapshot.get() == "third"

    asyncio.run(happens())


def test_a_first_reading_that_hangs_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Nothing is known that could be told: busy, and not an answer that never comes."""

    async def happens() -> None:
        known = Known(monkeypatch, outage=3600)
        known.database.answers = [None]
        async with asyncio.timeout(5):
            with pytest.raises(BusyError):
                await known.snapshot.get()
        known.database.spoken.set()
        await asyncio.sleep(0.01)
        assert await known.snapshot.get() == "late"

    asyncio.run(happens())


def test_what_the_database_says_ends_a_snapshot(monkeypatch: pytest.MonkeyPatch):
    """It is no outage when it answers that there is nothing any more."""

    async def happens() -> None:
        known = Known(monkeypatch, outage=3600)
        known.database.answers = ["first", LookupError(), LookupError()]
        await known.snapshot.get()
        known.moment += 31
        for _ in range(2):
            with pytest.raises(LookupError):
                await known.snapshot.get()

    asyncio.run(happens())


def test_many_who_ask_at_once_are_one_reading(monkeypatch: pytest.MonkeyPatch):
    """At the start and whenever it is too old; what is read while it is forgotten is not kept."""

    async def happens() -> None:
        known = Known(monkeypatch, outage=0)
        known.database.answers = [None, "second"]
        asking = [asyncio.create_task(known.snapshot.get()) for _ in range(9)]
        await asyncio.sleep(0)
        known.snapshot.forget()
        known.database.spoken.set()
        assert await asyncio.gather(*asking) == ["late"] * 9
        assert known.database.asked == 1
        assert await known.snapshot.get() == "second"

    asyncio.run(happens())
