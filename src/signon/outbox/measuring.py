"""What waits in the outbox, for `/metrics`."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select

from signon.db import Database
from signon.metrics import Gauge, Values
from signon.outbox.models import outbox
from signon.prepared import every


class Backlog(NamedTuple):
    """Of a kind: how many wait, and when the oldest was put in."""

    kind: str
    number: int
    since: datetime


async def measure(database: Database) -> list[Gauge]:
    """How many wait and for how long the oldest has, by kind."""
    found = await database.read(backlogs)
    now = database.clock()
    ages: Values = {(one.kind,): max(0.0, (now - one.since).total_seconds()) for one in found}
    numbers: Values = {(one.kind,): float(one.number) for one in found}
    return [
        Gauge("signon_outbox_waiting", "Outbox events to be delivered", ("kind",), numbers),
        Gauge("signon_outbox_oldest_seconds", "Age of the oldest of them", ("kind",), ages),
    ]


@every(Backlog)
def backlogs() -> Select[str, int, datetime]:
    """What waits, by kind."""
    since = func.min(outbox.c.created_at).label("since")
    found = select(outbox.c.kind, func.count().label("number"), since)
    is_open = outbox.c.done_at.is_(None), outbox.c.failed_at.is_(None)
    return found.where(*is_open).group_by(outbox.c.kind)
