"""Which mailed links may go."""

from sqlalchemy import delete, select

from signon.accounts.models import mailed_links
from signon.db import Unit


def prune_mailed_links(unit: Unit, limit: int) -> int:
    """Remove up to `limit` links that have expired, used or not."""
    some = select(mailed_links.c.digest).where(mailed_links.c.expires_at <= unit.now).limit(limit)
    return unit.execute(delete(mailed_links).where(mailed_links.c.digest.in_(some))).rowcount
