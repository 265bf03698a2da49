"""Letting old invitations go; what they have led to stands in the firm's activity."""

from datetime import timedelta

from sqlalchemy import delete, select

from signon.db import Unit
from signon.firms.models import invitations

KEPT = timedelta(days=365)
"""How long an invitation is still shown after its time is over."""


def prune_firm_invitations(unit: Unit, limit: int) -> int:
    """Remove up to `limit` invitations whose time has been over for a year."""
    over = invitations.c.expires_at <= unit.now - KEPT
    some = select(invitations.c.id).where(over).limit(limit)
    return unit.execute(delete(invitations).where(invitations.c.id.in_(some))).rowcount
