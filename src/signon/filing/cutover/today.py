"""The day itself, hour by hour: links, refusals by their reason, and who came and is not linked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, distinct, func, literal, select

from signon.audit import tallies
from signon.audit.events import Event
from signon.audit.models import AT_DESKS, events
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.court import kept_counts
from signon.filing.court.kept_counts import MANY, CountKind
from signon.filing.models import rights
from signon.filing.rights import training
from signon.prepared import given, value

GOES_ON = timedelta(days=3)
"""From the go-live on; then the phones are quiet."""
KINDS = (Event.LINK_MADE, Event.LINK_REFUSED)


class Hour(NamedTuple):
    """An hour of the court's day by its beginning; `refused` counts by reason."""

    at: time
    links: int
    refused: Mapping[str, int]

    @property
    def refusals(self) -> int:
        """Of whatever reason."""
        return sum(self.refused.values())


@dataclass(frozen=True, slots=True)
class Today:
    """The court's day until now. `refused` counts by reason; `not_linked`: accounts that signed in
    on the way to the court and have no filing right there.
    """

    day: date
    hours: Sequence[Hour]
    refused: Mapping[str, int]
    not_linked: int


def of(unit: Unit, court: Court) -> Today | None:
    """None but on the go-live day and the next ones; where much happens, of some minutes ago."""
    if not _is_near(unit, court):
        return None
    day, zone = training.today(court, unit.now), ZoneInfo(court.time_zone)
    edges = _edges(court, unit.now)
    counts = kept_counts.told(unit, court, DAY).counts
    if counts["day"] != day.isoformat():
        counts = _count(unit, court)
    hours = _hours(edges, zone, counts["spans"])
    refused = sum((Counter(one.refused) for one in hours), Counter())
    return Today(day, hours, dict(refused.most_common()), counts["not_linked"])


def _is_near(unit: Unit, court: Court) -> bool:
    return court.go_live is not None and court.go_live <= unit.now < court.go_live + GOES_ON


def _edges(court: Court, now: datetime) -> list[datetime]:
    """Where the hours begin that the day has had, and where the last one ends."""
    day, zone = training.today(court, now), ZoneInfo(court.time_zone)
    begin = datetime.combine(day, time(), zone).astimezone(UTC)
    # as many as the day has had: on two days of the year they are not what a clock counts
    number = int((now - begin) / timedelta(hours=1)) + 1
    return [begin + timedelta(hours=hour) for hour in range(number + 1)]


def _count(unit: Unit, court: Court) -> Mapping[str, Any]:
    edges = _edges(court, unit.now)
    counts = {"day": training.today(court, unit.now).isoformat(), "spans": [], "not_linked": 0}
    first = tallies.first_since(unit, edges[0])
    if first is None:
        return counts
    arrived = _not_linked(unit, court.id, first, edges[0], Event.SIGN_IN_SUCCEEDED) or 0
    return counts | {"spans": _counted(unit, court.id, first, edges), "not_linked": arrived}


def _is_busy(unit: Unit, court: Court) -> bool:
    if not _is_near(unit, court):
        return False
    first = tallies.first_since(unit, _edges(court, unit.now)[0])
    return first is not None and (_some(unit, court.id, first, MANY + 1) or 0) > MANY


DAY = CountKind("day", _is_busy, _count, lambda _court, _now: kept_counts.EVERY)


def _hours(
    edges: Sequence[datetime], zone: ZoneInfo, found: Sequence[tuple[str, str | None, int, int]]
) -> list[Hour]:
    links: Counter[int] = Counter()
    refused: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for event, reason, span, count in found:
        if event == Event.LINK_MADE:
            links[span] += count
        else:
            refused[span][reason or ""] += count
    return [
        Hour(edge.astimezone(zone).time(), links[span], refused[span])
        for span, edge in enumerate(edges[:-1])
    ]


def _counted(
    unit: Unit, court_id: str, first: int, edges: Sequence[datetime]
) -> list[tuple[str, str | None, int, int]]:
    """CountKind, reason, hour and how often; what never happened is left out."""
    # composed of the day's hours
    later = enumerate(edges[1:])
    each = (
        select(
            events.c.event,
            events.c.reason,
            case(*((events.c.at < edge, span) for span, edge in later)).label("span"),
        )
        .where(
            AT_DESKS,
            events.c.court_id == court_id,
            events.c.event.in_(KINDS),
            events.c.seq >= first,
            events.c.at >= edges[0],
            events.c.at < edges[-1],
        )
        .subquery()
    )
    counted = select(each.c.event, each.c.reason, each.c.span, func.count()).group_by(
        each.c.event, each.c.reason, each.c.span
    )
    return [(row[0], row[1], row[2], row[3]) for row in unit.execute(counted)]


@value
def _some(court_id: str, first: int, most: int) -> Select[int]:
    happened = events.c.court_id == court_id, events.c.seq >= first
    some = select(literal(1)).where(*happened).limit(most).subquery()
    return select(func.count().label("number")).select_from(some)


@value
def _not_linked(
    court_id: str, first: int, since: datetime, signed_in: str
) -> Select[*tuple[Any, ...]]:
    held = and_(
        rights.c.account_id == events.c.account_id,
        rights.c.court_id == given(court_id),
        rights.c.ended_at.is_(None),
    )
    return select(func.count(distinct(events.c.account_id)).label("number")).where(
        events.c.court_id == court_id,
        events.c.event == signed_in,
        events.c.seq >= first,
        events.c.at >= since,
        ~select(rights.c.id).where(held).correlate(events).exists(),
    )
