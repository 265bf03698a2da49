"""Which registrations that were never sent may go."""

from datetime import timedelta

from sqlalchemy import delete, select

from signon.db import Unit
from signon.filing.models import efile_documents, efile_registration_history, efile_registrations


def prune_unsent_registrations(unit: Unit, limit: int, *, days: int) -> int:
    """Remove up to `limit` registrations that no court ever saw and nobody touched for so long."""
    over = (
        efile_registrations.c.submitted_at.is_(None),
        efile_registrations.c.updated_at <= unit.now - timedelta(days=days),
    )
    some = select(efile_registrations.c.id).where(*over).limit(limit).with_for_update()
    # lists of any length
    ids = list(unit.execute(some).scalars())
    for table in (efile_documents, efile_registration_history):
        unit.execute(delete(table).where(table.c.registration_id.in_(ids)))
    gone = delete(efile_registrations).where(efile_registrations.c.id.in_(ids), *over)
    return unit.execute(gone).rowcount
