"""Which sessions, halves of sign-ins, challenges, known devices and removed factors may go."""

from datetime import timedelta

from sqlalchemy import delete, or_, select, tuple_

from signon.accounts.repudiation import LASTS
from signon.db import Unit
from signon.signin.models import (
    factor_challenges,
    half_sign_ins,
    known_devices,
    removed_authenticators,
    removed_recovery_codes,
    sessions,
)

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


def prune_half_sign_ins(unit: Unit, limit: int) -> int:
    """Remove up to `limit` halves that took too long, used or not."""
    some = select(half_sign_ins.c.id).where(half_sign_ins.c.expires_at <= unit.now).limit(limit)
    return unit.execute(delete(half_sign_ins).where(half_sign_ins.c.id.in_(some))).rowcount


def prune_factor_challenges(unit: Unit, limit: int) -> int:
    """Remove up to `limit` challenges that nobody can answer any more."""
    over = factor_challenges.c.expires_at <= unit.now
    some = select(factor_challenges.c.id).where(over).limit(limit)
    return unit.execute(delete(factor_challenges).where(factor_challenges.c.id.in_(some))).rowcount


def prune_known_devices(unit: Unit, limit: int) -> int:
    """Remove up to `limit` browsers that were not used for so long that they are known no more."""
    over = known_devices.c.expires_at <= unit.now
    key = (known_devices.c.account_id, known_devices.c.device)
    some = select(*key).where(over).limit(limit)
    # the condition again: one that was used meanwhile stays
    gone = delete(known_devices).where(tuple_(*key).in_(some), over)
    return unit.execute(gone).rowcount


def prune_removed_factors(unit: Unit, limit: int) -> int:
    """Remove up to `limit` factors and codes for good that nobody can ask back any more."""
    long_ago = unit.now - LASTS - KEPT_SESSIONS
    gone = 0
    for table in (removed_authenticators, removed_recovery_codes):
        key = tuple(table.primary_key)
        some = select(*key).where(table.c.removed_at <= long_ago).limit(limit - gone)
        gone += unit.execute(delete(table).where(tuple_(*key).in_(some))).rowcount
    return gone
