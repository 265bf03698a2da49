"""Taking a rehearsal away: its people, and whatever hangs on them, table by table.

What goes is found by the foreign keys alone, so what a feature of tomorrow keeps of people goes
with them. The audit trail stays; it refers to nobody by a key.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, Table, delete, or_, select

from signon.accounts.found_by import at_court
from signon.accounts.models import accounts
from signon.clients.models import clients, dynamic_registrations, invitations
from signon.courts.models import courts, staff
from signon.db import Unit, metadata
from signon.filing.cutover.models import rehearsal_people
from signon.filing.legacy_logins.found_by import logins_at, names_at
from signon.filing.registrations.found_by import bars_at
from signon.prepared import values
from signon.searching import entries

BATCH = 200
"""Accounts that go in one unit."""
SET = frozenset({courts, clients, invitations, dynamic_registrations, staff})
"""What a rehearsal keeps when it gets new people: the stage, and how each program came to it."""


def some_people(unit: Unit, court_id: str) -> int:
    """Take away a batch of those invented for a rehearsal; answers how many, 0 when none is left."""
    people = _people(unit, court_id, BATCH)
    if people:
        entries.forget(unit, people)
        _remove(unit, {accounts: accounts.c.id.in_(people)}, frozenset())
    return len(people)


def what_happened(unit: Unit, court_id: str) -> None:
    """Take away all that hangs on a rehearsal but its programs and its staff."""
    _forget(unit, court_id)
    _remove(unit, {courts: courts.c.id == court_id}, SET)


def the_court(unit: Unit, court_id: str) -> None:
    """Take away a rehearsal, of which nobody is left."""
    _forget(unit, court_id)
    _remove(unit, {courts: courts.c.id == court_id}, frozenset())


def _forget(unit: Unit, court_id: str) -> None:
    """What the court's lists are searched by hangs on no key."""
    found = (at_court, names_at, logins_at, bars_at)
    entries.clear(unit, [place(court_id) for place in found])


def _remove(unit: Unit, roots: dict[Table, ColumnElement[bool]], kept: Collection[Table]) -> None:
    """Delete from the last table to the first, so that nothing refers to what is gone."""
    doomed = dict(roots)
    for table in metadata.sorted_tables:
        parts = [
            key.parent.in_(select(key.column).where(doomed[key.column.table]))
            for key in table.foreign_keys
            if key.column.table in doomed and key.column.table is not table
        ]
        if parts and table not in kept and table not in doomed:
            doomed[table] = or_(*parts)
    for table in reversed(metadata.sorted_tables):
        if table in doomed and table not in kept:
            unit.execute(delete(table).where(doomed[table]))


@values
def _people(court_id: str, limit: int) -> Select[str]:
    found = select(rehearsal_people.c.account_id)
    return found.where(rehearsal_people.c.court_id == court_id).limit(limit)
