"""The outbox: each event is delivered, by one process, at least once."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select, text

from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import BusyError
from signon.outbox import events
from signon.outbox.events import Due, Handler, UndeliverableError
from signon.outbox.models import outbox
from tests.infra import queued
from tests.infra.clock import FrozenClock


def put(database: Database, number: int = 1, kind: str = "note") -> None:
    with database.writing() as unit:
        for index in range(number):
            events.put(unit, kind, {"index": index})


def deliver(database: Database, handlers: Mapping[str, Handler]) -> int:
    return asyncio.run(events.deliver_due(database, handlers))


def put_in_lanes(database: Database, **numbers: int) -> None:
    """Events of the kind `note` in lanes, in this order."""
    with database.writing() as unit:
        for lane, number in numbers.items():
            for _ in range(number):
                events.put(unit, "note", {"lane": lane}, lane=lane)


def only_row(database: Database):
    with database.reading() as unit:
        return unit.execute(select(*outbox.c)).one()


async def accept(_due: Due) -> None:
    pass


async def refuse(_due: Due) -> None:
    raise ConnectionError("the answer names ada@example.com")


def test_two_processes_share_the_work(database_url: str, clock: FrozenClock):
    """Each event arrives once, whoever of them takes it."""
    arrived: list[tuple[int, int]] = []
    ring = KeyRing([bytes(range(32))])
    both = [Database(database_url, clock=clock, ring=ring) for _ in range(2)]
    put(both[0], 60)

    def work(process: int) -> None:
        async def note(due: Due) -> None:
            await asyncio.sleep(0.001)
            arrived.append((due.payload["index"], process))

        async def until_done() -> None:
            for _ in range(20):
                await events.deliver_due(both[process], {"note": note})

        asyncio.run(until_done())

    threads = [Thread(target=work, args=(process,)) for process in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(index for index, _ in arrived) == Counter(range(60))
    assert {process for _, process in arrived} == {0, 1}
    for database in both:
        database.close()


def test_a_leased_event_is_nobody_elses(database: Database, clock: FrozenClock):
    """Until the lease ends: then its process is taken for dead."""
    put(database)
    with database.writing() as unit:
        assert [due.attempts for due in events.lease(unit)] == [1]
    clock.advance(seconds=59)
    with database.writing() as unit:
        assert events.lease(unit) == []
    clock.advance(seconds=1)
    with database.writing() as unit:
        assert [due.attempts for due in events.lease(unit)] == [2]


def test_a_lease_is_longer_than_a_delivery():
    """Or a slow delivery would be made twice."""
    assert events.LEASE.total_seconds() > events.DELIVERY_SECONDS + 5


def test_a_handler_that_hangs_is_cut_off(
    database: Database, monkeypatch: pytest.MonkeyPatch, clock: FrozenClock
):
    """It counts as failed, and the others of its batch arrive."""
    monkeypatch.setattr(events, "DELIVERY_SECONDS", 0.05)

    async def hang_at_first(due: Due) -> None:
        if due.payload["index"] == 0:
            await asyncio.sleep(60)

    put(database, 3)
    assert deliver(database, {"note": hang_at_first}) == 2


def test_a_late_failure_does_not_undo_a_later_success(database: Database, clock: FrozenClock):
    """The first process lost its lease; what it reports then is not about the present."""

    async def lose_the_lease(_due: Due) -> None:
        clock.advance(seconds=61)
        assert await events.deliver_due(database, {"note": accept}) == 1
        raise ConnectionError

    put(database)
    assert deliver(database, {"note": lose_the_lease}) == 0
    row = only_row(database)
    assert (row.done_at is not None, row.last_error) == (True, None)


def test_a_late_failure_does_not_move_a_later_lease(database: Database, clock: FrozenClock):
    """Else a third process would start while the second delivers."""
    leased_until = []

    async def lose_the_lease(_due: Due) -> None:
        clock.advance(seconds=61)
        with database.writing() as unit:
            assert len(events.lease(unit)) == 1
        leased_until.append(clock.now + events.LEASE)
        raise ConnectionError

    put(database)
    deliver(database, {"note": lose_the_lease})
    assert [only_row(database).due_at] == leased_until


def test_an_unknown_kind_waits_for_a_newer_program(database: Database, clock: FrozenClock):
    """While two versions run, the older one must not lose the newer one's events."""
    put(database, kind="newer")
    assert deliver(database, {"note": accept}) == 0
    assert only_row(database).failed_at is None
    clock.advance(seconds=5)
    assert deliver(database, {"newer": accept}) == 1


