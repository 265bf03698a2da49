"""Which proofs of a legacy login may go."""

from sqlalchemy import delete, select

from signon.db import Unit
from signon.filing.models import link_proofs


def prune_link_proofs(unit: Unit, limit: int) -> int:
    """Remove up to `limit` proofs that took too long: no page can spend them."""
    some = select(link_proofs.c.id).where(link_proofs.c.expires_at <= unit.now).limit(limit)
    return unit.execute(delete(link_proofs).where(link_proofs.c.id.in_(some))).rowcount
