"""Which authorization codes may go."""

from datetime import timedelta

from sqlalchemy import delete, select

from signon.db import Unit
from signon.oidc.models import codes

KEPT_CODES = timedelta(days=1)
"""The longest that a session, and so a grant, may live. Until then the replay of a code must
find the grant that it made, to revoke it; after it there is nothing left to revoke."""


def prune_codes(unit: Unit, limit: int) -> int:
    """Remove up to `limit` codes whose grant, if they made one, is over."""
    some = select(codes.c.digest).where(codes.c.expires_at <= unit.now - KEPT_CODES).limit(limit)
    return unit.execute(delete(codes).where(codes.c.digest.in_(some))).rowcount
