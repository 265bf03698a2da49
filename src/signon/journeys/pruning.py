"""Which journeys may go."""

from sqlalchemy import delete, select

from signon.db import Unit
from signon.journeys.models import journeys


def prune_journeys(unit: Unit, limit: int) -> int:
    """Remove up to `limit` journeys that took too long: nobody can come back to them."""
    some = select(journeys.c.id).where(journeys.c.expires_at <= unit.now).limit(limit)
    return unit.execute(delete(journeys).where(journeys.c.id.in_(some))).rowcount
