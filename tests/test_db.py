"""Units of work: return commits, raise rolls back, and nobody waits without end."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Insert, Select, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from signon import engines, pools, snapshots
from signon.db import SERVING, Database, Unit
from signon.drivers import PostgresqlDriver, SqliteDriver
from signon.errors import BusyError
from signon.jobs.models import jobs
from signon.prepared import change, value
from signon.snapshots import Snapshot
from tests.infra.clock import FrozenClock
from tests.infra.databases import is_postgresql

Row = dict[str, object]


@pytest.fixture
def small(database_url: str, clock: FrozenClock) -> Iterator[Database]:
    """A database with one connection of each kind."""
    opened = Database(database_url, clock=clock, pool=1)
    yield opened
    opened.close()


def put(unit: Unit, name: str = "one") -> None:
    unit.execute(insert(jobs), {"name": name, "due_at": unit.now})


def names(database: Database) -> list[str]:
    with database.reading() as unit:
        return list(unit.execute(select(jobs.c.name).order_by(jobs.c.name)).scalars())


def occupy(unit: Unit, seconds: float) -> None:
    """Keep the database busy for so long."""
    if unit.dialect == "postgresql":
        unit.scalar(text("SELECT pg_sleep(:seconds)"), {"seconds": seconds})
    else:
        time.sleep(seconds)


def put_and_raise(unit: Unit) -> None:
    put(unit)
    raise LookupError


# ── Return commits, raise rolls back ─────────────────────────────────────────


def test_a_unit_that_returns_is_committed(database: Database):
    """And its value is the rule's."""

    def rule(unit: Unit, name: str) -> str:
        put(unit, name)
        return name.upper()

    assert asyncio.run(database.write(rule, "one")) == "ONE"
    assert names(database) == ["one"]


def test_a_unit_that_raises_is_rolled_back(database: Database):
    """Through a hop, and in a block."""
    with pytest.raises(LookupError):
        asyncio.run(database.write(put_and_raise))
    with pytest.raises(LookupError), database.writing() as unit:
        put_and_raise(unit)
    assert names(database) == []


def test_the_commit_comes_before_the_answer(database_url: str, database: Database):
    """When `write` has returned, every other process sees the change."""
    other = Database(database_url)

    async def write_and_look() -> list[str]:
        await database.write(put)
        return names(other)

    assert asyncio.run(write_and_look()) == ["one"]
    other.close()


def test_a_commit_that_fails_is_no_success(database: Database, monkeypatch: pytest.MonkeyPatch):
    """Nobody is told that something was saved which may not be; and it is not tried twice."""
    runs = []

    def rule(unit: Unit) -> None:
        runs.append(unit)
        put(unit)

    def refuse(_driver: object) -> None:
        raise DBAPIError("COMMIT", None, ConnectionError("gone"), connection_invalidated=True)

    for driver in (PostgresqlDriver, SqliteDriver):
        monkeypatch.setattr(driver, "commit", refuse)
    with pytest.raises(BusyError, match="look whether it was saved"):
        asyncio.run(database.write(rule))
    assert len(runs) == 1


# ── The queue of a unit ──────────────────────────────────────────────────────


def test_a_queue_without_a_writer_is_an_error(database: Database):
    """An audit event that would be lost takes its change with it."""

    def rule(unit: Unit) -> None:
        put(unit)
        unit.queue.append("event")

    with pytest.raises(RuntimeError, match="no writer"):
        asyncio.run(database.write(rule))
    assert names(database) == []


def test_writers_run_last_and_may_undo_all(database: Database):
    """A writer that fails rolls the unit back."""

    def fail(unit: Unit) -> None:
        assert unit.scalar(select(jobs.c.name)) == "one"
        raise LookupError

    database.before_commit.append(fail)
    with pytest.raises(LookupError):
        asyncio.run(database.write(put))
    database.before_commit.clear()
    assert names(database) == []


# ── Limits ───────────────────────────────────────────────────────────────────


def test_a_pool_at_its_limit_says_so(time_outs_of_production: None, small: Database):
    """503 with a time to come back, after a bounded wait."""
    with small.reading(), pytest.raises(BusyError) as busy, small.reading():
        pass
    assert busy.value.retry_after == pools.WAIT_SECONDS


