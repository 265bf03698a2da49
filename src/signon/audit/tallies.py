"""How often things happened in each of several spans of time, for charts."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, case, func, select

from signon.audit.events import Event
from signon.audit.models import events, origins
from signon.db import Unit
from signon.prepared import value


class Tally(NamedTuple):
    """A kind of event in the span that begins with `edges[span]`, and how often it happened."""

    event: str
    span: int
    number: int


def tallied(unit: Unit, kinds: Sequence[Event], edges: Sequence[datetime]) -> list[Tally]:
    """Each kind between two neighbours of `edges`, which rise; what never happened is left out.

    Told of what people did: where an event came from is kept by time, and leads to the first of
    them without a look at all that happened before.
    """
    first = first_since(unit, edges[0])
    if first is None:
        return []
    later = list(enumerate(edges[1:]))
    # composed of the spans
    spans = select(
        events.c.event, case(*((events.c.at < edge, span) for span, edge in later)).label("span")
    ).where(
        events.c.event.in_(kinds),
        events.c.seq >= first,
        events.c.at >= edges[0],
        events.c.at < edges[-1],
    )
    each = spans.subquery()
    found = select(each.c.event, each.c.span, func.count()).group_by(each.c.event, each.c.span)
    return [Tally(*row) for row in unit.execute(found)]


def summed(found: Sequence[Tally], kinds: Sequence[Event], spans: int) -> list[int]:
    """How often any of these kinds happened in each span."""
    numbers = [0] * spans
    for one in found:
        if one.event in kinds:
            numbers[one.span] += one.number
    return numbers


@value
def first_since(since: datetime) -> Select[int]:
    """A place in the trail before which nothing that people did is as late; None: nothing is."""
    return (
        select(events.c.seq)
        .select_from(origins.join(events, events.c.id == origins.c.event_id))
        .where(origins.c.at >= since)
        .order_by(origins.c.at)
        .limit(1)
    )
