"""A point a day: how many of a court's logins were in each state, for the picture over time.

The states that depend on accounts are told from these alone, so that whoever loads a list learns
at most once a day what it did to the numbers.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon.courts.registry import Court, CourtStatus, read_all
from signon.db import Database, Unit
from signon.filing.cutover import states
from signon.filing.cutover.models import cutover_points as table
from signon.filing.cutover.states import LoginState
from signon.filing.rights import training
from signon.prepared import every, value

GOES_ON = timedelta(days=30)
"""So long after the day a court is still looked at."""
SHOWN = 120
"""Days of the picture."""


class Point:
    """A day, and how many logins were in each state then."""

    def __init__(self, day: date, counts: Mapping[str, int]) -> None:
        self.day = day
        self.counts = {state: counts.get(state, 0) for state in LoginState}

    @property
    def ready(self) -> int:
        """Who has nothing more to do."""
        return self.counts[LoginState.LINKED] + self.counts[LoginState.PREPARED]

    @property
    def not_ready(self) -> int:
        """Who could, and has not."""
        return sum(self.counts[state] for state in states.OF_ACCOUNTS)

    @property
    def unusable(self) -> int:
        """Whose login nobody can prove."""
        return self.counts[LoginState.UNUSABLE]


async def keep(database: Database) -> int:
    """Take today's point of each court that has a day before it, or just behind it."""
    courts = await database.read(read_all)
    kept = 0
    for court in courts.values():
        if is_watched(court, database.clock()):
            kept += await database.write(take, court)
    return kept


def is_watched(court: Court, now: datetime) -> bool:
    """Whether the court's day is ahead, or was a short while ago."""
    if court.status(now) is CourtStatus.NOT_SCHEDULED:
        return False
    assert court.go_live is not None
    return now < court.go_live + GOES_ON


def take(unit: Unit, court: Court) -> bool:
    """Count, once for a day of the court's calendar; False when that was done."""
    today = training.today(court, unit.now)
    if _has(unit, court.id, today):
        return False
    counts = {state.value: number for state, number in states.counted(unit, court.id).items()}
    return _add(unit, court.id, today, counts) is not None


def of_court(unit: Unit, court: Court) -> list[Point]:
    """The last days' points, the oldest first."""
    return _since(unit, court.id, training.today(court, unit.now) - timedelta(days=SHOWN))


@value
def _has(court_id: str, day: date) -> Select[date]:
    return select(table.c.day).where(table.c.court_id == court_id, table.c.day == day)


@value
def _add(court_id: str, day: date, counts: Mapping[str, int]) -> ReturningInsert[date]:
    new = insert(table).values(court_id=court_id, day=day, counts=counts)
    return new.on_conflict_do_nothing().returning(table.c.day)


@every(Point)
def _since(court_id: str, since: date) -> Select[*tuple[Any, ...]]:
    return (
        select(table.c.day, table.c.counts)
        .where(table.c.court_id == court_id, table.c.day >= since)
        .order_by(table.c.day)
    )
