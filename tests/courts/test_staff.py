"""Who may work for a court."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select

from signon.accounts.models import accounts
from signon.audit.models import events
from signon.courts import staff
from signon.courts.staff import StaffRole
from signon.db import Database
from signon.errors import NotFoundError, RefusedError
from signon.ids import new_id
from tests.infra import queued

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _account(database: Database, username: str, **values: object) -> str:
    row = {
        "id": new_id(),
        "number": "1234567",
        "kind": "individual",
        "username": username,
        "username_key": username.casefold(),
        "status": "active",
        "valid_from": NOW,
        "created_on": date(2026, 1, 1),
        "created_at": NOW,
        "updated_at": NOW,
        "upgraded_at": NOW,
        "search_status": "active",
        "email": "clerk@casb.uscourts.gov",
        "email_key": "clerk@casb.uscourts.gov",
        "first_name": "Carla",
        "last_name": "Clerk",
        **values,
    }
    with database.writing() as unit:
        unit.execute(insert(accounts), row)
    return str(row["id"])


def _members(database: Database) -> dict[str, StaffRole]:
    with database.reading() as unit:
        return {member.account.username: member.role for member in staff.members(unit, "casb")}


def _events(database: Database) -> list[tuple[str, str | None, str | None, object]]:
    columns = (events.c.event, events.c.court_id, events.c.account_id, events.c.detail)
    with database.reading() as unit:
        statement = select(*columns).where(events.c.event.like("courts:staff:%"))
        return [(row[0], row[1], row[2], row[3]) for row in unit.execute(statement)]


def _add(database: Database, username: str, role: StaffRole) -> bool:
    with database.writing() as unit:
        return staff.add(unit, "casb", username, role, actor="test")


def test_staff_come_change_and_go(loaded: Database):
    """A person has one role at a court; every change, and only a change, is on record."""
    carla = _account(loaded, "Carla.Clerk")
    assert _add(loaded, "carla.clerk", StaffRole.CLERK)
    assert not _add(loaded, "carla.clerk", StaffRole.CLERK)
    assert _add(loaded, "carla.clerk", StaffRole.ADMINISTRATOR)
    assert _members(loaded) == {"Carla.Clerk": StaffRole.ADMINISTRATOR}
    with loaded.writing() as unit:
        held = staff.remove(unit, "casb", "CARLA.CLERK", actor="test")
    assert held is StaffRole.ADMINISTRATOR
    assert _members(loaded) == {}
    assert _events(loaded) == [
        ("courts:staff:added", "casb", carla, {"role": "clerk"}),
        ("courts:staff:added", "casb", carla, {"role": "administrator"}),
        ("courts:staff:removed", "casb", carla, {"role": "administrator"}),
    ]


def test_staff_hear_that_they_need_a_second_factor(loaded: Database):
    """By mail, when they begin and have none."""
    for username, has_factor in (("carla", False), ("carl", True)):
        _account(loaded, username, has_factor=has_factor, number=f"{username:0>7}")
        _add(loaded, username, StaffRole.CLERK)
    [told] = queued.payloads(loaded, "mail")
    assert (told["message"], told["values"]["blocks_all"]) == ("factor_required", True)
    assert told["values"]["since"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"kind": "firm"}, "not_individual"),
        ({"kind": "shared"}, "not_individual"),
        ({"kind": "operator"}, "not_individual"),
        ({"upgraded_at": None}, "not_upgraded"),
        ({"status": "disabled"}, "disabled"),
    ],
)
def test_others_cannot_be_staff(loaded: Database, values: dict[str, object], reason: str):
    """Staff are upgraded individuals: anybody else is refused with the reason."""
    _account(loaded, "somebody", **values)
    with pytest.raises(RefusedError) as refused:
        _add(loaded, "somebody", StaffRole.CLERK)
    assert refused.value.reason == reason
    assert _members(loaded) == {}


def test_unknown_names_are_not_found(loaded: Database):
    """An unknown court, an unknown account and a role that is not held each say which it is."""
    _account(loaded, "carla")
    with pytest.raises(NotFoundError, match="no account"):
        _add(loaded, "carlo", StaffRole.CLERK)
    with loaded.writing() as unit, pytest.raises(NotFoundError, match="no court"):
        staff.add(unit, "xxx", "carla", StaffRole.CLERK, actor="test")
    _add(loaded, "carla", StaffRole.CLERK)
    with loaded.writing() as unit, pytest.raises(NotFoundError, match="not read_only staff"):
        staff.remove(unit, "casb", "carla", StaffRole.READ_ONLY, actor="test")
    assert _members(loaded) == {"carla": StaffRole.CLERK}
