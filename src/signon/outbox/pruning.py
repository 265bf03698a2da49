"""What of the outbox may go."""

from datetime import timedelta

from sqlalchemy import delete, or_, select

from signon.db import Unit
from signon.outbox.models import outbox

KEPT_DELIVERED = timedelta(days=7)
KEPT_GIVEN_UP = timedelta(days=30)
"""So long an operator can see that something could not be delivered."""


def prune_outbox(unit: Unit, limit: int) -> int:
    """Remove up to `limit` events that were delivered, or given up, long enough ago."""
    over = or_(
        outbox.c.done_at <= unit.now - KEPT_DELIVERED,
        outbox.c.failed_at <= unit.now - KEPT_GIVEN_UP,
    )
    some = select(outbox.c.id).where(over).limit(limit)
    return unit.execute(delete(outbox).where(outbox.c.id.in_(some))).rowcount
