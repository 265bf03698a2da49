"""The day itself, hour by hour: links, refusals by their reason, and who came and is not linked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, distinct, func, select

from signon.audit import tallies
from signon.audit.events import Event
from signon.audit.models import AT_DESKS, events
from signon.courts.registry import Court
from signon.db import Unit
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
    """None but on the go-live day and the next ones."""
    if court.go_live is None or not court.go_live <= unit.now < court.go_live + GOES_ON:
        return None
    day, zone = training.today(court, unit.now), ZoneInfo(court.time_zone)
    begin = datetime.combine(day, time(), zone).astimezone(UTC)
    # as many as the day has had: on two days of the year they are not what a clock counts
    number = int((unit.now - begin) / timedelta(hours=1)) + 1
    edges = [begin + timedelta(hours=hour) for hour in range(number + 1)]
    first = tallies.first_since(unit, begin)
    if first is None:
        return Today(day, _hours(edges, zone, []), {}, 0)
    hours = _hours(edges, zone, _counted(unit, court.id, first, edges))
    refused = sum((Counter(one.refused) for one in hours), Counter())
    arrived = _not_linked(unit, court.id, first, begin, Event.SIGN_IN_SUCCEEDED) or 0
    return Today(day, hours, dict(refused.most_common()), arrived)


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
    """Kind, reason, hour and how often; what never happened is left out."""
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
