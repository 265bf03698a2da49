"""Lists as real courts send them: each is taken as it was meant, or told in one sentence."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from signon.accounts import foreign_hashes
from signon.courts.registry import CourtType
from signon.errors import InputError, RefusedError
from signon.filing.cases import is_case_number, read, tidied
from signon.filing.court.desk import EVERY, Desk
from signon.filing.legacy_logins import importing, legacy_logins
from signon.filing.legacy_logins.import_file import CourtList, Notice
from signon.filing.legacy_logins.importing import Report
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.models import rights
from signon.filing.rights import role_changes, suspension
from signon.filing.rights.role_changes import GivenRoles
from tests.filing.conftest import HEADER, STRONG, House, line
from tests.infra.command_line import CommandLine

LISTS = Path(__file__).parent / "lists"


def imported(house: House, name: str, encoding: str = "") -> Report:
    """The report on one of the lists."""
    listed = CourtList((LISTS / name).read_bytes(), encoding)
    return importing.run(house.means, "casb", listed)


def login(house: House, name: str) -> LegacyLogin:
    """The stored login, which must exist."""
    with house.database.reading() as unit:
        found = legacy_logins.by_login(unit, "casb", name)
    assert found is not None
    return found


def is_wrong(outcome: object) -> bool:
    """Whether a proof was refused as any wrong guess is."""
    return isinstance(outcome, RefusedError) and outcome.reason == "wrong_login"


def test_utf_16_shows_itself_and_is_told(house: House):
    """Spreadsheets save it; nobody has to name it, and naming it is no mistake."""
    report = imported(house, "list_in_utf_16.csv")
    assert report.added == 1
    assert [one.line for one in report.notices] == [0]
    assert "UTF-16" in report.notices[0].text
    assert imported(house, "list_in_utf_16.csv", "utf-16").notices == []
    bare = (LISTS / "list_in_utf_16.csv").read_bytes()[2:]
    assert importing.run(house.means, "casb", bare).updated == 1
    swapped = "".join(["\ufeff", bare.decode("utf-16-le")]).encode("utf-16-be")
    assert importing.run(house.means, "casb", swapped).updated == 1


def test_windows_1252_is_named_by_whoever_knows(house: House):
    """It looks like that, and which letters were meant only the court knows."""
    with pytest.raises(InputError) as refused:
        imported(house, "list_in_windows_1252.csv")
    assert "Line 2 is not UTF-8; the file looks like windows-1252" in refused.value.sentence
    assert "--encoding windows-1252" in refused.value.sentence
    report = imported(house, "list_in_windows_1252.csv", "windows-1252")
    assert (report.added, report.notices) == (1, [])
    found = login(house, "onuallain")
    assert (found.first_name, found.last_name) == ("Séamus", "O’Nualláin")


@pytest.mark.parametrize(
    ("text", "named", "words"),
    [
        ("Núñez".encode("cp850"), "", "such as cp850 or macintosh"),
        ("Núñez".encode(), "windows-1252", "is UTF-8, not windows-1252"),
        ("\ufeffNúñez".encode("utf-16"), "windows-1252", "is UTF-16, not windows-1252"),
        (b"Nunez", "klingon", "no such encoding here: name one of utf-8, utf-16"),
    ],
)
def test_a_wrong_name_is_told(house: House, text: bytes, named: str, words: str):
    """Whatever is named must be what the bytes can be."""
    data = text if text[:2] == b"\xff\xfe" else f"{HEADER}\r\n".encode() + text
    with pytest.raises(InputError, match=words):
        importing.run(house.means, "casb", CourtList(data, named))


def test_a_login_without_a_password_is_proved_by_its_mail_only(house: House):
    """No password is its own, the empty one least of all."""
    report = imported(house, "login_without_password.csv")
    assert report.added == 1
    assert report.notices == [Notice(2, "no password: it is proved by the mailed link only")]
    session = house.fresh()
    for password in ("", "a password"):
        assert is_wrong(house.prove(session, "casb", "newfiler", password))


def test_an_empty_password_takes_the_old_one_away(house: House):
    """A line says how a login is; what it loses is named before."""
    house.load("casb", line("jdoe"))
    report = house.load("casb", line("jdoe", ""), dry_run=True)
    assert [(one.login, one.told) for one in report.changes] == [("jdoe", "password taken away")]
    house.load("casb", line("jdoe", ""))
    assert is_wrong(house.prove(house.fresh(), "casb", "jdoe"))


def test_of_two_addresses_the_first_is_taken_and_none_is_none(house: House):
    """Each with a notice; nothing is ever mailed to nobody."""
    report = imported(house, "two_addresses.csv")
    assert report.notices == [Notice(2, "2 e-mail addresses: the first is used")]
    assert login(house, "twomails").email == "first@court.example"
    [notice] = imported(house, "no_address.csv").notices
    assert "cannot be proved by a mailed link" in notice.text
    house.load("casb", line("nomail", email=""))
    house.link(house.fresh(), "casb", "nomail")
    assert all(mail["to"] for mail in house.mails())
    neither = house.load("casb", line("neither", "", email=""))
    assert "nobody can prove it" in neither.notices[0].text


def test_role_and_status_are_read_as_courts_write_them(house: House):
    """In any letter case, with blanks, hyphens and points."""
    assert imported(house, "role_in_capitals.csv").added == 1
    found = login(house, "CAPITAL")
    assert (found.roles, found.status) == (("attorney",), "active")
    house.load("casb", line("b", role="U.S. Trustee ; Court-Reporter", status="LOCKED"))
    assert login(house, "b").roles == ("us_trustee", "court_reporter")


@pytest.mark.parametrize("typed", ["j doe", " J\u00a0DOE ", "j\u2009 doe", "j\u200b doe"])
def test_a_login_is_found_by_what_can_be_seen_of_it(house: House, typed: str):
    """A hard space is a space, and nobody sees how many there are."""
    imported(house, "login_with_a_hard_space.csv")
    assert login(house, typed).login == "j\u00a0doe"


def test_a_login_of_nothing_that_can_be_seen_is_missing(house: House):
    """Or it would be everybody's."""
    [bad] = house.load("casb", line("\u200b\u200d", email="")).bad_lines
    assert bad.reason == "login missing"