def test_a_unit_that_had_no_turn_in_time_does_not_run(
    small: Database, monkeypatch: pytest.MonkeyPatch
):
    """Whoever waited so long has left; running it anyway keeps the next one waiting too."""
    asyncio.run(small.read(occupy, 0.0))  # connecting takes its time
    monkeypatch.setattr("signon.pools.WAIT_SECONDS", 0.1)
    runs: list[Unit] = []

    async def crowd() -> Sequence[object]:
        slow = asyncio.create_task(small.read(occupy, 0.4))
        await asyncio.sleep(0.05)
        late = [small.read(runs.append) for _ in range(5)]
        outcomes = await asyncio.gather(*late, return_exceptions=True)
        await slow
        return outcomes

    assert [type(outcome) for outcome in asyncio.run(crowd())] == [BusyError] * 5
    assert runs == []


def test_a_lock_that_is_held_says_busy(postgresql_url: str, monkeypatch: pytest.MonkeyPatch):
    """After the lock's time-out, not after the holder's leisure."""
    database = Database(postgresql_url, timeouts=SERVING | {"lock_timeout": 100})
    with database.writing() as unit:
        put(unit)
        started = time.monotonic()
        with pytest.raises(BusyError), database.writing() as other:
            other.execute(text("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE"))
        assert time.monotonic() - started < 3
    database.close()


def test_a_statement_that_takes_too_long_says_busy(postgresql_url: str):
    """The database gives up before the person does."""
    database = Database(postgresql_url, timeouts=SERVING | {"statement_timeout": 100})
    with pytest.raises(BusyError), database.reading() as unit:
        unit.execute(text("SELECT pg_sleep(5)"))
    database.close()


def test_sqlites_writers_wait_for_each_other(sqlite_url: str):
    """Another process writes: ours waits for it instead of failing."""
    first, second = Database(sqlite_url), Database(sqlite_url)
    holds = threading.Event()

    def hold() -> None:
        with first.writing() as unit:
            put(unit, "first")
            holds.set()
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    holds.wait()
    with second.writing() as unit:
        put(unit, "second")
    thread.join()
    assert names(first) == ["first", "second"]
    first.close()
    second.close()


def test_a_broken_rule_is_no_busy_database(database: Database):
    """A missing table is a fault of ours, and a retry would not help."""
    with pytest.raises(DBAPIError), database.reading() as unit:
        unit.execute(text("SELECT * FROM no_such_table"))


# ── Dead connections ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["read", "write"])
def test_a_dead_connection_is_replaced(postgresql_url: str, way: str):
    """The server restarted, a firewall forgot us: the unit runs once more, nobody notices."""
    database = Database(postgresql_url, pool=1)

    async def kill_and_go_on() -> int:
        run = database.read if way == "read" else database.write
        victim = await run(lambda unit: unit.scalar(text("SELECT pg_backend_pid()")))
        other = database.write if way == "read" else database.read
        await other(
            lambda unit: unit.scalar(text("SELECT pg_terminate_backend(:pid)"), {"pid": victim})
        )
        return await run(lambda unit: unit.scalar(text("SELECT 42")))

    assert asyncio.run(kill_and_go_on()) == 42
    database.close()


def test_a_connection_that_dies_in_the_middle_changes_nothing_twice(postgresql_url: str):
    """What was done before was rolled back; the second run does it once."""
    database, killer = Database(postgresql_url, pool=1), Database(postgresql_url)
    runs = []

    def rule(unit: Unit) -> None:
        put(unit)
        runs.append(unit)
        if len(runs) == 1:
            pid = unit.scalar(text("SELECT pg_backend_pid()"))
            with killer.writing() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            time.sleep(0.1)
            unit.execute(text("SELECT 1"))

    asyncio.run(database.write(rule))
    assert len(runs) == 2
    assert names(database) == ["one"]
    database.close()
    killer.close()