def test_what_is_hopeless_is_given_up_at_once(database: Database, clock: FrozenClock):
    """And stays to be seen."""

    async def never(_due: Due) -> None:
        raise UndeliverableError("Nobody lives here.")

    put(database)
    deliver(database, {"note": never})
    clock.advance(days=1)
    assert deliver(database, {"note": accept}) == 0
    assert only_row(database).last_error == "Nobody lives here."
    with database.reading() as unit:
        assert events.given_up(unit) == 1


def test_what_a_failure_says_is_not_kept(database: Database):
    """Another server's words may repeat personal data; the kind of error is enough."""
    put(database)
    deliver(database, {"note": refuse})
    assert only_row(database).last_error == "ConnectionError"


def test_looking_costs_no_write(database: Database):
    """An idle server asks every second; with nothing due it must not write."""
    with database.writing() as unit:
        events.put(unit, "note", {})
        unit.execute(outbox.update().values(done_at=unit.now))

    async def no_write(*_args: object) -> None:
        raise AssertionError("a writing unit was opened")

    database.write = no_write  # type: ignore[method-assign, assignment]
    assert deliver(database, {"note": accept}) == 0


# ── Lanes ────────────────────────────────────────────────────────────────────


def test_a_dead_place_holds_up_only_its_own(database: Database):
    """Whatever waits for it, the others' events arrive before its first attempts have failed."""
    arrived: list[str] = []

    async def note(due: Due) -> None:
        if due.lane == "dead":
            await asyncio.sleep(0.6)
            arrived.append("time-out")
            raise TimeoutError
        arrived.append(due.lane)

    put_in_lanes(database, dead=9, alive=6, quiet=1)
    assert deliver(database, {"note": note}) == 7
    assert Counter(arrived[:7]) == {"alive": 6, "quiet": 1}
    assert arrived.count("time-out") == 9


def test_a_lane_has_few_at_once(database: Database):
    """And a process not many altogether: a storm for one court is no storm for the machine."""
    under_way: Counter[str] = Counter()
    most: Counter[str] = Counter()

    async def note(due: Due) -> None:
        under_way[due.lane] += 1
        most[due.lane] = max(most[due.lane], under_way[due.lane])
        most["all"] = max(most["all"], under_way.total())
        await asyncio.sleep(0.02)
        under_way[due.lane] -= 1

    put_in_lanes(database, a=12, b=12, c=12)
    assert deliver(database, {"note": note}) == 36
    assert max(most["a"], most["b"], most["c"]) <= events.OF_A_LANE
    assert most["all"] == events.AT_ONCE


def test_what_comes_meanwhile_does_not_wait(database: Database, monkeypatch: pytest.MonkeyPatch):
    """A delivery that takes its time is no reason not to look for more."""
    monkeypatch.setattr(events, "LOOK_SECONDS", 0.02)
    order: list[str] = []

    async def note(due: Due) -> None:
        if due.lane == "slow":
            put_in_lanes(database, quick=1)
            await asyncio.sleep(1)
        order.append(due.lane)

    put_in_lanes(database, slow=1)
    assert deliver(database, {"note": note}) == 2
    assert order == ["quick", "slow"]


def test_kinds_without_lanes_are_lanes(database: Database):
    """Mail is one place: a mail server that hangs leaves room for everything else."""
    order: list[str] = []

    async def hang(due: Due) -> None:
        await asyncio.sleep(0.5)
        order.append(due.kind)

    async def note(due: Due) -> None:
        order.append(due.kind)

    put(database, 8, kind="mail")
    put(database, 2)
    assert deliver(database, {"mail": hang, "note": note}) == 10
    assert order[:2] == ["note", "note"]


# ── Patience and repetition ──────────────────────────────────────────────────


