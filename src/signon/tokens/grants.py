"""Grants: what one sign-in gave one client, and the family of its tokens."""

from sqlalchemy import update

from signon.db import Unit
from signon.tokens.models import grants


def revoke(unit: Unit, grant_id: str, *, reason: str) -> bool:
    """End a grant with all its tokens; False when it had ended before."""
    ended = unit.execute(
        update(grants)
        .where(grants.c.id == grant_id, grants.c.revoked_at.is_(None))
        .values(revoked_at=unit.now, revoked_reason=reason)
    )
    return ended.rowcount == 1


def revoke_of_session(unit: Unit, session_id: str, *, reason: str) -> int:
    """End every grant that was made in a session; answers how many there were."""
    ended = unit.execute(
        update(grants)
        .where(grants.c.session_id == session_id, grants.c.revoked_at.is_(None))
        .values(revoked_at=unit.now, revoked_reason=reason)
    )
    return ended.rowcount
