"""Which registrations may go."""

from sqlalchemy import delete, select

from signon.db import Unit
from signon.registration.models import registrations


def prune_registrations(unit: Unit, limit: int) -> int:
    """Remove up to `limit` registrations that took too long or were completed a while ago."""
    over = registrations.c.expires_at <= unit.now
    some = select(registrations.c.id).where(over).limit(limit)
    # the condition again: somebody may have gone on with it meanwhile
    return unit.execute(delete(registrations).where(registrations.c.id.in_(some), over)).rowcount
