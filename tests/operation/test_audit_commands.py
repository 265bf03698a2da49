"""`signon audit` and `signon prune`, as an operator meets them."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from signon.app import wire
from signon.audit import trail
from signon.audit.events import Event
from signon.audit.models import events, leaves, nodes, origins, tree
from signon.audit.notes import NoteKeys
from signon.audit.sealing import Sealer
from signon.crypto import KeyRing
from signon.db import Database
from signon.journeys.models import journeys
from signon.web.visitor import Source
from tests.audit.records import KEYS
from tests.infra.clock import FrozenClock
from tests.infra.command_line import CommandLine
from tests.operation.rows import add


@pytest.fixture
def filled(database: Database) -> Database:
    """A trail of 25 records, each from somewhere."""
    wire(database)
    for number in range(1, 26):
        with database.writing() as unit:
            trail.record(
                unit,
                Event.SIGN_IN_REFUSED,
                actor="system",
                reason="wrong_password",
                source=Source("192.0.2.7", "Mozilla/5.0", f"req-{number}"),
                number=number,
            )
    return database


def seal(database: Database) -> None:
    """As a server does."""
    asyncio.run(Sealer(database, KEYS, None).settle())


def test_tail_shows_the_newest(signon: CommandLine, filled: Database):
    """Twenty, or as many as one asks for; the newest last."""
    lines = signon("audit", "tail").out.splitlines()
    assert [line.split()[0] for line in lines] == ["SEQ", *map(str, range(6, 26))]
    records = json.loads(signon("audit", "tail", "-n", "3", "--json").out)
    assert [record["seq"] for record in records] == [23, 24, 25]
    assert records[-1]["reason"] == "wrong_password"


def test_tail_of_a_short_trail_is_all_of_it(signon: CommandLine, filled: Database):
    """Asking for more than there is is no mistake."""
    assert len(json.loads(signon("audit", "tail", "-n", "99", "--json").out)) == 25


@pytest.mark.parametrize(
    ("event", "meant"),
    [("signin", "signin:"), ("signin:pasword:refused", "signin:password:refused")],
)
def test_tail_knows_what_events_are_called(
    signon: CommandLine, filled: Database, event: str, meant: str
):
    """No empty table for a word that no event is called by; what has not happened is no mistake."""
    said = signon("audit", "tail", "--event", event).err
    assert f"There is no event '{event}'" in said
    assert meant in said.partition("Did you mean")[2]
    assert signon("audit", "tail", "--event", "tokens:key:retired").status == 0


def test_export_is_a_line_for_each_record(signon: CommandLine, filled: Database, tmp_path: Path):
    """To stdout or into a new file: the same, and enough to recompute the tree."""
    printed = signon("audit", "export").out
    records = [json.loads(line) for line in printed.splitlines()]
    assert [record["seq"] for record in records] == list(range(1, 26))
    assert set(records[0]) == {column.name for column in events.c}
    assert signon("audit", "export", str(tmp_path / "trail.jsonl")).status == 0
    assert (tmp_path / "trail.jsonl").read_text() == printed
    assert json.loads(signon("audit", "export", "--json").out) == records


def test_export_tells_no_addresses(signon: CommandLine, filled: Database):
    """They have their own retention, which a file would break."""
    assert "192.0.2.7" not in signon("audit", "export").out


def test_export_overwrites_nothing(signon: CommandLine, filled: Database, tmp_path: Path):
    """Last year's export may be evidence."""
    (tmp_path / "trail.jsonl").write_text("evidence")
    done = signon("audit", "export", str(tmp_path / "trail.jsonl"))
    assert done.status == 1
    assert "File exists. Name another file." in done.err
    assert (tmp_path / "trail.jsonl").read_text() == "evidence"


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_an_empty_trail_can_be_exported(signon: CommandLine, arguments: tuple[str, ...]):
    """Nothing, or an empty array."""
    out = signon("audit", "export", *arguments).out
    assert json.loads(out or "[]") == []


