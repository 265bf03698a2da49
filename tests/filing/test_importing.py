"""An import changes everything that it says, or nothing; linked filers lose nothing unasked."""

from typing import Any

import pytest

from signon.accounts import foreign_hashes
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.legacy_logins import importing, legacy_logins
from signon.filing.legacy_logins.import_changes import Change
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.models import legacy_logins as logins_table
from signon.filing.models import rights, rights_history
from tests.filing.conftest import DES, PASSWORD, STRONG, House, line


def login(house: House, name: str, court: str = "casb") -> LegacyLogin:
    """The stored login, which must exist."""
    with house.database.reading() as unit:
        found = legacy_logins.by_login(unit, court, name)
    assert found is not None
    return found


def test_logins_are_added_then_matched_by_name_in_any_case(house: House):
    """A second file updates the same logins; those that are not in it stay as they are."""
    first = house.load("casb", line("JDoe"), line("rroe", last_name="Roe"))
    assert (first.lines, first.added, first.updated) == (2, 2, 0)
    before = login(house, "jdoe")
    second = house.load("casb", line("jdoe", last_name="Smith", status="locked"))
    assert (second.added, second.updated) == (0, 1)
    after = login(house, "JDOE")
    assert (after.id, after.last_name, after.status) == (before.id, "Smith", "locked")
    assert login(house, "rroe").last_name == "Roe"


def test_the_same_login_at_another_court_is_another_login(house: House):
    """Logins belong to courts."""
    house.load("casb", line("jdoe"))
    house.load("cacd", line("jdoe"))
    assert login(house, "jdoe", "casb").id != login(house, "jdoe", "cacd").id


@pytest.mark.parametrize(
    "bad",
    [line("bad", role="judge"), line("bad", "plain text"), line("GOOD")],
    ids=["role", "notation", "duplicate"],
)
def test_one_bad_line_and_nothing_is_changed(house: House, bad: str):
    """All or nothing; the line is named, the hash is not."""
    report = house.load("casb", line("good"), bad, line("other"))
    assert [one.line for one in report.bad_lines] == [3]
    assert "plain text" not in report.bad_lines[0].reason
    assert not house.rows(logins_table)
    assert not house.audited("filing:legacy_logins:imported")


def test_bad_lines_of_every_kind_come_in_the_files_order(house: House):
    """What the reader finds and what the password check finds are one list."""
    report = house.load(
        "casb", line("a", "?"), line("b", role="x"), line("c", "?"), line("d", status="x")
    )
    assert [bad.line for bad in report.bad_lines] == [2, 3, 4, 5]
    assert report.lines == 4


def test_a_dry_run_checks_everything_and_changes_nothing(house: House):
    """It counts what an import would do."""
    report = house.load("casb", line("a"), line("b", DES), dry_run=True)
    assert (report.dry_run, report.added, report.passwords_wrapped) == (True, 2, 1)
    assert not house.rows(logins_table)


def test_weak_passwords_are_wrapped_and_all_are_sealed(house: House):
    """No weak hash is stored, and no hash at all can be read without the key ring."""
    report = house.load("casb", line("weak", DES), line("strong"))
    assert report.passwords_wrapped == 1
    for name, password in (("weak", "secret99"), ("strong", PASSWORD)):
        found = login(house, name)
        assert DES.encode() not in found.password
        assert b"argon2" not in found.password
        stored = legacy_logins.open_password(house.ring, found)
        assert DES not in stored
        assert foreign_hashes.verify(stored, password, house.hasher.argon2)
    assert legacy_logins.open_password(house.ring, login(house, "strong")) == STRONG


def test_one_audit_event_tells_counts_and_the_files_digest(house: House):
    """A bulk operation is one event without personal data."""
    report = house.load("casb", line("a"), line("b"))
    [event] = house.audited("filing:legacy_logins:imported")
    assert (event.actor, event.court_id) == ("command_line", "casb")
    assert event.detail == {"file_sha256": report.file_sha256, "counts": report.counts}
    assert report.counts["added"] == 2


