"""A court in figures: its filers by state, certificates that run out, and the last weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, ScalarSelect, Select, func, literal, select, union_all

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.court import kept_counts
from signon.filing.court.desk import Desk
from signon.filing.court.kept_counts import MANY, CountKind
from signon.filing.models import certifications, efile_registrations
from signon.filing.models import rights as table
from signon.filing.rights import training
from signon.filing.rights.filing_status import RightStatus
from signon.prepared import every, value

WEEKS = 12
ENDS_WITHIN = timedelta(days=30)
SHOWN = 5


class Week(NamedTuple):
    """A week by its Monday: registrations sent to the court, and old logins linked."""

    first: date
    registrations: int
    links: int


class LastDay(NamedTuple):
    """A filer whose rights end soon."""

    number: str
    last_day: date


@dataclass(frozen=True, slots=True)
class Figures:
    """Filers by the state of their rights, certificates and rights that end soon, weeks (the
    oldest first). Filers and weeks were counted at `counted_at`, of a large court some minutes ago.
    """

    filers: Mapping[RightStatus, int]
    ending: int
    last_days: Sequence[LastDay]
    weeks: Sequence[Week]
    counted_at: datetime


def of(unit: Unit, desk: Desk) -> Figures:
    """The court's, by its own calendar."""
    court = desk.court
    counted = kept_counts.told(unit, court, OVERVIEW)
    today = training.today(court, unit.now)
    return Figures(
        {state: counted.counts["filers"].get(state.value, 0) for state in RightStatus},
        _ending(unit, court.id, today, today + ENDS_WITHIN) or 0,
        _last_days(unit, court.id, today, today + ENDS_WITHIN, SHOWN),
        [Week(date.fromisoformat(one), *more) for one, *more in counted.counts["weeks"]],
        counted.at,
    )


def _count(unit: Unit, court: Court) -> Mapping[str, Any]:
    today = training.today(court, unit.now)
    mondays = [_monday(today) - timedelta(weeks=back) for back in range(WEEKS - 1, -2, -1)]
    zone = ZoneInfo(court.time_zone)
    bounds = [datetime.combine(day, time(), zone).astimezone(UTC) for day in mondays]
    found = {number: (sent, links) for number, sent, links in _weeks(unit, court.id, *bounds)}
    weeks = [(one.isoformat(), *found[place]) for place, one in enumerate(mondays[:-1])]
    return {"filers": dict(_filers(unit, court.id)), "weeks": weeks}


def _are_many(unit: Unit, court: Court) -> bool:
    return (_some(unit, court.id, MANY + 1) or 0) > MANY


OVERVIEW = CountKind("overview", _are_many, _count, lambda _court, _now: timedelta(hours=1))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _pair(state: str, number: int) -> tuple[str, int]:
    return state, number


@value
def _some(court_id: str, most: int) -> Select[int]:
    held = table.c.court_id == court_id, table.c.ended_at.is_(None)
    return select(func.count().label("number")).select_from(
        select(literal(1)).where(*held).limit(most).subquery()
    )


@every(_pair)
def _filers(court_id: str) -> Select[str, int]:
    return (
        select(table.c.status, func.count().label("number"))
        .where(table.c.court_id == court_id, table.c.ended_at.is_(None))
        .group_by(table.c.status)
    )


@value
def _ending(court_id: str, today: date, until: date) -> Select[int]:
    return select(func.count().label("number")).where(
        certifications.c.court_id == court_id,
        certifications.c.withdrawn_at.is_(None),
        certifications.c.expires_on >= today,
        certifications.c.expires_on <= until,
    )


@every(LastDay)
def _last_days(court_id: str, today: date, until: date, limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(accounts.c.number, table.c.last_day)
        .join(accounts, accounts.c.id == table.c.account_id)
        .where(
            table.c.court_id == court_id,
            table.c.ended_at.is_(None),
            table.c.last_day.is_not(None),
            table.c.last_day >= today,
            table.c.last_day <= until,
        )
        .order_by(table.c.last_day, accounts.c.number)
        .limit(limit)
    )


class _Counted(NamedTuple):
    number: int
    sent: int
    links: int


@every(_Counted)
def _weeks(court_id: str, begin: datetime, *ends: datetime) -> CompoundSelect[Any]:
    """Of each time up to the next end, by its place: what began in it."""

    def within(column: Any, begin: datetime, end: datetime, *more: Any) -> ScalarSelect[int]:
        return (
            select(func.count())
            .where(column.table.c.court_id == court_id, column >= begin, column < end, *more)
            .scalar_subquery()
        )

    return union_all(
        *(
            select(
                literal(number).label("number"),
                within(efile_registrations.c.submitted_at, *week).label("sent"),
                within(table.c.created_at, *week, table.c.legacy_login_id.is_not(None)).label(
                    "links"
                ),
            )
            for number, week in enumerate(pairwise((begin, *ends)))
        )
    )
