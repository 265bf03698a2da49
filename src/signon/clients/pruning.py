"""Which used client assertions and refused requests may go."""

from datetime import timedelta

from sqlalchemy import delete, select, tuple_

from signon.clients.models import assertions, refusal_counts, refusals
from signon.db import Unit

KEPT_ASSERTIONS = timedelta(minutes=10)
"""After an assertion's `exp`, more than any clock here is wrong by."""


def prune_assertions(unit: Unit, limit: int) -> int:
    """Remove up to `limit` assertions that have expired: replaying one is refused anyway."""
    over = assertions.c.expires_at <= unit.now - KEPT_ASSERTIONS
    some = select(assertions.c.digest).where(over).limit(limit)
    return unit.execute(delete(assertions).where(assertions.c.digest.in_(some))).rowcount


def prune_refusals(unit: Unit, limit: int, *, days: int) -> int:
    """Remove up to `limit` refused requests that are older than their retention."""
    over = refusals.c.at <= unit.now - timedelta(days=days)
    some = select(refusals.c.request_id).where(over).limit(limit)
    return unit.execute(delete(refusals).where(refusals.c.request_id.in_(some))).rowcount


def prune_refusal_counts(unit: Unit, limit: int, *, days: int) -> int:
    """Remove up to `limit` counts of hours as old, once the audit trail has them."""
    counts = refusal_counts.c
    over = (counts.hour <= unit.now - timedelta(days=days), counts.told_at.is_not(None))
    key = tuple_(counts.client_id, counts.hour, counts.reason)
    some = select(counts.client_id, counts.hour, counts.reason).where(*over).limit(limit)
    return unit.execute(delete(refusal_counts).where(key.in_(some))).rowcount