def test_a_unit_is_run_again_only_once(small: Database):
    """A database that is really away says so."""
    runs = []

    def rule(unit: Unit) -> None:
        runs.append(unit)
        raise DBAPIError("SELECT", None, ConnectionError("gone"), connection_invalidated=True)

    with pytest.raises(BusyError):
        asyncio.run(small.read(rule))
    assert len(runs) == 2


# ── What the connections are ─────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_sqlite_is_durable_and_strict(
    time_outs_of_production: None,
    sqlite_url: str,
    way: str,
    durable_sqlite: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
):
    """Write-ahead log, every commit on the disk, foreign keys enforced, 5 s for a lock."""
    monkeypatch.setattr(engines, "SQLITE", durable_sqlite)
    database = Database(sqlite_url)
    with getattr(database, way)() as unit:
        found = {
            name: unit.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }
    database.close()


def test_sqlite_takes_the_write_lock_at_the_start(sqlite_url: str):
    """A unit that read first and wrote later could be told that its reading was stale."""
    first = Database(sqlite_url)
    locked = Database(sqlite_url)
    with locked.writing() as unit:
        unit.execute(text("PRAGMA busy_timeout=50"))
    with first.writing(), pytest.raises(BusyError), locked.writing():
        pass
    first.close()
    locked.close()


def test_sqlites_readers_do_not_wait_for_a_writer(sqlite_url: str):
    """UserInfo goes on while somebody signs in."""
    database = Database(sqlite_url)
    with database.writing() as unit:
        put(unit)
        assert names(database) == []
    database.close()


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_postgresqls_time_outs_are_set(
    time_outs_of_production: None, postgresql_url: str, way: str
):
    """2.5 s a statement, 1 s a lock, 10 s idle in a transaction."""
    database = Database(postgresql_url)
    with getattr(database, way)() as unit:
        found = {
            name: unit.scalar(text(f"SHOW {name}"))
            for name in (
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "timezone",
            )
        }
    assert found == {
        "statement_timeout": "2500ms",
        "lock_timeout": "1s",
        "idle_in_transaction_session_timeout": "10s",
        "timezone": "UTC",
    }
    database.close()


def test_a_reading_unit_cannot_write(database: Database):
    """A route that declared itself wrongly fails in its first test."""
    with pytest.raises(DBAPIError), database.reading() as unit:
        put(unit)
    assert names(database) == []


def test_foreign_keys_are_enforced(database: Database):
    """On SQLite too, where they are off unless one asks."""
    with pytest.raises(IntegrityError), database.writing() as unit:
        unit.execute(
            text("INSERT INTO court_staff VALUES ('nowhere', 'nobody', 'clerk', :now)"),
            {"now": unit.now},
        )


# ── Values ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "zone", [UTC, timezone(timedelta(hours=-8)), timezone(timedelta(hours=9, minutes=30))]
)
def test_a_moment_comes_back_as_the_same_moment(database: Database, zone: timezone):
    """In UTC and to the microsecond, whatever zone it was given in."""
    moment = datetime(2026, 3, 8, 1, 59, 59, 999999, tzinfo=zone)
    with database.writing() as unit:
        unit.execute(insert(jobs), {"name": "one", "due_at": moment})
    with database.reading() as unit:
        found = unit.scalar(select(jobs.c.due_at))
    assert found == moment
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_errors_do_not_repeat_what_was_stored(database: Database):
    """An error ends up in the log; the statement's parameters may be anything."""
    statement = text("INSERT INTO jobs (name, due_at) VALUES (:name, NULL)")
    with pytest.raises(IntegrityError) as error, database.writing() as unit:
        unit.execute(statement, {"name": "hunter2"})
    # what PostgreSQL itself adds as DETAIL is taken out by the logs
    assert "hunter2" not in str(error.value).partition("DETAIL")[0].partition("[SQL")[0]
    assert "[SQL parameters hidden" in str(error.value)


