"""Which sessions may go."""

from datetime import timedelta

from sqlalchemy import delete, or_, select

from signon.db import Unit
from signon.signin.models import sessions

KEPT_SESSIONS = timedelta(days=7)
"""After their end, so that a late sign-out still finds out which one it means."""


def prune_sessions(unit: Unit, limit: int) -> int:
    """Remove up to `limit` sessions that ended long ago, with their authorization codes.

    An idle session counts as living until its absolute limit: its grants do.
    """
    long_ago = unit.now - KEPT_SESSIONS
    over = or_(sessions.c.expires_at <= long_ago, sessions.c.ended_at <= long_ago)
    some = select(sessions.c.id).where(over).limit(limit)
    return unit.execute(delete(sessions).where(sessions.c.id.in_(some))).rowcount
