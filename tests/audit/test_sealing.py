"""Sealing: nothing is left out, nothing taken twice, and no forgery goes unseen."""

import asyncio
import base64
import hashlib
import itertools
import json
import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from structlog.testing import capture_logs

from signon import ids
from signon.app import wire
from signon.audit import notes, sealing, trail, tree, verifying
from signon.audit.merkle import Frontier
from signon.audit.models import chain_end, events, leaves, nodes, unsealed
from signon.audit.models import tree as tree_row
from signon.audit.notes import NoteKeys
from signon.audit.sealing import Sealer
from signon.audit.tree import BrokenError
from signon.crypto import KeyRing
from signon.db import Database, Unit
from tests.audit.records import KEYS, RING, all_rows, fill, look, record, seal, sealed
from tests.infra.clock import FrozenClock


@pytest.fixture
def wired(database: Database) -> Database:
    """A database whose units write their events."""
    return wire(database)


# ── The tree ─────────────────────────────────────────────────────────────────


def test_the_tree_is_what_it_is_said_to_be(wired: Database):
    """An auditor with nothing but the export can recompute the root."""
    note = sealed(wired, 2)
    hashes = []
    for row in all_rows(wired):
        fields = [
            row.seq, row.id, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.event,
            row.actor, row.account_id, row.client_id, row.court_id, row.reason, row.detail,
        ]  # fmt: skip
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        hashes.append(hashlib.sha256(b"\0" + text.encode()).digest())
    root = hashlib.sha256(b"\1" + hashes[0] + hashes[1]).digest()
    text = f"localhost:8000/audit\n2\n{base64.b64encode(root).decode()}\n"
    assert note.startswith(f"{text}\n— localhost:8000/audit ")


def test_both_databases_make_the_same_tree(
    wired: Database, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
):
    """One is moved to the other without a break; so this very root is the same on both."""
    names = (f"event-{number}" for number in itertools.count(1))
    monkeypatch.setattr(ids, "new_id", lambda: next(names))
    clock.set(datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC))
    assert notes.read(sealed(wired, 3)).root.hex() == GOLDEN


GOLDEN = "7621caae958e130c7cdeefe8d6765d9b15a29b02c656279c53d38e6c96671814"


def test_sealing_goes_on_where_it_was(wired: Database):
    """In steps, with nodes that are kept; each checkpoint is one that the next goes on from."""
    given = [notes.read(sealed(wired, number)) for number in (1, 2, 5)]
    assert [one.size for one in given] == [1, 3, 8]
    with wired.writing() as unit:
        rows = [{"seq": 100 + number, **_copy(number)} for number in range(600)]
        unit.execute(insert(events), rows)
        unit.execute(insert(unsealed), [{"seq": row["seq"]} for row in rows])
    given.append(notes.read(seal(wired)))
    with wired.reading() as unit:
        assert unit.scalar(select(func.count()).select_from(nodes)) == 2
        assert [tree.root_at(unit, one.size) for one in given] == [one.root for one in given]
    assert all(look(wired, one, batch=100) is None for one in (None, *given))


def _copy(number: int) -> dict[str, Any]:
    return {
        "id": f"made-{number}", "at": datetime(2026, 1, 1, tzinfo=UTC), "event": "a:b:c",
        "actor": "system", "detail": {}, "hash": b"",
    }  # fmt: skip


def test_nothing_new_is_nothing_sealed(wired: Database):
    """Nor is there a checkpoint of nothing."""
    assert seal(wired) == ""
    sealed(wired, 1)
    assert seal(wired) == ""
    assert look(wired) is None


def test_an_unsealed_record_is_no_break(wired: Database):
    """It waits for its second."""
    sealed(wired, 2)
    fill(wired, 1)
    assert look(wired) is None


def test_what_is_sealed_meanwhile_is_no_break(wired: Database):
    """A verification takes minutes; people go on signing in."""
    sealed(wired, 4)
    with wired.reading() as unit:
        walking = verifying.verify(unit, KEYS, tree.look(unit), batch=2)
        walked = [next(walking) for _ in range(2)]
        sealed(wired, 3)
        walked += list(walking)
    assert walked == [1, 2, 3, 4]


# ── Forgeries ────────────────────────────────────────────────────────────────

OTHER: dict[str, object] = {
    "id": "another",
    "at": datetime(2020, 1, 1, tzinfo=UTC),
    "event": "signin:password:accepted",
    "actor": "somebody-else",
    "account_id": None,
    "client_id": "client-2",
    "court_id": None,
    "reason": "other",
    "detail": {"number": 7},
    "hash": bytes(32),
    "seq": 99,
}


