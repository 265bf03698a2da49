"""Which mailed links and changes of address may go."""

from datetime import timedelta

from sqlalchemy import delete, or_, select

from signon.accounts.models import email_changes, mailed_links
from signon.db import Unit


def prune_mailed_links(unit: Unit, limit: int) -> int:
    """Remove up to `limit` links that have expired, used or not."""
    some = select(mailed_links.c.digest).where(mailed_links.c.expires_at <= unit.now).limit(limit)
    return unit.execute(delete(mailed_links).where(mailed_links.c.digest.in_(some))).rowcount


def prune_email_changes(unit: Unit, limit: int) -> int:
    """Remove up to `limit` changes of address that ended a day ago or were never confirmed."""
    long_ago = unit.now - timedelta(days=1)
    is_lost = (email_changes.c.confirmed_at.is_(None)) & (email_changes.c.due_at <= long_ago)
    over = or_(email_changes.c.ended_at <= long_ago, is_lost)
    some = select(email_changes.c.id).where(over).limit(limit)
    return unit.execute(delete(email_changes).where(email_changes.c.id.in_(some), over)).rowcount
