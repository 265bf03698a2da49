"""Importing accounts in bulk: checked as a whole, written in batches, run again to go on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from signon.accounts import credentials, foreign_hashes, import_file, importing, numbers
from signon.accounts.foreign_hashes import ForeignHash
from signon.accounts.hashing import Hasher
from signon.accounts.importing import Means, Report
from signon.accounts.models import accounts
from signon.audit.models import events
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import InputError
from tests.accounts.making import make
from tests.infra.command_line import CommandLine

ANSWERS = ("yes", "YES", "no", "")
HEADER = "username,email,kind,first_name,last_name,date_of_birth,created_on,password_hash"
# DES crypt of "secret99"; nobody would use it today
DES = "abpbCocLh43.I"
LINES = [
    "grace.hopper,grace@example.com,individual,Grace,Hopper,1946-12-09,2016-05-04,",
    f"aa9999,old@example.com,individual,Ann,Elder,,2009-01-02,{DES}",
    "library.desk,desk@example.com,shared,,,,2016-05-04,",
]


@dataclass
class Importer:
    """Imports lines into the test's database."""

    means: Means
    path: Path

    def __call__(self, *lines: str, header: str = HEADER, **options: Any) -> Report:
        """Write the file and import it."""
        self.path.write_text("\n".join([header, *lines]) + "\n")
        return importing.run(self.means, self.path, **options)

    def rows(self) -> dict[str, dict[str, object]]:
        """Every account by its username."""
        with self.means.database.reading() as unit:
            return {row["username"]: dict(row) for row in unit.execute(select(accounts)).mappings()}


@pytest.fixture
def bulk(wired: Database, settings: Settings, ring: KeyRing, tmp_path: Path) -> Importer:
    """Cheap hashing, two threads."""
    return Importer(Means(wired, ring, Hasher(settings), 2), tmp_path / "accounts.csv")


def test_a_file_may_answer_for_addresses(bulk: Importer):
    """`email_verified`: yes, or else nobody does."""
    header = "username,email,kind,email_verified"
    people = [f"desk.{n},{n}@example.org,shared,{said}" for n, said in enumerate(ANSWERS)]
    report = bulk(
        *people, "desk.maybe,m@example.org,shared,maybe", header=header, skip_bad_lines=True
    )
    assert [(bad.line, bad.reason) for bad in report.bad_lines] == [
        (6, "email_verified: It must be one of yes, no.")
    ]
    verified = {name for name, row in bulk.rows().items() if row["email_verified"]}
    assert verified == {"desk.0", "desk.1"}


def test_a_file(bulk: Importer):
    """Upgraded, legacy (without a birth date) and shared; one event for the batch."""
    report = bulk(*LINES)
    assert (report.lines, report.added, report.bad_lines) == (3, 3, [])
    assert (report.passwords_wrapped, report.without_password) == (1, 2)
    rows = bulk.rows()
    assert rows["grace.hopper"]["upgraded_at"] is not None
    assert rows["aa9999"]["upgraded_at"] is None
    assert rows["library.desk"]["password"] is None
    assert all(len(str(row["number"])) == 7 for row in rows.values())
    with bulk.means.database.reading() as unit:
        audited = unit.execute(select(events.c.event, events.c.detail)).all()
    (done,) = [row.detail for row in audited if row.event == "accounts:accounts:imported"]
    assert (done["added"], done["file_sha256"]) == (3, report.file_sha256)


def test_what_an_old_system_knows(bulk: Importer):
    """Numbers, days of upgrade and last sign-in, and closed accounts come along."""
    bulk(
        "aa9999,o@example.com,individual,Ann,Elder,2009-01-02,7000001,2020-02-03,2025-06-07,disabled",
        header="username,email,kind,first_name,last_name,created_on,account_number,upgraded_on,"
        "last_signed_in_on,status",
    )
    row = bulk.rows()["aa9999"]
    assert row["number"] == "7000001"
    assert row["upgraded_at"] == datetime(2020, 2, 3, tzinfo=UTC)
    assert row["last_signed_in_at"] == datetime(2025, 6, 7, tzinfo=UTC)
    assert (row["status"], row["status_reason"]) == ("disabled", importing.IMPORTED_DISABLED)