@pytest.mark.parametrize("column", [column.name for column in events.c])
def test_a_changed_column_is_named(wired: Database, column: str):
    """Whatever was changed in record 3."""
    sealed(wired, 5)
    with wired.writing() as unit:
        unit.execute(update(events).where(events.c.seq == 3).values({column: OTHER[column]}))
    broken = look(wired)
    assert broken
    assert broken.record == 3


def _cut(unit: Unit, kept: int) -> None:
    unit.execute(delete(events).where(events.c.seq > kept))
    unit.execute(delete(leaves).where(leaves.c.place >= kept))


def _set_back(unit: Unit, old: tree.Row) -> None:
    unit.execute(update(tree_row).values(size=old.size, edge=old.edge, note=old.note))


def _remade(unit: Unit) -> None:
    """Leaves and edge as they would be of what the events are now."""
    with_leaves = select(leaves.c.place, *events.c).join(events, events.c.seq == leaves.c.seq)
    edge = Frontier()
    for place, *row in unit.execute(with_leaves.order_by(leaves.c.place)).all():
        hashed = trail.kept(*row).leaf_hash()
        edge.append(hashed)
        unit.execute(update(leaves).where(leaves.c.place == place).values(hash=hashed))
    unit.execute(update(tree_row).values(size=edge.size, edge=edge.edge()))


def change_and_compute_anew(unit: Unit) -> None:
    """The tree whole again, under the signature of the old one."""
    unit.execute(update(events).where(events.c.seq == 2).values(reason="nothing"))
    _remade(unit)


def sign_with_a_key_of_ones_own(unit: Unit) -> None:
    """The same, and a checkpoint with it that nobody of us has signed."""
    change_and_compute_anew(unit)
    edge = tree.look(unit).frontier()
    forger = NoteKeys("http://localhost:8000", KeyRing([bytes(32)]))
    unit.execute(update(tree_row).values(note=forger.sign(edge.size, edge.root())))


def write_the_checkpoint_by_hand(unit: Unit) -> None:
    """Another size under the old signature."""
    note = tree.look(unit).note
    unit.execute(update(tree_row).values(note=note.replace("\n5\n", "\n4\n")))


def remove(unit: Unit) -> None:
    """An event, with its leaf left."""
    unit.execute(delete(events).where(events.c.seq == 3))


def remove_with_its_leaf(unit: Unit) -> None:
    """An event and its leaf, the others closed up."""
    unit.execute(delete(events).where(events.c.seq == 3))
    unit.execute(delete(leaves).where(leaves.c.seq == 3))


def close_up(unit: Unit) -> None:
    """The same, the others moved into the gap, and the edge made anew."""
    remove_with_its_leaf(unit)
    for place in (3, 4):
        unit.execute(update(leaves).where(leaves.c.place == place).values(place=place - 1))
    _remade(unit)


def swap(unit: Unit) -> None:
    """Two records change their places, leaves included."""
    for old, new in ((2, 90), (3, 2), (90, 3)):
        unit.execute(update(events).where(events.c.seq == old).values(seq=new))
        unit.execute(update(leaves).where(leaves.c.seq == old).values(seq=new))


def move_between_leaves(unit: Unit) -> None:
    """Two leaves name each other's event."""
    for old, new in ((2, 90), (3, 2), (90, 3)):
        unit.execute(update(leaves).where(leaves.c.seq == old).values(seq=new))


def replay(unit: Unit) -> None:
    """A record once more, under another id."""
    row = unit.execute(select(*events.c).where(events.c.seq == 2)).one()
    unit.execute(insert(events), {**row._mapping, "seq": 50, "id": "again"})


def replay_as_a_leaf(unit: Unit) -> None:
    """The same with a leaf behind the end."""
    replay(unit)
    hashed = unit.execute(select(leaves.c.hash).where(leaves.c.seq == 2)).scalar_one()
    unit.execute(insert(leaves), {"place": 5, "seq": 50, "hash": hashed})


def keep_from_being_sealed(unit: Unit) -> None:
    """A new record is taken out of the queue."""
    unit.execute(delete(unsealed).where(unsealed.c.seq == 6))


def remove_before_it_is_sealed(unit: Unit) -> None:
    """A new record goes, and its place in the queue stays."""
    unit.execute(delete(events).where(events.c.seq == 6))


def unseal(unit: Unit) -> None:
    """The last leaf goes back into the queue."""
    unit.execute(delete(leaves).where(leaves.c.seq == 5))
    unit.execute(insert(unsealed), {"seq": 5})


def break_the_edge(unit: Unit) -> None:
    """So that the next checkpoint would be of another tree."""
    unit.execute(update(tree_row).values(edge=bytes(64)))