def test_verify_says_that_all_is_whole(signon: CommandLine, filled: Database):
    """With the number of records; the next time goes on from there, unless told otherwise."""
    done = signon("audit", "verify")
    assert (done.status, done.err) == (0, WHOLE.format(0, 0, 25))
    seal(filled)
    assert signon("audit", "verify").err == WHOLE.format(25, 25, 0)
    assert signon("audit", "verify").err == WHOLE.format(25, 0, 0)
    found = json.loads(signon("audit", "verify", "--all", "--json").out)
    counts = {"records": 25, "verified": 25, "unsealed": 0}
    assert found == counts | {"intact": True, "first_broken": None}


WHOLE = (
    "The audit trail is whole: {} records, {} of them looked at, and {} that wait to be sealed.\n"
)


def test_verify_names_the_first_broken_record(signon: CommandLine, filled: Database):
    """Exit status 1 and one line; with --json also a document. Nothing is noted as verified."""
    seal(filled)
    with filled.writing() as unit:
        unit.execute(update(events).where(events.c.seq == 17).values(reason="nothing"))
    done = signon("audit", "verify")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("signon: The audit trail is broken at record 17: Record 17 was")
    assert done.err.count("\n") == 1
    done = signon("audit", "verify", "--json")
    assert done.status == 1
    found = json.loads(done.out)
    assert (found["first_broken"], found["verified"], found["intact"]) == (17, 16, False)


def test_verify_goes_on_from_a_kept_checkpoint(
    signon: CommandLine, filled: Database, tmp_path: Path
):
    """Of a file that somebody keeps; the record must go on from it."""
    seal(filled)
    kept = tmp_path / "kept"
    kept.write_text(signon("audit", "checkpoint").out)
    assert signon("audit", "verify", "--since", str(kept)).err == WHOLE.format(25, 0, 0)
    forged = NoteKeys("http://localhost:8000", KeyRing([bytes(32)])).sign(25, bytes(32))
    kept.write_text(forged)
    done = signon("audit", "verify", "--since", str(kept))
    assert done.status == 1
    assert "The first 25 records are not those of the checkpoint" in done.err
    kept.write_text("a shopping list")
    assert "This is no checkpoint" in signon("audit", "verify", "--since", str(kept)).err
    assert "cannot be read" in signon("audit", "verify", "--since", str(tmp_path / "none")).err


def test_verify_holds_the_file_against_the_record(
    signon: CommandLine, filled: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """All was deleted, and the tree set back to its beginning: only the file knows."""
    file = tmp_path / "checkpoint"
    monkeypatch.setenv("SIGNON_AUDIT_CHECKPOINT_FILE", str(file))
    asyncio.run(Sealer(filled, KEYS, file).settle())
    assert signon("audit", "verify").status == 0
    with filled.writing() as unit:
        unit.execute(update(tree).values(size=0, edge=b"", note="", verified=""))
        for table in (events, leaves, nodes):
            unit.execute(delete(table))
    done = signon("audit", "verify")
    assert done.status == 1
    assert "broken at record 1: A checkpoint that was given out knows 25 records" in done.err


def test_keys_are_those_of_the_checkpoints(signon: CommandLine, filled: Database):
    """What others check our notes with."""
    assert signon("audit", "keys").out.splitlines() == KEYS.verifiers()
    assert signon("audit", "checkpoint").out == ""
    seal(filled)
    assert KEYS.is_ours(signon("audit", "checkpoint").out)


def test_prune_prints_what_went(signon: CommandLine, database: Database, clock: FrozenClock):
    """A number for each kind."""
    with database.writing() as unit:
        for _ in range(3):
            add(unit, journeys, expires_at=clock.now)
        add(unit, origins, at=clock.now.replace(year=2020))
    counts = json.loads(signon("prune", "--json").out)
    assert (counts["journeys"], counts["audit_origins"]) == (3, 1)
    assert sum(counts.values()) == 4
    assert ["journeys", "0"] in [line.split() for line in signon("prune").out.splitlines()]
