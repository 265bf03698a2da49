"""What of the audit trail may go: never an event, only where it came from."""

from datetime import timedelta

from sqlalchemy import delete, select

from signon.audit.models import origins
from signon.db import Unit


def prune_origins(unit: Unit, limit: int, *, days: int) -> int:
    """Remove up to `limit` addresses and browsers that are older than their retention."""
    over = origins.c.at <= unit.now - timedelta(days=days)
    some = select(origins.c.event_id).where(over).limit(limit)
    return unit.execute(delete(origins).where(origins.c.event_id.in_(some))).rowcount
