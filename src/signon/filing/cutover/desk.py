"""A court's cutover as its desk, its program and the command read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from signon.courts.registry import Court, read_one
from signon.db import Unit
from signon.filing.court import kept_counts, waiting
from signon.filing.court.waiting import Waiting
from signon.filing.cutover import checks, points, states, today
from signon.filing.cutover.checks import Check
from signon.filing.cutover.points import Point
from signon.filing.cutover.states import LoginState, Preparedness
from signon.filing.cutover.today import Today
from signon.filing.rights import training


@dataclass(frozen=True, slots=True)
class Cutover:
    """`days_left` is negative after the day, None while there is no date. `standings` were counted
    at `counted_at`, of a large court a few minutes ago (`kept_counts`). `why` are the states of
    accounts by the last day's point (None: hidden), empty before the first one. `today` is told
    from the go-live on, for three days, with what then waits for the court.
    """

    court: Court
    now: datetime
    days_left: int | None
    standings: Mapping[Preparedness, int]
    counted_at: datetime
    why: Mapping[LoginState, int | None]
    points: Sequence[Point]
    checks: Sequence[Check]
    today: Today | None
    waiting: Waiting

    @property
    def is_ready(self) -> bool:
        """Whether the court has passed all its checks."""
        return all(one.is_met for one in self.checks)


def of(unit: Unit, court_id: str) -> Cutover:
    """Where it stands now, with the date as it stands in the database. Raises NotFoundError."""
    court = read_one(unit, court_id)
    found, day = points.of_court(unit, court), today.of(unit, court)
    counted = kept_counts.told(unit, court, states.STANDINGS)
    return Cutover(
        court,
        unit.now,
        _days_left(unit, court),
        {one: counted.counts[one.value] for one in Preparedness},
        counted.at,
        states.told(found[-1].counts) if found else {},
        found,
        checks.of(unit, court),
        day,
        waiting.at(unit, court.id) if day else waiting.NOTHING,
    )


def _days_left(unit: Unit, court: Court) -> int | None:
    if court.go_live_local is None:
        return None
    return (court.go_live_local.date() - training.today(court, unit.now)).days
