"""What the outbox holds, opened."""

from typing import Any

from sqlalchemy import select

from signon.db import Database, Unit
from signon.outbox import events
from signon.outbox.models import outbox


def payloads(database: Database, kind: str | None = None) -> list[Any]:
    """The payloads of all events, or of a kind, delivered or not, in their order."""
    with database.reading() as unit:
        return [payload(unit, row) for row in rows(unit) if kind in {None, row.kind}]


def rows(unit: Unit) -> list[Any]:
    """All events, in the order in which they were queued."""
    return list(unit.execute(select(*outbox.c).order_by(outbox.c.created_at)))


def payload(unit: Unit, row: Any) -> Any:
    """What a row says."""
    return events.opened(unit.ring, row.id, row.payload, row.sealed)
