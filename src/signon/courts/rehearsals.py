"""The row of a rehearsal, and its staff: those of the court that it is a rehearsal of."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert

from signon.courts.models import courts, staff
from signon.db import Unit

_NAMES = ("court_id", "account_id", "role", "added_at")


def keep(unit: Unit, row: Mapping[str, Any]) -> None:
    """Write the court, or bring it up to date."""
    policy = select(courts.c.policy).where(courts.c.id == row["rehearsal_of"])
    said = unit.execute(policy).scalar_one()
    new = insert(courts).values(**row, policy=said)
    renewed = {name: new.excluded[name] for name in (*row, "policy") if name != "id"}
    unit.execute(new.on_conflict_do_update(index_elements=["id"], set_=renewed))


def copy_staff(unit: Unit, court_id: str, source_id: str) -> None:
    """Whoever works for the court works at its rehearsal; who is there stays."""
    own = select(literal(court_id), *(staff.c[name] for name in _NAMES[1:]))
    found = own.where(staff.c.court_id == source_id)
    unit.execute(insert(staff).from_select(_NAMES, found).on_conflict_do_nothing())