def test_a_snapshot_is_read_again_when_it_is_old(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    """Keys, courts and clients: at most so stale, and at once after a change of our own."""
    moment = 1000.0
    monkeypatch.setattr(snapshots, "monotonic", lambda: moment)
    reads = iter(range(10))
    snapshot = Snapshot(lambda _unit: next(reads), database, seconds=30)

    async def get() -> int:
        return await snapshot.get()

    assert [asyncio.run(get()), asyncio.run(get())] == [0, 0]
    moment += 30
    assert snapshot.fresh() is None
    assert asyncio.run(get()) == 1
    snapshot.forget()
    assert asyncio.run(get()) == 2


def test_a_database_knows_its_kind(database: Database, database_url: str):
    """Two rules ask for it."""
    assert database.is_sqlite != is_postgresql(database_url)


# ── The answer first, one statement at the end ───────────────────────────────


@change
def _put(name: str, now: datetime) -> Insert:
    return insert(jobs).values(name=name, due_at=now)


@value
def _found(name: str) -> Select[str]:
    return select(jobs.c.name).where(jobs.c.name == name)


def test_what_spends_is_committed_by_its_one_statement(database: Database):
    """The rule reads, and changes at its end."""

    def rule(unit: Unit) -> str:
        assert _found(unit, "one") is None
        _put(unit, "one", unit.now)
        return "done"

    assert asyncio.run(database.spend(rule)) == "done"
    assert names(database) == ["one"]


def test_what_needs_more_runs_anew_in_a_transaction(database: Database):
    """Where one statement is not enough, as in a unit that writes, events and all."""
    queued: list[object] = []
    database.before_commit.append(lambda unit: queued.extend(unit.queue))

    def rule(unit: Unit) -> bool:
        unit.require_transaction()
        _put(unit, "one", unit.now)
        _put(unit, "two", unit.now)
        unit.queue.append("event")
        return unit.writes

    assert asyncio.run(database.spend(rule))
    assert names(database) == ["one", "two"]
    assert queued == ["event"]


def _twice(unit: Unit) -> None:
    _put(unit, "one", unit.now)
    _put(unit, "two", unit.now)


def _looks_after(unit: Unit) -> None:
    _put(unit, "one", unit.now)
    _found(unit, "one")


def _executes(unit: Unit) -> None:
    put(unit)


def _queues(unit: Unit) -> None:
    unit.queue.append("event")


def _begins_anew(unit: Unit) -> None:
    _put(unit, "one", unit.now)
    unit.require_transaction()


@pytest.mark.parametrize(
    ("rule", "said", "left"),
    [
        (_twice, "ends with the statement", ["one"]),
        (_looks_after, "ends with the statement", ["one"]),
        (_executes, "prepared statements only", []),
        (_queues, "queues nothing", []),
        (_begins_anew, "cannot begin anew", ["one"]),
    ],
)
def test_a_second_change_is_a_fault(
    postgresql_url: str,
    clock: FrozenClock,
    rule: Callable[[Unit], None],
    said: str,
    left: list[str],
):
    """Where every statement is committed by itself, two of them are two transactions."""
    database = Database(postgresql_url, clock=clock)
    with pytest.raises(RuntimeError, match=said):
        asyncio.run(database.spend(rule))
    assert names(database) == left
    database.close()


@pytest.mark.parametrize("dies", [_put, _found])
def test_a_connection_that_dies_while_it_spends(
    postgresql_url: str, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch, dies: Any
):
    """A look is taken again; what may have been done is not, or it would look like a replay."""
    database = Database(postgresql_url, clock=clock)
    runs: list[bool] = []
    run = PostgresqlDriver.run

    def die_once(driver: PostgresqlDriver, statement: Any, values: Any) -> Any:
        done = run(driver, statement, values)
        if statement.changes is (dies is _put) and runs == [True]:
            raise DBAPIError("", None, ConnectionError("gone"), connection_invalidated=True)
        return done

    def rule(unit: Unit) -> None:
        runs.append(True)
        _found(unit, "one")
        _put(unit, "one", unit.now)

    monkeypatch.setattr(PostgresqlDriver, "run", die_once)
    if dies is _put:
        with pytest.raises(BusyError, match="look whether it was saved"):
            asyncio.run(database.spend(rule))
    else:
        asyncio.run(database.spend(rule))
    assert len(runs) == (1 if dies is _put else 2)
    assert names(database) == ["one"]
    database.close()
