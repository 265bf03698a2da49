"""Which grants and tokens may go."""

from datetime import timedelta

from sqlalchemy import delete, select

from signon.db import Unit
from signon.tokens.models import grants, revoked_access_tokens

KEPT_GRANTS = timedelta(days=7)
"""After its end a grant opens nothing. So long a stolen refresh token that turns up late is
still known as a replay, and stands in the audit trail as one."""
KEPT_REVOKED = timedelta(minutes=10)
"""After a token's `exp`, more than any clock here is wrong by."""


def prune_grants(unit: Unit, limit: int) -> int:
    """Remove up to `limit` grants long past their end, with all their refresh tokens."""
    over = grants.c.expires_at <= unit.now - KEPT_GRANTS
    some = select(grants.c.id).where(over).limit(limit)
    return unit.execute(delete(grants).where(grants.c.id.in_(some))).rowcount


def prune_revoked_access_tokens(unit: Unit, limit: int) -> int:
    """Remove up to `limit` revocations of tokens that have expired by themselves."""
    over = revoked_access_tokens.c.expires_at <= unit.now - KEPT_REVOKED
    some = select(revoked_access_tokens.c.jti).where(over).limit(limit)
    gone = delete(revoked_access_tokens).where(revoked_access_tokens.c.jti.in_(some))
    return unit.execute(gone).rowcount
