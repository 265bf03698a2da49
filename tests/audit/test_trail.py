"""The audit trail: written with the change, in one chain that shows every break."""

import asyncio
import hashlib
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from signon import ids
from signon.app import wire
from signon.audit import trail
from signon.audit.events import Event
from signon.audit.models import events, head, origins
from signon.db import Database, Unit
from signon.web.visitor import Source
from tests.infra.clock import FrozenClock

ORIGIN = Source("192.0.2.7", "Mozilla/5.0", "req-1")


@pytest.fixture
def wired(database: Database) -> Database:
    """A database whose units write their events."""
    return wire(database)


def record(unit: Unit, number: int = 1) -> None:
    """An event with a value in every column."""
    trail.record(
        unit,
        Event.LINK_MADE,
        actor="acc-1",
        account_id="acc-1",
        client_id="client-1",
        court_id="casb",
        reason="asked",
        source=ORIGIN,
        number=number,
        roles=["attorney", "trustee"],
        name="Ünïcode",
    )


def fill(database: Database, number: int) -> None:
    for index in range(number):
        with database.writing() as unit:
            record(unit, index)


def all_rows(database: Database) -> list[Any]:
    with database.reading() as unit:
        return list(unit.execute(select(*events.c).order_by(events.c.seq)).all())


def first_break(database: Database, *, batch: int = 2) -> int | None:
    with database.reading() as unit:
        walked = list(trail.verify(unit, batch=batch))
    assert all(holds for _, holds in walked[:-1])
    return None if not walked or walked[-1][1] else walked[-1][0]


# ── The chain ────────────────────────────────────────────────────────────────


def test_the_chain_is_what_it_is_said_to_be(wired: Database):
    """An auditor with nothing but the export can recompute it."""
    fill(wired, 3)
    previous = bytes(32)
    for number, row in enumerate(all_rows(wired), start=1):
        fields = [
            row.id, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.event,
            row.actor, row.account_id, row.client_id, row.court_id, row.reason, row.detail,
        ]  # fmt: skip
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).digest()
        previous = hashlib.sha256(previous + number.to_bytes(8, "big") + digest).digest()
        assert (row.seq, row.hash) == (number, previous)


def test_both_databases_make_the_same_chain(
    wired: Database, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
):
    """One is moved to the other without a break; so this very hash is the same on both."""
    names = (f"event-{number}" for number in itertools.count(1))
    monkeypatch.setattr(ids, "new_id", lambda: next(names))
    clock.set(datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC))
    fill(wired, 2)
    assert all_rows(wired)[-1].hash.hex() == GOLDEN


GOLDEN = "255a222923b37d084ba46ecc4270ea5f1ee5ff24441e37d12f5cda520bb9fffb"


def test_several_events_of_a_unit_follow_each_other(wired: Database):
    """In the order in which they were recorded."""
    with wired.writing() as unit:
        for number in range(5):
            record(unit, number)
    assert [row.detail["number"] for row in all_rows(wired)] == [0, 1, 2, 3, 4]
    assert first_break(wired) is None


def test_writers_at_once_leave_the_chain_whole(database_url: str, clock: FrozenClock):
    """Threads of two processes, each with several units."""
    databases = [wire(Database(database_url, clock=clock)) for _ in range(2)]

    def work(number: int) -> None:
        fill(databases[number % 2], 5)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(work, range(16)))
    assert [row.seq for row in all_rows(databases[0])] == list(range(1, 81))
    assert first_break(databases[0]) is None
    for database in databases:
        database.close()


# ── Breaks ───────────────────────────────────────────────────────────────────

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
    """Whatever was changed in record 3, verification stops at it or at the gap it left."""
    fill(wired, 5)
    with wired.writing() as unit:
        unit.execute(update(events).where(events.c.seq == 3).values({column: OTHER[column]}))
    assert first_break(wired) == (4 if column == "seq" else 3)


def test_a_removed_record_is_named(wired: Database):
    """The one after the gap is the first that does not hold."""
    fill(wired, 5)
    with wired.writing() as unit:
        unit.execute(delete(events).where(events.c.seq == 3))
    assert first_break(wired) == 4


def test_a_removal_that_was_covered_up_leaves_a_gap(wired: Database):
    """Even when every later hash and the head were made anew, a number is missing."""
    fill(wired, 4)
    rows = all_rows(wired)
    previous = rows[0].hash
    with wired.writing() as unit:
        unit.execute(delete(events).where(events.c.seq == 2))
        for row in rows[2:]:
            made = trail.Record(*row[1:10])
            previous = trail._chained(previous, row.seq, made.digest())
            unit.execute(update(events).where(events.c.seq == row.seq).values(hash=previous))
        unit.execute(update(head).values(hash=previous))
    assert first_break(wired) == 3


@pytest.mark.parametrize("kept", [0, 3])
def test_a_cut_end_is_named(wired: Database, kept: int):
    """The head remembers how long the chain was, even when all of it is gone."""
    fill(wired, 5)
    with wired.writing() as unit:
        unit.execute(delete(events).where(events.c.seq > kept))
    assert first_break(wired) == kept + 1


def test_an_added_record_is_named(wired: Database):
    """One that was put behind the end by hand is not in the head."""
    fill(wired, 2)
    forged = {**all_rows(wired)[-1]._mapping, "seq": 3, "id": "forged"}
    with wired.writing() as unit:
        unit.execute(insert(events), forged)
    assert first_break(wired) == 3


def test_a_missing_head_is_a_break(wired: Database):
    """Without it nobody knows how long the chain was."""
    fill(wired, 2)
    with wired.writing() as unit:
        unit.execute(delete(head))
    assert first_break(wired) == 3


def test_an_empty_chain_is_whole(wired: Database):
    """Nothing has happened yet."""
    assert first_break(wired) is None


def test_what_is_appended_meanwhile_is_no_break(wired: Database):
    """A verification takes minutes; people go on signing in."""
    fill(wired, 4)
    with wired.reading() as unit:
        walking = trail.verify(unit, batch=2)
        walked = [next(walking) for _ in range(4)]
        fill(wired, 2)
        walked += list(walking)
    assert all(holds for _, holds in walked)


# ── With the change ──────────────────────────────────────────────────────────


def test_a_rolled_back_change_leaves_no_event(wired: Database):
    """What did not happen is not told."""

    def fail(unit: Unit) -> None:
        record(unit)
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(wired.write(fail))
    assert all_rows(wired) == []


def test_where_it_came_from_stands_beside_the_chain(wired: Database):
    """Addresses have their own retention: removing them breaks nothing."""
    fill(wired, 2)
    with wired.writing() as unit:
        rows = unit.execute(select(*origins.c)).all()
        unit.execute(delete(origins))
    assert {(row.address, row.user_agent, row.request_id) for row in rows} == {
        ("192.0.2.7", "Mozilla/5.0", "req-1")
    }
    assert {row.event_id for row in rows} == {row.id for row in all_rows(wired)}
    assert "192.0.2.7" not in str(all_rows(wired))
    assert first_break(wired) is None


def test_events_name_what_they_are_about():
    """`source:subject:action`, each once."""
    values = [event.value for event in Event]
    assert all(len(value.split(":")) == 3 for value in values)
    assert len(set(values)) == len(values)