def test_a_kind_may_have_its_own_patience(database: Database, clock: FrozenClock):
    """What is worth nothing after minutes is not tried for days."""

    def twice(attempts: int) -> timedelta | None:
        return timedelta(seconds=7) if attempts < 2 else None

    async def fail() -> None:
        await events.deliver_due(database, {"note": refuse}, {"note": twice})

    put(database)
    asyncio.run(fail())
    assert only_row(database).due_at == clock.now + timedelta(seconds=7)
    clock.advance(seconds=7)
    asyncio.run(fail())
    assert only_row(database).failed_at == clock.now


def test_an_event_of_a_known_id_is_not_queued_again(database: Database):
    """So an event that makes others may itself be delivered twice."""
    for words in ("first", "second"):
        with database.writing() as unit:
            events.put(unit, "note", {"text": words}, event_id="a" * 26)
    assert queued.payloads(database) == [{"text": "first"}]


def test_one_that_cannot_be_written_down_breaks_off_no_other(database: Database):
    """The database was away for a moment: the failure is told when the others are done."""
    finished: list[str] = []
    write = database.write

    async def away_at_first(rule: Any, *args: Any, **kwargs: Any) -> Any:
        if rule is events._arrived and args[0].lane == "first":
            raise BusyError("away", retry_after=1)
        return await write(rule, *args, **kwargs)

    async def note(due: Due) -> None:
        await asyncio.sleep(0.2 if due.lane == "second" else 0)
        finished.append(due.lane)

    database.write = away_at_first  # type: ignore[method-assign, assignment]
    put_in_lanes(database, first=1, second=1)
    with pytest.raises(BusyError):
        deliver(database, {"note": note})
    assert finished == ["first", "second"]


# ── What lies about ──────────────────────────────────────────────────────────


def test_what_waits_is_sealed(database: Database):
    """Nobody who reads the table, or a copy of it, opens a link that was mailed."""
    secret = "https://signon.example/recover?token=opens"
    with database.writing() as unit:
        events.put(unit, "note", {"url": secret})
        events.put_many(unit, "note", [{"url": secret}] * 2)
        rows = queued.rows(unit)
    assert secret not in repr(rows)
    assert b"opens" not in b"".join(row.sealed for row in rows)
    assert queued.payloads(database) == [{"url": secret}] * 3


def test_a_seal_holds_for_its_own_event(database: Database):
    """One that was moved to another row is not delivered; it waits like what could not arrive."""
    arrived: list[Any] = []

    async def note(due: Due) -> None:
        arrived.append(due.payload)

    put(database, 2)
    with database.writing() as unit:
        first, second = queued.rows(unit)
        own = queued.payload(unit, first)
        unit.execute(outbox.update().where(outbox.c.id == second.id).values(sealed=first.sealed))
    assert deliver(database, {"note": note}) == 1
    assert arrived == [own]
    with database.reading() as unit:
        left = next(row for row in queued.rows(unit) if row.id == second.id)
    assert "altered or moved" in left.last_error
    assert left.failed_at is None


def test_what_an_earlier_release_queued_still_arrives(database: Database):
    """It lies there unsealed, and leaves nothing behind either."""
    arrived: list[Any] = []

    async def note(due: Due) -> None:
        arrived.append(due.payload)

    put(database)
    with database.writing() as unit:
        unit.execute(outbox.update().values(sealed=None, payload={"index": 7}))
    assert deliver(database, {"note": note}) == 1
    assert arrived == [{"index": 7}]
    assert (only_row(database).payload, only_row(database).sealed) == ({}, None)


def test_nothing_is_queued_without_a_ring(database_url: str, clock: FrozenClock):
    """A database that cannot seal does not write in the clear instead."""
    without = Database(database_url, clock=clock)
    with pytest.raises(RuntimeError, match="without a key ring"):
        put(without)
    assert queued.payloads(without) == []
    without.close()


def test_what_was_delivered_leaves_no_copy(sqlite_url: str, clock: FrozenClock):
    """SQLite overwrites what it deletes, in the file and in its log."""
    database = Database(sqlite_url, clock=clock, ring=KeyRing([bytes(range(32))]))
    with database.writing() as unit:
        assert unit.scalar(text("PRAGMA secure_delete")) == 1
    put(database)
    sealed = only_row(database).sealed
    assert deliver(database, {"note": accept}) == 1
    with database.writing() as unit:
        unit.execute(text("SELECT 1"))
    database.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert sealed not in path.read_bytes()
