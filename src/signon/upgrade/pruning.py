"""Which upgrades may go."""

from sqlalchemy import delete, select

from signon.db import Unit
from signon.upgrade.models import upgrades


def prune_upgrades(unit: Unit, limit: int) -> int:
    """Remove up to `limit` upgrades that nobody has gone on with; their accounts stay legacy."""
    gone = select(upgrades.c.account_id).where(upgrades.c.expires_at <= unit.now).limit(limit)
    return unit.execute(delete(upgrades).where(upgrades.c.account_id.in_(gone))).rowcount
