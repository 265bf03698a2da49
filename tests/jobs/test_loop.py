"""The background loop: every job when it is due, in one process at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from signon.db import Database
from signon.jobs import loop
from signon.jobs.loop import Job
from signon.jobs.models import jobs
from tests.infra.clock import FrozenClock

MINUTE = timedelta(minutes=1)


def job(run: Callable[[], Awaitable[object]], *, every: timedelta = MINUTE, **more: bool) -> Job:
    return Job("sweep", every, run, **more)


async def nothing() -> None:
    pass


def run_if_due(database: Database, work: Job) -> bool:
    return asyncio.run(loop.run_if_due(database, work))


def test_a_job_runs_once_in_its_interval(database: Database, clock: FrozenClock):
    """At once the first time, then every minute."""
    runs = [run_if_due(database, job(nothing))]
    for _ in range(2):
        clock.advance(seconds=30)
        runs.append(run_if_due(database, job(nothing)))
    assert runs == [True, False, True]


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_one_process_gets_the_lease(database_url: str, clock: FrozenClock, known: bool):
    """Of twenty at the same moment, whether the job ever ran or not."""
    database = Database(database_url, clock=clock, pool=20)
    if known:
        run_if_due(database, job(nothing))
        clock.advance(seconds=60)

    def lease(_: int) -> bool:
        with database.writing() as unit:
            return loop.lease(unit, job(nothing))

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(lease, range(20))).count(True) == 1
    database.close()


def test_a_failure_is_noted_and_the_job_comes_back(database: Database, clock: FrozenClock):
    """At its next turn, and a success clears the note."""

    async def fail() -> None:
        raise LookupError("a secret")

    with pytest.raises(LookupError):
        run_if_due(database, job(fail))
    assert _row(database).last_error == "LookupError"
    assert not run_if_due(database, job(nothing))
    clock.advance(seconds=60)
    assert run_if_due(database, job(nothing))
    assert (_row(database).last_error, _row(database).ran_at) == (None, clock.now)


def test_work_that_leases_its_own_rows_writes_nothing(database: Database):
    """The outbox is looked at every second; that must not cost a write every second."""
    assert run_if_due(database, job(nothing, leased=False))
    with database.reading() as unit:
        assert unit.execute(select(jobs.c.name)).all() == []


def test_one_jobs_failure_ends_no_other(database: Database):
    """Nor the loop itself."""
    runs = {"good": 0, "bad": 0}
    enough = asyncio.Event()

    async def good() -> None:
        runs["good"] += 1
        if min(runs.values()) >= 3:
            enough.set()

    async def bad() -> None:
        runs["bad"] += 1
        raise LookupError

    often = timedelta(milliseconds=10)
    work = [Job("good", often, good, leased=False), Job("bad", often, bad, leased=False)]

    async def for_a_while() -> None:
        async with loop.running(database, work):
            await enough.wait()

    asyncio.run(asyncio.wait_for(for_a_while(), 20))


def test_a_stop_lets_the_running_job_finish(database: Database):
    """A delivery that was made is also written down."""
    started, finished = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        started.set()
        await asyncio.sleep(0.3)
        finished.set()

    async def stop_in_the_middle() -> None:
        async with loop.running(database, [job(slow)]):
            await started.wait()

    asyncio.run(asyncio.wait_for(stop_in_the_middle(), 20))
    assert finished.is_set()
    assert _row(database).ran_at is not None


def test_a_stop_does_not_wait_for_ever(database: Database, monkeypatch: pytest.MonkeyPatch):
    """What hangs is cut off, and falls due again."""
    monkeypatch.setattr(loop, "STOP_SECONDS", 0.1)
    started = asyncio.Event()

    async def hang() -> None:
        started.set()
        await asyncio.sleep(3600)

    async def stop_in_the_middle() -> None:
        async with loop.running(database, [job(hang)]):
            await started.wait()

    asyncio.run(asyncio.wait_for(stop_in_the_middle(), 60))


def _row(database: Database):
    with database.reading() as unit:
        return unit.execute(select(*jobs.c)).one()
