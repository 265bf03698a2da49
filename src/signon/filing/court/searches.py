"""Looking for people at a court's desk is bounded and on record, on whichever page it is done."""

from datetime import timedelta
from typing import Any

from signon import metrics
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import BusyError
from signon.filing.court.desk import Desk
from signon.limits import counters

BUCKET = "desk_searches"
"""Searches of one member of the staff; each page of one counts, for its place can be written by hand."""
AN_HOUR = 120
HOUR = timedelta(hours=1)
TYPED = "desk_search"
"""Purpose of the MAC that stands in the trail for what was looked for."""


def count(unit: Unit, desk: Desk) -> None:
    """One search more. Raises BusyError over the bound."""
    counted = counters.hit(unit, BUCKET, counters.key(desk.actor), window=HOUR)
    if counted.count > AN_HOUR:
        assert counted.ends_at is not None
        metrics.throttled.labels(BUCKET).inc()
        raise BusyError(
            f"That were {AN_HOUR} searches within an hour. Wait a little.",
            retry_after=max(1, round((counted.ends_at - unit.now).total_seconds())),
        )


def note(unit: Unit, desk: Desk, words: str, **found: int) -> None:
    """How much was found; whoever knows what was typed can ask the trail for it by its MAC."""
    tidy = " ".join(words.split()).casefold()
    counts: dict[str, Any] = dict(found)
    trail.record(
        unit,
        Event.DESK_SEARCHED,
        actor=desk.actor,
        court_id=desk.court.id,
        source=desk.source,
        typed_mac=unit.ring.mac(TYPED, tidy.encode()).hex(),
        **counts,
    )
