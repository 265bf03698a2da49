"""How much waits at a court for its staff: the counts in the console's navigation."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    cast,
    func,
    literal_column,
    select,
)

from signon.db import Unit
from signon.filing.models import efile_registrations, folded_logins, staff_requests
from signon.filing.models import rights as table
from signon.prepared import one


class Waiting(NamedTuple):
    """By the sections of the console: registrations that were sent, links under another name and
    further logins to be looked at, and what a second member of the staff has to confirm.
    """

    registrations: int = 0
    filers: int = 0
    requests: int = 0


NOTHING = Waiting()


def at(unit: Unit, court_id: str) -> Waiting:
    """All of it, in one statement."""
    return _at(unit, court_id, unit.now) or NOTHING


def _count(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(*conditions).scalar_subquery()


@one(Waiting)
def _at(court_id: str, now: datetime) -> Select[int, int, int]:
    sent = _count(
        efile_registrations.c.court_id == court_id,
        efile_registrations.c.state == literal_column("'pending'"),
        efile_registrations.c.submitted_at.is_not(None),
    )
    names = _count(
        table.c.court_id == court_id,
        table.c.ended_at.is_(None),
        # written out, so that the index of the few rights that are not in force is used
        table.c.status != literal_column("'active'"),
        cast(table.c.pending_for, String).contains('"review"'),
    )
    further = (
        select(func.count())
        .select_from(folded_logins.join(table, table.c.id == folded_logins.c.right_id))
        .where(table.c.court_id == court_id, folded_logins.c.accepted_at.is_(None))
        .scalar_subquery()
    )
    asked = _count(
        staff_requests.c.court_id == court_id,
        staff_requests.c.decided_at.is_(None),
        staff_requests.c.expires_at > now,
    )
    return select(
        sent.label("registrations"), (names + further).label("filers"), asked.label("requests")
    )
