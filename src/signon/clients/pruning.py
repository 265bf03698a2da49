"""Which used client assertions may go."""

from datetime import timedelta

from sqlalchemy import delete, select

from signon.clients.models import assertions
from signon.db import Unit

KEPT_ASSERTIONS = timedelta(minutes=10)
"""After an assertion's `exp`, more than any clock here is wrong by."""


def prune_assertions(unit: Unit, limit: int) -> int:
    """Remove up to `limit` assertions that have expired: replaying one is refused anyway."""
    over = assertions.c.expires_at <= unit.now - KEPT_ASSERTIONS
    some = select(assertions.c.digest).where(over).limit(limit)
    return unit.execute(delete(assertions).where(assertions.c.digest.in_(some))).rowcount