@pytest.mark.parametrize("codec", ["utf-8", "latin-1", "cp1252"])
def test_a_hash_proves_as_the_old_system_proved_it(house: House, codec: str):
    """Old pages sent Windows-1252."""
    raw = hashlib.sha1("Käse".encode(codec), usedforsecurity=False).digest()
    house.load("casb", line("old", f"{{SHA}}{base64.b64encode(raw).decode()}"))
    found = login(house, "old")
    stored = legacy_logins.open_password(house.ring, found)
    for typed, right in (("Käse", True), ("Ka\u0308se", codec != "utf-8"), ("Kase", False)):
        assert foreign_hashes.verify(stored, typed, house.hasher.argon2) is right


def test_case_numbers_of_real_courts_are_kept_as_written():
    """But for the hyphens of a word processor."""
    for row in (LISTS / "case_numbers_of_real_courts.txt").read_text().splitlines()[1:]:
        court, number = row.split("\t")
        assert is_case_number(tidied(number), CourtType(court)), number
        assert read(number) == (number.replace("\u2011", "-"),)


BY_HAND: dict[str, Any] = {"roles": ["attorney", "mediator"], "cases": None, "conditions": None}


def linked(house: House, **first: str) -> str:
    """The number of an account that has linked `jdoe`."""
    house.load("casb", line("jdoe", **first))
    session = house.fresh()
    house.link(session, "casb", "jdoe")
    return session.account.number


def right(house: House) -> Any:
    """The only right."""
    [found] = house.rows(rights)
    return found


def change(house: House, number: str, **given: Any) -> None:
    """The clerk's decision."""
    desk = clerk(house)
    with house.database.writing() as unit:
        role_changes.change(unit, desk, number, GivenRoles(**(BY_HAND | given)))


def clerk(house: House) -> Desk:
    """A clerk's desk."""
    return Desk(house.court("casb"), "command_line", EVERY, house.settings)


