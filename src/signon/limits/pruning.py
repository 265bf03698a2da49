"""Which counters may go."""

from sqlalchemy import and_, delete, or_, select, tuple_

from signon.db import Unit
from signon.limits.models import counters


def prune_counters(unit: Unit, limit: int) -> int:
    """Remove up to `limit` counters whose window and wait are both over."""
    over = and_(
        counters.c.expires_at <= unit.now,
        or_(counters.c.blocked_until.is_(None), counters.c.blocked_until <= unit.now),
    )
    some = select(counters.c.bucket, counters.c.key).where(over).limit(limit)
    # the condition again: a counter that was hit meanwhile has begun a new window
    gone = delete(counters).where(tuple_(counters.c.bucket, counters.c.key).in_(some), over)
    return unit.execute(gone).rowcount