def take_the_tree_away(unit: Unit) -> None:
    """So that nobody knows how many there were."""
    unit.execute(delete(tree_row))


def empty_the_tree(unit: Unit) -> None:
    """As if nothing had ever been sealed; the leaves stay."""
    unit.execute(update(tree_row).values(size=0, edge=b"", note=""))


FORGERIES: list[Callable[[Unit], None]] = [
    change_and_compute_anew, sign_with_a_key_of_ones_own, write_the_checkpoint_by_hand, remove,
    remove_with_its_leaf, close_up, swap, move_between_leaves, replay, replay_as_a_leaf,
    keep_from_being_sealed, remove_before_it_is_sealed, unseal, break_the_edge, take_the_tree_away,
    empty_the_tree,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_a_forgery_is_found(wired: Database, forge: Callable[[Unit], None]):
    """By whoever may write whatever he likes to the database, and has nothing else."""
    sealed(wired, 5)
    fill(wired, 1)
    assert look(wired) is None
    with wired.writing() as unit:
        forge(unit)
    assert look(wired)


@pytest.mark.parametrize("kept", [0, 3])
def test_a_cut_end_is_found_by_what_was_given_out(wired: Database, kept: int):
    """All that lies in the database is set back to an older, signed moment, or to none."""
    sealed(wired, kept) if kept else None
    with wired.reading() as unit:
        old = tree.look(unit)
    given_out = sealed(wired, 5 - kept)
    with wired.writing() as unit:
        _cut(unit, kept)
        _set_back(unit, old)
    assert look(wired) is None
    broken = look(wired, notes.read(given_out))
    assert broken
    assert broken.record == kept + 1


def test_a_cut_end_that_grew_again_is_found_too(wired: Database):
    """What a sealer signs after it is as long, and not the same."""
    sealed(wired, 3)
    with wired.reading() as unit:
        old = tree.look(unit)
    given_out = sealed(wired, 2)
    with wired.writing() as unit:
        _cut(unit, 3)
        _set_back(unit, old)
    sealed(wired, 4)
    assert look(wired) is None
    assert look(wired, notes.read(given_out))


@pytest.mark.parametrize(
    "forge", [change_and_compute_anew, sign_with_a_key_of_ones_own, break_the_edge, empty_the_tree]
)
def test_nothing_is_sealed_onto_a_forged_tree(wired: Database, forge: Callable[[Unit], None]):
    """Our signature under it would be worth more than all of the forgery."""
    given_out = sealed(wired, 5)
    fill(wired, 1)
    with wired.writing() as unit:
        forge(unit)
        if forge is change_and_compute_anew:
            # as long as the edge is right nothing was computed anew
            assert notes.read(given_out).root != tree.look(unit).frontier().root()
    with pytest.raises(BrokenError):
        seal(wired, given_out)


def test_nothing_is_sealed_onto_a_tree_that_was_set_back(wired: Database):
    """The sealer knows what it has given out, and a new one has it from the file."""
    sealed(wired, 3)
    with wired.reading() as unit:
        old = tree.look(unit)
    given_out = sealed(wired, 2)
    with wired.writing() as unit:
        _cut(unit, 3)
        _set_back(unit, old)
    fill(wired, 1)
    with pytest.raises(BrokenError, match="cut off"):
        seal(wired, given_out)


# ── Going on from what was verified ──────────────────────────────────────────


def test_a_mark_is_taken_from_whoever_holds_the_ring(wired: Database):
    """A forger who sets it ahead would have his own records passed over."""
    sealed(wired, 3)
    with wired.writing() as unit:
        assert verifying.marked(unit, RING) is None
        verifying.mark(unit, RING, tree.look(unit).note)
    later = sealed(wired, 2)
    with wired.reading() as unit:
        found = verifying.marked(unit, RING)
        assert found
        assert found.size == 3
        walked = list(verifying.verify(unit, KEYS, tree.look(unit), found))
    assert walked == [4, 5]
    with wired.writing() as unit:
        unit.execute(update(tree_row).values(verified=later))
        assert verifying.marked(unit, RING) is None


# ── The chain from before ────────────────────────────────────────────────────


def _chain(database: Database, number: int) -> None:
    """Turn the unsealed records into a chain, as it was before 0022."""
    previous = bytes(32)
    with database.writing() as unit:
        for row in unit.execute(select(*events.c).order_by(events.c.seq)).all()[:number]:
            previous = trail.kept(*row).chained(previous)
            unit.execute(update(events).where(events.c.seq == row.seq).values(hash=previous))
        unit.execute(update(chain_end).values(seq=number, hash=previous))


@pytest.mark.parametrize("number", [3, 5])
def test_a_chain_keeps_its_proof(wired: Database, number: int):
    """Its hashes stand in the tree, and it ends where it did."""
    fill(wired, 5)
    _chain(wired, number)
    seal(wired)
    assert look(wired) is None
    with wired.writing() as unit:
        unit.execute(update(chain_end).values(hash=bytes(32)))
    broken = look(wired)
    assert broken
    assert broken.record == number + 1


def test_a_chain_that_was_broken_before_is_found_after(wired: Database):
    """Sealing it makes no whole record of it."""
    fill(wired, 5)
    _chain(wired, 4)
    with wired.writing() as unit:
        unit.execute(update(events).where(events.c.seq == 2).values(reason="nothing"))
    seal(wired)
    broken = look(wired)
    assert broken
    assert broken.record == 2


# ── The sealer ───────────────────────────────────────────────────────────────


def test_a_checkpoint_leaves_the_house(wired: Database, tmp_path: Path):
    """As a line of the log and into the file; a second sealer goes on from there."""
    file = tmp_path / "checkpoint"
    fill(wired, 3)
    with capture_logs() as logs:
        asyncio.run(Sealer(wired, KEYS, file).settle())
    with wired.reading() as unit:
        note = tree.look(unit).note
    assert file.read_text() == note
    assert [(one["event"], one["note"]) for one in logs] == [("audit checkpoint", note)]
    assert [path.name for path in tmp_path.glob("checkpoint*")] == ["checkpoint"]


def test_a_sealer_that_finds_a_forgery_says_so_once(wired: Database, tmp_path: Path):
    """And seals nothing until somebody has looked."""
    file = tmp_path / "checkpoint"
    asyncio.run(Sealer(wired, KEYS, file).settle())
    sealed(wired, 5)
    file.write_text(sealed(wired, 1))
    with wired.writing() as unit:
        empty_the_tree(unit)
    fill(wired, 1)
    sealer = Sealer(wired, KEYS, file)
    with capture_logs() as logs:
        with pytest.raises(BrokenError):
            asyncio.run(sealer.settle())
        asyncio.run(sealer.settle())
    assert [one["event"] for one in logs] == ["the record was changed: nothing is sealed"]


def test_a_file_that_cannot_be_written_stops_nothing(wired: Database, tmp_path: Path):
    """The log has the checkpoint too."""
    fill(wired, 1)
    with capture_logs() as logs:
        asyncio.run(Sealer(wired, KEYS, tmp_path / "nowhere" / "checkpoint").settle())
    assert [one["log_level"] for one in logs] == ["info", "error"]
    assert look(wired) is None


def test_many_are_sealed_in_steps(wired: Database, monkeypatch: pytest.MonkeyPatch):
    """What a night without a server has left is taken up at once."""
    monkeypatch.setattr(sealing, "BATCH", 3)
    fill(wired, 7)
    asyncio.run(Sealer(wired, KEYS, None).settle())
    with wired.reading() as unit:
        assert sealing.waiting(unit) == (0, None)
        assert tree.look(unit).size == 7
    assert look(wired) is None


def test_sealing_lag_is_measured(wired: Database, clock: FrozenClock):
    """How many wait, and for how long the oldest has."""
    fill(wired, 2)
    clock.advance(seconds=4)
    found = {one.name: one.values[()] for one in asyncio.run(sealing.measure(wired))}
    assert found == {"signon_audit_unsealed": 2, "signon_audit_sealing_lag_seconds": 4.0}


def test_a_killed_sealer_leaves_no_gap(database_url: str, clock: FrozenClock):
    """Twenty-five times on each database, in the middle of it; nothing is left out and nothing sealed twice."""
    database = wire(Database(database_url, clock=clock))
    for number in range(25):
        with database.writing() as unit:
            for each in range(6):
                record(unit, each)
        told, telling = os.pipe()
        child = os.fork()
        if not child:
            _seal_one_by_one(database_url, telling)
        os.close(telling)
        assert os.read(told, 1) == b"."
        time.sleep(0.0005 * (number % 8))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(told)
    seal(database)
    with database.reading() as unit:
        taken = list(unit.execute(select(leaves.c.seq).order_by(leaves.c.seq)).scalars())
    assert taken == list(range(1, 151))
    assert look(database, batch=100) is None
    database.close()


def _seal_one_by_one(url: str, telling: int) -> None:
    """In a process of its own, with connections of its own; tells of each."""
    try:
        sealing.BATCH = 1
        database = wire(Database(url, pool=3))
        while True:
            with database.writing() as unit:
                sealing.seal(unit, KEYS)
            os.write(telling, b".")
    finally:
        os._exit(1)
