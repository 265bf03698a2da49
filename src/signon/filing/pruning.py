"""Which proofs of a legacy login, and which registrations that were never sent, may go."""

from datetime import timedelta

from sqlalchemy import delete, select

from signon.db import Unit
from signon.filing.models import (
    efile_documents,
    efile_registration_history,
    efile_registrations,
    link_proofs,
    staff_requests,
)

REQUESTS_KEPT = timedelta(days=90)
"""After they could last be confirmed: the trail keeps who asked and confirmed for good."""


def prune_link_proofs(unit: Unit, limit: int) -> int:
    """Remove up to `limit` proofs that took too long: no page can spend them."""
    some = select(link_proofs.c.id).where(link_proofs.c.expires_at <= unit.now).limit(limit)
    return unit.execute(delete(link_proofs).where(link_proofs.c.id.in_(some))).rowcount


def prune_unsent_registrations(unit: Unit, limit: int, *, days: int) -> int:
    """Remove up to `limit` registrations that no court ever saw and nobody touched for so long."""
    over = (
        efile_registrations.c.submitted_at.is_(None),
        efile_registrations.c.updated_at <= unit.now - timedelta(days=days),
    )
    some = select(efile_registrations.c.id).where(*over).limit(limit).with_for_update()
    ids = list(unit.execute(some).scalars())
    for table in (efile_documents, efile_registration_history):
        unit.execute(delete(table).where(table.c.registration_id.in_(ids)))
    gone = delete(efile_registrations).where(efile_registrations.c.id.in_(ids), *over)
    return unit.execute(gone).rowcount


def prune_staff_requests(unit: Unit, limit: int) -> int:
    """Remove up to `limit` requests that nobody has to look up any more."""
    over = staff_requests.c.expires_at <= unit.now - REQUESTS_KEPT
    some = select(staff_requests.c.id).where(over).limit(limit)
    return unit.execute(delete(staff_requests).where(staff_requests.c.id.in_(some))).rowcount
