"""The background loop: runs each job when it is due, in one process at a time.

A job is leased by a guarded UPDATE that moves its `due_at`; a process that dies in the middle
leaves the job due again at its next interval. Jobs must be safe to run twice.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select, update

from signon import logs
from signon.db import Database, Unit, insert_for
from signon.jobs.models import jobs

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every `every`; `run` is called with no unit open."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]


async def run_forever(database: Database, work: Sequence[Job]) -> None:
    """Run until cancelled; a job that fails is logged and comes back at its next turn."""
    await asyncio.gather(*(_repeat(database, job) for job in work))


async def run_if_due(database: Database, job: Job) -> bool:
    """Run the job if it is due and this process gets the lease."""
    if not await database.read(_is_due, job) or not await database.write(lease, job):
        return False
    try:
        await job.run()
    except Exception as error:  # noqa: BLE001 - one job's failure must not end the others
        _log.error("job failed", job=job.name, exc_info=error)
        await database.write(partial(_finish, error=type(error).__name__), job)
    else:
        await database.write(_finish, job)
    return True


def lease(unit: Unit, job: Job) -> bool:
    """Take the job's present turn; False when another process took it."""
    taken = unit.execute(
        update(jobs)
        .where(jobs.c.name == job.name, jobs.c.due_at <= unit.now)
        .values(due_at=unit.now + job.every)
    )
    return taken.rowcount == 1


def prepare(unit: Unit, work: Sequence[Job]) -> None:
    """Give every new job its row."""
    rows = [{"name": job.name, "due_at": unit.now} for job in work]
    unit.execute(insert_for(unit)(jobs).on_conflict_do_nothing(), rows)


async def _repeat(database: Database, job: Job) -> None:
    while True:
        try:
            await run_if_due(database, job)
        except Exception as error:  # noqa: BLE001 - a database that is away comes back
            _log.warning("job could not start", job=job.name, error=repr(error))
        pause = min(job.every.total_seconds(), 60)
        await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311 - spreads workers


def _is_due(unit: Unit, job: Job) -> bool:
    due_at = unit.scalar(select(jobs.c.due_at).where(jobs.c.name == job.name))
    return due_at is not None and due_at <= unit.now


def _finish(unit: Unit, job: Job, *, error: str | None = None) -> None:
    unit.execute(
        update(jobs).where(jobs.c.name == job.name).values(ran_at=unit.now, last_error=error)
    )
