"""How the background's work and the processes stand, for `/metrics`."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, func, select

from signon import __version__, schema
from signon.db import Database, Unit
from signon.jobs import loop
from signon.jobs.models import heartbeats
from signon.metrics import Gauge, Values
from signon.prepared import every


class Running(NamedTuple):
    """How many processes run a program of that revision."""

    revision: str
    number: int


async def measure(database: Database) -> list[Gauge]:
    """When each job ended last and whether well, the processes that run, and what this one is."""
    turns = [one for one in await database.read(loop.turns) if one.ran_at]
    running = await database.read(running_now)
    ended: Values = {(one.name,): one.ran_at.timestamp() for one in turns if one.ran_at}
    failed: Values = {(one.name,): float(one.last_error is not None) for one in turns}
    return [
        Gauge("signon_job_ended_timestamp_seconds", "End of its last turn", ("job",), ended),
        Gauge("signon_job_failed", "Whether that was a failure", ("job",), failed),
        Gauge(
            "signon_processes",
            "Serving processes that have spoken within a minute, of all instances",
            ("revision",),
            {(one.revision,): float(one.number) for one in running},
        ),
        Gauge(
            "signon_build_info",
            "The program that answers, and the newest revision that it knows",
            ("version", "revision"),
            {(__version__, schema.head()): 1.0},
        ),
    ]


def running_now(unit: Unit) -> list[Running]:
    """The processes that have spoken lately, by the newest revision that they know."""
    return _running(unit, unit.now - timedelta(seconds=schema.SILENT_SECONDS))


@every(Running)
def _running(since: datetime) -> Select[str, int]:
    found = select(heartbeats.c.revision, func.count().label("number"))
    return found.where(heartbeats.c.seen_at > since).group_by(heartbeats.c.revision)