def test_a_list_takes_away_what_a_list_gave_and_nothing_else(house: House):
    """What the court gave by hand stays, until a line says override."""
    number = linked(house, role="attorney;trustee")
    change(house, number, roles=["attorney", "mediator"])
    agreed = {"may_shrink": lambda _: True}
    same = house.load("casb", line("jdoe", role="attorney;trustee"), **agreed)
    assert (same.rights_changed, right(house).roles) == (0, ["attorney", "mediator"])
    given = house.load("casb", line("jdoe", role="attorney;auditor"), **agreed)
    assert (given.rights_shrunk, right(house).roles) == (0, ["attorney", "mediator", "auditor"])
    taken = house.load("casb", line("jdoe", role="auditor"), **agreed)
    assert (taken.rights_shrunk, right(house).roles) == (1, ["mediator", "auditor"])
    over = house.load("casb", line("jdoe", role="attorney", override="Yes"), **agreed)
    assert (over.rights_shrunk, right(house).roles) == (1, ["attorney"])
    assert over.changes[-1].told == "Mediator, Auditor → Attorney"


def test_a_list_does_not_undo_what_the_clerk_suspended_or_restored(house: House):
    """Its status counts when it changes; then the clerk's word stands beside it."""
    agreed = {"may_shrink": lambda _: True}
    number = linked(house)
    house.load("casb", line("jdoe", status="disabled"), **agreed)
    with house.database.writing() as unit:
        suspension.restore(unit, clerk(house), number)
    house.load("casb", line("jdoe", status="disabled"), **agreed)
    assert right(house).status == "active"
    house.load("casb", line("jdoe", status="active"), **agreed)
    house.load("casb", line("jdoe", status="locked"), **agreed)
    assert right(house).suspended_by == ["import"]
    with house.database.writing() as unit:
        suspension.suspend(unit, clerk(house), number, "By order")
    house.load("casb", line("jdoe", status="active"), **agreed)
    assert right(house).suspended_by == ["court"]
    house.load("casb", line("jdoe", status="active", override="yes"), **agreed)
    assert right(house).suspended_by == []


def test_cases_and_admission_by_hand_stay(house: House):
    """A limit that the court lifted is not put back by the same list, nor by a new one."""
    number = linked(house, cases="20-01234")
    change(house, number, roles=["attorney"], cases=["20-01234", "20-05678"])
    grown = house.load("casb", line("jdoe", cases="20-01234;20-09999"))
    assert right(house).cases == ["20-01234", "20-05678", "20-09999"]
    assert (grown.rights_shrunk, right(house).admission) == (0, "pro_hac_vice")
    change(house, number, roles=["attorney"], cases=None)
    house.load("casb", line("jdoe", cases="20-01234"))
    assert (right(house).cases, right(house).admission) == (None, "full")


def test_what_cannot_be_together_is_a_bad_line(house: House):
    """Roles by hand and cases by list may be no right; the line says what to do."""
    number = linked(house)
    change(house, number, roles=["attorney", "auditor"])
    [bad] = house.load("casb", line("jdoe", cases="20-01234")).bad_lines
    assert "decided by hand (role auditor is not limited to cases" in bad.reason


def test_each_change_is_named_by_login_before_anybody_agrees(
    house: House, signon: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """On a dry run, where it is refused, and as JSON; what shrinks first."""
    linked(house)
    path, out = tmp_path / "list.csv", tmp_path / "report.csv"
    moved = line("jdoe", role="mediator", email="")
    path.write_text("\n".join([HEADER, line("new"), moved]), encoding="utf-8")
    tried = signon("ecf", "import", "casb", str(path), "--dry-run", "--report", str(out))
    first, second = "jdoe: Attorney → Mediator (loses rights)", "new: new: Attorney"
    assert tried.status == 0
    assert tried.out.index(first) < tried.out.index(second)
    assert "jdoe: address: jdoe@court.example.com → none; roles: attorney → mediator" in tried.out
    assert out.read_text().splitlines()[1:] == [
        "3,notice,no e-mail address: it cannot be proved by a mailed link"
    ]
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    refused = signon("ecf", "import", "casb", str(path), "--json")
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    named = [
        (one["login"], one["what"], one["shrinks"]) for one in json.loads(refused.out)["changes"]
    ]
    assert named == [("new", "new", False), ("jdoe", "login", False), ("jdoe", "right", True)]
    assert STRONG not in tried.out + refused.out
