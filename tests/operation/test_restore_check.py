"""`signon db restore-check`: a backup is proved before it is needed, and nothing is changed."""

import asyncio
import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from signon import schema
from signon.app import wire
from signon.audit import trail, tree
from signon.audit.events import Event
from signon.audit.models import events
from signon.audit.sealing import Sealer
from signon.clock import utc_now
from signon.db import Database
from signon.tokens.models import signing_keys
from tests.audit.records import KEYS
from tests.infra.command_line import CommandLine, Done
from tests.infra.databases import ON_ONE, PostgresDatabases

OTHER_KEY = base64.urlsafe_b64encode(b"\x07" * 32).decode()


@pytest.fixture
def backup(with_keys: Database, database_url: str) -> Iterator[Database]:
    """What was restored: keys, courts, and a record that is sealed."""
    opened = wire(Database(database_url, clock=utc_now))
    record(opened)
    yield opened
    opened.close()


def record(database: Database) -> None:
    """One event more, and its seal."""
    with database.writing() as unit:
        trail.record(unit, Event.KEY_RETIRED, actor="system")
    with capture_logs():  # it says each checkpoint
        asyncio.run(Sealer(database, KEYS, None).settle())


def findings(done: Done) -> dict[str, dict[str, str]]:
    return {one["check"]: one for one in json.loads(done.out)}


def test_a_whole_backup(signon: CommandLine, backup: Database):
    """A line for each, and what is in it."""
    done = signon("db", "restore-check")
    assert (done.status, done.err) == (0, "")
    assert all(line.startswith("ok ") for line in done.out.splitlines()), done.out
    found = findings(signon("db", "restore-check", "--json"))
    assert [*found] == ["database", "key ring", "record", "contents"]
    assert found["key ring"]["found"].endswith("2 were opened")
    assert found["record"]["found"].startswith("whole: ")
    assert (
        "0 accounts, 0 filing rights; the newest event is 0.0 hours old"
        in found["contents"]["found"]
    )


def test_a_row_that_was_changed(signon: CommandLine, backup: Database):
    with backup.writing() as unit:
        unit.execute(update(events).where(events.c.seq == 1).values(reason="nothing"))
    done = signon("db", "restore-check", "--json")
    assert done.status == 1
    assert findings(done)["record"]["state"] == "mend"


def test_a_checkpoint_that_the_backup_does_not_reach(
    signon: CommandLine, backup: Database, tmp_path: Path
):
    """One that somebody has kept from later, or of another record."""
    kept = tmp_path / "kept"
    with backup.reading() as unit:
        kept.write_text(tree.look(unit).note)
    done = signon("db", "restore-check", "--checkpoint", str(kept), "--json")
    assert "with the kept checkpoint" in findings(done)["record"]["found"]
    lines = kept.read_text().splitlines(keepends=True)
    kept.write_text("".join([lines[0], "9999\n", *lines[2:]]))
    done = signon("db", "restore-check", "--checkpoint", str(kept), "--json")
    assert done.status == 1
    assert "its end was cut off" in findings(done)["record"]["found"]


@ON_ONE
def test_another_ring(signon: CommandLine, backup: Database, monkeypatch: pytest.MonkeyPatch):
    """Nobody could sign in after such a restore."""
    monkeypatch.setenv("SIGNON_SECRET_KEYS", OTHER_KEY)
    done = signon("db", "restore-check", "--json")
    assert done.status == 1
    assert findings(done)["key ring"]["state"] == "mend"


@ON_ONE
def test_a_secret_that_does_not_open(signon: CommandLine, backup: Database):
    """Its first bytes name a key of the ring, the rest is spoilt."""
    with backup.writing() as unit:
        whole = unit.execute(select(signing_keys.c.private).limit(1)).scalar_one()
        unit.execute(update(signing_keys).values(private=whole[:-1]))
    done = signon("db", "restore-check", "--json")
    assert (done.status, findings(done)["key ring"]["state"]) == (1, "mend")


@ON_ONE
def test_an_empty_record(signon: CommandLine, with_keys: Database):
    with with_keys.writing() as unit:
        unit.execute(delete(events))
    done = signon("db", "restore-check", "--json")
    assert findings(done)["contents"]["found"] == "nothing ever happened in it"


@ON_ONE
def test_a_file_is_looked_at_in_a_copy(signon: CommandLine, backup: Database, tmp_path: Path):
    """The backup itself stays as it is, also when it is older than the program."""
    file = tmp_path / "backup.db"
    assert signon("db", "backup", str(file)).status == 0
    before = file.read_bytes()
    done = signon("db", "restore-check", str(file))
    assert (done.status, file.read_bytes()) == (0, before)
    assert not list(tmp_path.glob("backup.db-*"))
    with closing(sqlite3.connect(file)) as older:
        older.execute("DROP TABLE search_fillings")
        older.commit()
    done = signon("db", "restore-check", str(file))
    assert done.status == 1
    assert "differs from the program" in done.out


@ON_ONE
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        (b"no database at all" * 99, "no SQLite database"),
        (b"PGDMP and what follows", "restore it into an empty database"),
    ],
)
def test_what_is_no_backup(
    signon: CommandLine, backup: Database, tmp_path: Path, content: bytes | None, said: str
):
    file = tmp_path / "it"
    if content:
        file.write_bytes(content)
    done = signon("db", "restore-check", str(file))
    assert done.status == 1
    assert said in done.err
    assert "Traceback" not in done.err


@ON_ONE
@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"no note"])
def test_what_is_no_checkpoint(
    signon: CommandLine, backup: Database, tmp_path: Path, content: bytes | None
):
    """Missing, no text, another text: one sentence."""
    file = tmp_path / "kept"
    if content:
        file.write_bytes(content)
    done = signon("db", "restore-check", "--checkpoint", str(file))
    assert done.status == 1
    assert done.err.startswith("signon: ")
    assert "Traceback" not in done.err


@ON_ONE
def test_half_a_file(signon: CommandLine, backup: Database, tmp_path: Path):
    """A copy that was cut off."""
    file = tmp_path / "backup.db"
    signon("db", "backup", str(file))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    done = signon("db", "restore-check", str(file))
    assert done.status == 1
    assert "no SQLite database, or a part of one" in done.err or "is damaged" in done.err


def test_another_database_by_its_address(
    signon: CommandLine, backup: Database, postgres_databases: PostgresDatabases
):
    """One that was never migrated is told so; the service's own is not asked."""
    with postgres_databases.empty() as url:
        done = signon("db", "restore-check", url, "--json")
        assert done.status == 1
        assert findings(done)["database"]["state"] == "mend"
        assert schema.current(url) is None
