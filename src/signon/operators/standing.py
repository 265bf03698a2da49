"""How the service stands, written down every five minutes by one process, and kept for a day.

For the operators' pictures, and for what `/metrics` could not count at every scrape.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Insert, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from signon.audit import sealing
from signon.db import Database, Unit
from signon.jobs import measuring as jobs_measuring
from signon.metrics import Gauge, Values
from signon.operators.models import standings
from signon.outbox import measuring as outbox_measuring
from signon.prepared import change, every, value
from signon.signin.models import sessions
from signon.web.charts import Chart, Series

EVERY = timedelta(minutes=5)
MOST_SESSIONS = 1_000_000
"""More are not counted: it takes a fifth of a second, and nobody worries about a later one."""

HOURS = 24
DRAWN = (
    ("sessions", "Sessions", "Alive", "c1"),
    ("outbox_waiting", "Mail and messages on their way", "Waiting", "c2"),
    ("outbox_oldest_seconds", "How long the oldest of them has waited", "Seconds", "c3"),
    ("sealing_lag_seconds", "How long the oldest record waits for its seal", "Seconds", "c4"),
)


class Standing(NamedTuple):
    """At that moment: sessions that live; what waits in the outbox and for how long; how long the
    oldest record has waited to be sealed; how many processes serve.
    """

    at: datetime
    sessions: int
    outbox_waiting: int
    outbox_oldest_seconds: int
    sealing_lag_seconds: int
    processes: int


async def take(database: Database) -> None:
    """Look, and write it down."""
    now = await database.read(look)
    await database.write(lambda unit: _add(unit, now))


def look(unit: Unit) -> Standing:
    """As it is now."""
    waiting = outbox_measuring.backlogs(unit)
    sealed = sealing.waiting(unit)
    return Standing(
        unit.now,
        _living(unit, unit.now) or 0,
        sum(one.number for one in waiting),
        max((_seconds(unit, one.since) for one in waiting), default=0),
        _seconds(unit, sealed.since) if sealed.since else 0,
        sum(one.number for one in jobs_measuring.running_now(unit)),
    )


def of_day(unit: Unit) -> list[Standing]:
    """What was written down in the last 24 hours, the oldest first."""
    return list(_since(unit, unit.now - timedelta(hours=24)))


def pictures(unit: Unit) -> list[tuple[str, str, Chart]]:
    """The day by hours, the highest of each: an id, a heading and its bars."""
    last = unit.now.replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=place) for place in reversed(range(HOURS))]
    highest: dict[datetime, list[Standing]] = {hour: [] for hour in hours}
    for one in of_day(unit):
        highest.setdefault(one.at.replace(minute=0, second=0, microsecond=0), []).append(one)
    return [
        (
            f"{name.replace('_', '-')}-heading",
            heading,
            Chart(
                "Hour (UTC)",
                [f"{hour.hour % 12 or 12} {'AM' if hour.hour < 12 else 'PM'}" for hour in hours],
                [Series(label, color, [_highest(highest[hour], name) for hour in hours])],
                named=6,
            ),
        )
        for name, heading, label, color in DRAWN
    ]


def _highest(found: list[Standing], name: str) -> int:
    return max((getattr(one, name) for one in found), default=0)


async def measure(database: Database) -> list[Gauge]:
    """Sessions, as they were counted last."""
    found = await database.read(of_last_turns)
    values: Values = {(): found[-1].sessions} if found else {}
    return [
        Gauge(
            "signon_sessions",
            f"Sessions that live, as counted within {EVERY.seconds // 60} minutes",
            (),
            values,
        )
    ]


def of_last_turns(unit: Unit) -> list[Standing]:
    """The newest, if a process does the background's work."""
    return list(_since(unit, unit.now - 2 * EVERY))


def _seconds(unit: Unit, since: datetime) -> int:
    return max(0, int((unit.now - since).total_seconds()))


@value
def _living(now: datetime) -> Select[int]:
    lives = sessions.c.ended_at.is_(None), sessions.c.expires_at > now
    some = select(sessions.c.id).where(*lives).limit(MOST_SESSIONS).subquery()
    return select(func.count()).select_from(some)


@every(Standing)
def _since(since: datetime) -> Select[datetime, int, int, int, int, int]:
    found = select(
        standings.c.at,
        standings.c.sessions,
        standings.c.outbox_waiting,
        standings.c.outbox_oldest_seconds,
        standings.c.sealing_lag_seconds,
        standings.c.processes,
    )
    return found.where(standings.c.at > since).order_by(standings.c.at)


@change
def _add(row: Standing) -> Insert:
    return insert(standings).values(**row._asdict()).on_conflict_do_nothing()