def test_a_linked_logins_password_is_ignored_and_its_right_follows_the_file(house: House):
    """Role, cases and status apply to the right; the password may even be missing."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    house.link(session, "casb", "jdoe")
    before = login(house, "jdoe").password
    changes = {"role": "attorney;mediator"}
    report = house.load("casb", line("jdoe", "", **changes))
    assert (report.linked, report.rights_changed, report.rights_shrunk) == (1, 1, 0)
    [right] = house.rows(rights)
    assert (right.roles, right.status, right.admission) == (
        ["attorney", "mediator"],
        "active",
        "full",
    )
    assert login(house, "jdoe").password == before
    [event] = house.audited("filing:legacy_logins:imported")[1:]
    [history] = [row for row in house.rows(rights_history) if row.event_id == event.id]
    assert history.before == {
        "status": "active",
        "suspended_by": [],
        "roles": ["attorney"],
        "cases": None,
        "admission": "full",
    }
    assert history.after["roles"] == ["attorney", "mediator"]


SHRINKING = {
    "status": {"status": "disabled"},
    "locked": {"status": "locked"},
    "role": {"role": "interested_party"},
    "cases": {"cases": "20-01234"},
}


@pytest.mark.parametrize("changes", SHRINKING.values(), ids=SHRINKING)
def test_rights_shrink_only_when_somebody_agrees(house: House, changes: dict[str, str]):
    """Without an agreement nothing is changed, with it the right is what the file says."""
    house.load("casb", line("jdoe"), line("other"))
    house.link(house.fresh(), "casb", "jdoe")
    asked: list[Any] = []

    def refuse(shrinking: Any) -> bool:
        asked.extend(shrinking)
        return False

    lines = line("jdoe", **changes), line("other", last_name="Changed")
    with pytest.raises(RefusedError, match=r"1 linked filers would lose rights.*--yes"):
        house.load("casb", *lines, may_shrink=refuse)
    assert [change.login for change in asked] == ["jdoe"]
    assert login(house, "other").last_name == "Doe"
    assert house.rows(rights)[0].status == "active"

    report = house.load("casb", *lines, may_shrink=lambda _: True)
    assert report.rights_shrunk == 1
    [right] = house.rows(rights)
    assert right.status == ("suspended" if "status" in changes else "active")
    assert right.roles == [changes.get("role", "attorney")]
    assert (right.cases, right.admission) == {
        "cases": (["20-01234"], "pro_hac_vice"),
        "role": (None, None),
    }.get(next(iter(changes)), (None, "full"))


@pytest.mark.parametrize(
    ("before", "after", "shrinks"),
    [
        ({"cases": ["1", "2"]}, {"cases": ["2", "1", "3"]}, False),
        ({"cases": ["1", "2"]}, {"cases": ["1", "3"]}, True),
        ({"cases": ["1"]}, {"cases": None}, False),
        ({"status": "suspended"}, {"status": "active"}, False),
        ({"status": "suspended"}, {"status": "suspended", "roles": ["mediator"]}, True),
    ],
)
def test_what_shrinks(before: dict[str, Any], after: dict[str, Any], *, shrinks: bool):
    """Less of status, roles or cases is less, whatever else grows."""
    usual = {"status": "active", "roles": ["attorney"], "cases": None}
    assert Change("r", "a", "l", usual | before, usual | after).shrinks is shrinks


def test_a_link_made_while_passwords_were_prepared_is_respected(house: House):
    """The last step decides anew: the password of a login linked meanwhile is left alone."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")
    before = login(house, "jdoe").password

    def link_meanwhile(_title: str, _total: int) -> Any:
        house.confirm(session, "casb", journey)
        return importing.quietly(_title, _total)

    report = house.load("casb", line("jdoe", DES), progress=link_meanwhile)
    assert report.linked == 1
    assert login(house, "jdoe").password == before


def test_a_right_that_came_meanwhile_is_not_taken_unasked(house: House):
    """Nobody agreed to what nobody could know: nothing is changed, and the operator is told."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")

    def link_meanwhile(_title: str, _total: int) -> Any:
        house.confirm(session, "casb", journey)
        return importing.quietly(_title, _total)

    with pytest.raises(RefusedError, match="import again"):
        house.load("casb", line("jdoe", status="disabled"), progress=link_meanwhile)
    assert login(house, "jdoe").status == "active"
    assert house.rows(rights)[0].status == "active"


def test_unknown_courts_and_other_files_are_refused(house: House):
    """One clear sentence each."""
    with pytest.raises(NotFoundError, match="no court 'nowhere'"):
        house.load("nowhere", line("a"))
    with pytest.raises(InputError, match="must name the columns"):
        importing.run(house.means, "casb", b"a,b\n1,2\n")
