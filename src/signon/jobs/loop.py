"""The background loop: runs each job when it is due, in one process at a time.

A job is leased by a guarded UPDATE that moves its `due_at`; a process that dies in the middle
leaves the job due again at its next interval. A turn that lies further ahead than an interval was
leased by a clock that has been set back since: it is due. Jobs must be safe to run twice.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, Update, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon import logs
from signon.clock import LEEWAY
from signon.db import Database, Unit
from signon.errors import SignonError
from signon.jobs.models import jobs
from signon.prepared import change, every, value

STOP_SECONDS = 8
"""How long a stopping server waits for its jobs: less than it waits for itself."""

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every `every`; `run` is called with no unit open.

    `leased` is off for work that leases its own rows: asking often then costs no write.
    """

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]
    leased: bool = True


@asynccontextmanager
async def running(database: Database, work: Sequence[Job]) -> AsyncIterator[None]:
    """Work in the background for as long as the block lasts.

    At its end what is running has `STOP_SECONDS` to finish; what does not falls due again.
    """
    stopped = asyncio.Event()
    working = asyncio.create_task(run_until(stopped, database, work))
    try:
        yield
    finally:
        stopped.set()
        await asyncio.wait([working], timeout=STOP_SECONDS)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


async def run_until(stopped: asyncio.Event, database: Database, work: Sequence[Job]) -> None:
    """Run until `stopped` is set; what is running then runs to its end.

    A job that fails is logged and comes back at its next turn.
    """
    await asyncio.gather(*(_repeat(stopped, database, job) for job in work))


async def run_if_due(database: Database, job: Job) -> bool:
    """Run the job if it is due and this process gets the lease."""
    if not job.leased:
        await job.run()
        return True
    if not await database.read(_is_due, job) or not await database.write(lease, job):
        return False
    try:
        await job.run()
    except Exception as error:
        await database.write(_finish, job, error=type(error).__name__)
        raise
    await database.write(_finish, job)
    return True


def lease(unit: Unit, job: Job) -> bool:
    """Take the job's present turn; False when another process took it."""
    until = unit.now + job.every
    return _lease(unit, job.name, unit.now, until=until, ahead=until + LEEWAY) is not None


_DICE = random.SystemRandom()
"""Our own: whoever has seeded the common one counts on nobody else's drawing from it."""


async def _repeat(stopped: asyncio.Event, database: Database, job: Job) -> None:
    pause = min(job.every.total_seconds(), 60)
    while not stopped.is_set():
        try:
            await run_if_due(database, job)
        except Exception as error:  # noqa: BLE001 - one failure ends neither the job nor the others
            # a database that is away is no fault of the program's: one word will do
            trace = None if isinstance(error, SignonError) else error
            _log.error("job failed", job=job.name, error=type(error).__name__, exc_info=trace)
        with suppress(TimeoutError):
            spread = _DICE.uniform(0.9, 1.1)  # workers must not all ask at once
            await asyncio.wait_for(stopped.wait(), pause * spread)


def _is_due(unit: Unit, job: Job) -> bool:
    """Whether its turn has come; a job that never ran has no row yet."""
    due_at = _due_at(unit, job.name)
    return due_at is None or not unit.now < due_at <= unit.now + job.every + LEEWAY


def _finish(unit: Unit, job: Job, *, error: str | None = None) -> None:
    _ran(unit, job.name, unit.now, error)


@value
def _lease(name: str, now: datetime, *, until: datetime, ahead: datetime) -> ReturningInsert[str]:
    turn = insert(jobs).values(name=name, due_at=until)
    is_due = or_(jobs.c.due_at <= now, jobs.c.due_at > ahead)
    return turn.on_conflict_do_update(
        index_elements=["name"], set_={"due_at": turn.excluded.due_at}, where=is_due
    ).returning(jobs.c.name)


@value
def _due_at(name: str) -> Select[datetime]:
    return select(jobs.c.due_at).where(jobs.c.name == name)


class Turn(NamedTuple):
    """A job's next turn, its last one, and the name of what that ended with, if it failed."""

    name: str
    due_at: datetime
    ran_at: datetime | None
    last_error: str | None


@every(Turn)
def turns() -> Select[str, datetime, datetime | None, str | None]:
    """Every job that ever ran, by name."""
    return select(jobs.c.name, jobs.c.due_at, jobs.c.ran_at, jobs.c.last_error).order_by(
        jobs.c.name
    )


@change
def _ran(name: str, now: datetime, error: str | None) -> Update:
    return update(jobs).where(jobs.c.name == name).values(ran_at=now, last_error=error)