def test_a_dry_run_changes_nothing(bulk: Importer):
    """It reports what would be done."""
    assert bulk(*LINES, dry_run=True).added == 3
    assert bulk.rows() == {}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("grace.hopper,grace@example.com,individual,Grace,Hopper,,2016-05-04,", "date_of_birth"),
        ("grace.hopper,no address,individual,G,H,1946-12-09,2016-05-04,", "email is not"),
        ("short,a@example.com,individual,G,H,1946-12-09,2016-05-04,", "username"),
        ("grace.hopper,a@example.com,operator,G,H,1946-12-09,2016-05-04,", "kind"),
        ("grace.hopper,a@example.com,individual,G,H,9.12.46,2016-05-04,", "date_of_birth"),
        ("grace.hopper,a@example.com,individual,G,H,1946-12-09,2016-05-04,plain", "password_hash"),
        ("grace.hopper,a@example.com,individual,G,evil.com,1946-12-09,2016-05-04,", "last_name:"),
        ("grace.hopper,a@example.com,individual,G,H", "columns"),
        ("LIBRARY.desk,a@example.com,shared,,,,2016-05-04,", "repeats"),
        ("ada.byron,other@example.com,individual,Eve,Other,1946-12-09,2016-05-04,", "taken"),
    ],
)
def test_a_bad_line(bulk: Importer, wired: Database, settings: Settings, line: str, says: str):
    """Its number and reason, never its cells; nothing is imported, unless the rest is asked for."""
    make(wired, settings)
    report = bulk(*LINES[1:], line)
    (bad,) = report.bad_lines
    assert (bad.line, report.added) == (4, 2)
    assert says in bad.reason
    assert "no address" not in bad.reason
    assert set(bulk.rows()) == {"ada.byron"}
    assert bulk(*LINES[1:], line, skip_bad_lines=True).added == 2
    assert set(bulk.rows()) == {"ada.byron", "aa9999", "library.desk"}


def test_a_file_that_is_none(bulk: Importer):
    """A missing or unknown column, or no file: one sentence, nothing changed."""
    for header in ("username,email", f"{HEADER},shoe_size", ""):
        with pytest.raises(InputError, match="first line"):
            bulk(header=header)
    bulk.path.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        importing.run(bulk.means, bulk.path)


def test_it_goes_on_after_it_was_killed(bulk: Importer, monkeypatch: pytest.MonkeyPatch):
    """Batches that were committed stay; the second run adds the rest and hashes nothing twice."""
    monkeypatch.setattr(importing, "BATCH", 2)
    lines = [f"person.{n:04},p{n}@example.com,shared,,,,2016-05-04,{DES}" for n in range(7)]
    written = importing._write

    def killed(*given: object) -> int:
        if len(bulk.rows()) == 4:
            raise KeyboardInterrupt
        return written(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(importing, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            bulk(*lines)
    before = bulk.rows()
    assert len(before) == 4
    hashed: list[str] = []
    prepare = foreign_hashes.prepare

    def counted(foreign: ForeignHash, hasher: PasswordHasher) -> str:
        hashed.append(foreign.scheme)
        return prepare(foreign, hasher)

    monkeypatch.setattr(foreign_hashes, "prepare", counted)
    report = bulk(*lines)
    assert (report.added, report.already_there, len(hashed)) == (3, 4, 3)
    after = bulk.rows()
    assert len(after) == 7
    assert all(after[name]["password"] == row["password"] for name, row in before.items())


def test_a_number_that_is_taken_meanwhile(bulk: Importer, monkeypatch: pytest.MonkeyPatch):
    """Somebody takes a drawn number between look and insert: the batch draws again."""
    bulk(LINES[0])
    taken = str(bulk.rows()["grace.hopper"]["number"])
    looked, drawn = importing._taken, iter([taken, "8000001"])
    monkeypatch.setattr(numbers, "draw", lambda: next(drawn))
    blind: Iterator[set[str]] = iter([set()])

    def look(unit: Unit, them: Sequence[str]) -> set[str]:
        found = next(blind, None)
        return looked(unit, them) if found is None else found

    monkeypatch.setattr(importing, "_taken", look)
    bulk(LINES[2])
    assert bulk.rows()["library.desk"]["number"] == "8000001"


def test_a_first_sign_in_makes_the_password_ours(
    bulk: Importer, wired: Database, settings: Settings, ring: KeyRing
):
    """Foreign notations, wrapped or strong, verify; afterwards the hash is one of ours."""
    strong = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1).hash("secret99")
    bulk(LINES[1], f'ab.strong,a@example.com,shared,,,,2016-05-04,"{strong}"')
    hasher = Hasher(settings)
    for name in ("aa9999", "ab.strong"):
        with wired.reading() as unit:
            found = credentials.find(unit, name)
            assert found is not None
            stored = credentials.unseal(ring, found)
        assert stored is not None
        assert hasher.verify(stored, "secret99")
        assert not hasher.verify(stored, "secret98")
        assert hasher.needs_rehash(stored)


def test_the_command(signon: CommandLine, tmp_path: Path):
    """A report; bad lines by number and exit 1; `--help` names every column."""
    path = tmp_path / "accounts.csv"
    path.write_text("\n".join([HEADER, *LINES, "x,y,z"]))
    refused = signon("accounts", "import", str(path))
    assert (refused.status, "line 5: has 3 columns" in refused.out) == (1, True)
    assert "nothing was changed" in refused.err
    path.write_text("\n".join([HEADER, *LINES]))
    done = signon("accounts", "import", str(path), "--json")
    assert json.loads(done.out)["added"] == 3
    said = signon("accounts", "import", "--help").out
    assert [column for column in import_file.COLUMNS if column not in said] == []
