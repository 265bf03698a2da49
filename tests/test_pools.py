"""Units on the event loop: whatever the other side of the wire does, they end."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import pytest
from sqlalchemy import Insert, Select, insert, make_url, select, text
from sqlalchemy.exc import OperationalError

from signon import pools
from signon.db import Database, Unit
from signon.engines import Line, Opener
from signon.errors import BusyError
from signon.jobs.models import jobs
from signon.pools import Pool
from signon.prepared import change, given, values
from tests.infra.relay import relayed

BACKEND = text("SELECT pg_backend_pid()")
SLEEP = text("SELECT pg_sleep(60)")


@values
def names() -> Select[str]:
    return select(jobs.c.name).where(jobs.c.name.is_not(None)).order_by(jobs.c.name)


@change
def put(name: str) -> Insert:
    return insert(jobs).values(name=name, due_at=text("now()"))


@contextmanager
def opened(url: str, *, pool: int = 2, prepares: bool = True) -> Iterator[Database]:
    database = Database(url, pool=pool, prepares=prepares)
    yield database
    database.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units have a second. What is shown is that they end, not when."""
    monkeypatch.setattr(pools, "UNIT_SECONDS", 1)


async def crowd(database: Database, number: int) -> Sequence[object]:
    """So many readers and writers at once."""
    units = [database.read(names) for _ in range(number)]
    units += [database.write(names) for _ in range(number)]
    return await asyncio.gather(*units, return_exceptions=True)


# ── A dead path ──────────────────────────────────────────────────────────────


def test_a_silent_path_under_full_pools_is_left(hasty: None, postgresql_url: str):
    """Established connections swallow everything, new ones work: all are told, then it goes on."""
    with relayed(postgresql_url) as (relay, url), opened(url) as database:

        async def freeze() -> tuple[Sequence[object], Sequence[object]]:
            busy = [asyncio.create_task(database.write(_write_and_sleep)) for _ in range(2)]
            await crowd(database, 2)
            assert relay.freeze() > 2  # the writers, and whoever read last
            during = await crowd(database, 5)
            await asyncio.gather(*busy, return_exceptions=True)
            return during, await _until_it_answers(database)

        during, after = asyncio.run(freeze())
        assert any(isinstance(one, BusyError) for one in during)
        assert all(one == [] or isinstance(one, BusyError) for one in during)
        assert after == []


def _write_and_sleep(unit: Unit) -> None:
    put(unit, "lost")
    unit.scalar(SLEEP)


def test_a_black_hole_tells_everybody(hasty: None, postgresql_url: str):
    """Neither old nor new connections get anywhere; afterwards the same process goes on."""
    with relayed(postgresql_url) as (relay, url), opened(url) as database:

        async def swallow() -> tuple[Sequence[object], Sequence[object]]:
            await crowd(database, 2)
            relay.is_open = False
            relay.freeze()
            during = await crowd(database, 5)
            relay.is_open = True
            return during, await _until_it_answers(database)

        during, after = asyncio.run(swallow())
        assert all(isinstance(one, BusyError) for one in during)
        assert after == []


async def _until_it_answers(database: Database) -> Sequence[str]:
    while True:
        try:
            return await database.read(names)
        except BusyError:
            await asyncio.sleep(0.1)


def test_a_thread_does_not_wait_for_a_silent_server(postgresql_url: str):
    """What blocks is no more patient than what does not."""
    with relayed(postgresql_url) as (relay, url), opened(url) as database:
        with database.reading() as unit:
            unit.driver.wire.silence = 0.2  # type: ignore[attr-defined]  # PostgreSQL's
            assert names(unit) == []
        relay.freeze()
        with pytest.raises(BusyError), database.reading() as unit:
            names(unit)
        with database.reading() as unit:
            assert names(unit) == []


def test_what_did_not_answer_while_saving_is_told_so(hasty: None, postgresql_url: str):
    """It may have been saved: the unit does not run again, and nobody is told that it was not."""
    runs: list[str] = []
    with relayed(postgresql_url) as (relay, url), opened(url) as database:

        def rule(unit: Unit) -> None:
            put(unit, f"run {len(runs)}")
            runs.append("once")
            relay.freeze()

        with pytest.raises(BusyError, match="look whether it was saved"):
            asyncio.run(database.write(rule))
    assert runs == ["once"]


# ── Cancelling ───────────────────────────────────────────────────────────────


def test_a_cancelled_request_ends_its_unit(postgresql_url: str):
    """What it has written is rolled back, its connection is replaced."""
    with opened(postgresql_url, pool=1) as database:

        async def cancel() -> Sequence[str]:
            task = asyncio.create_task(database.write(_write_and_sleep))
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await database.write(names)

        assert asyncio.run(cancel()) == []


def test_whoever_is_cancelled_while_waiting_takes_no_connection_along(postgresql_url: str):
    """The next one gets it."""
    with opened(postgresql_url, pool=1) as database:

        async def cancel() -> Sequence[object]:
            first = asyncio.create_task(database.read(lambda unit: unit.scalar(text(SHORT))))
            waiting = [asyncio.create_task(database.read(names)) for _ in range(5)]
            await asyncio.sleep(0.05)
            for one in waiting[:4]:
                one.cancel()
            await first
            return await waiting[4]

        assert asyncio.run(cancel()) == []


SHORT = "SELECT pg_sleep(0.2)"


# ── What a unit is ───────────────────────────────────────────────────────────


def test_a_unit_that_asks_nothing_sends_nothing(postgresql_url: str):
    """BEGIN goes with the first statement; without one there is no transaction."""
    with relayed(postgresql_url) as (relay, url), opened(url) as database:

        async def ask_nothing() -> int:
            await database.write(names)
            relay.freeze()
            return await database.write(lambda _unit: 42)

        assert asyncio.run(ask_nothing()) == 42


def test_the_loop_goes_on_while_a_unit_waits(postgresql_url: str):
    """A hundred units on one thread, as many at a time as there are connections."""
    threads: set[int] = set()

    def rule(unit: Unit) -> object:
        threads.add(threading.get_ident())
        return unit.scalar(text("SELECT pg_sleep(0.01)"))

    with opened(postgresql_url, pool=4) as database:

        async def many() -> None:
            await asyncio.gather(*(database.read(rule) for _ in range(100)))

        asyncio.run(many())
    assert threads == {threading.get_ident()}


def test_a_unit_sees_its_requests_context(postgresql_url: str):
    """The log lines of a rule name its request, whoever runs in between."""
    request: ContextVar[int] = ContextVar("request")

    def rule(unit: Unit) -> bool:
        before = request.get()
        unit.scalar(text("SELECT pg_sleep(0.01)"))
        return request.get() == before

    async def one(database: Database, number: int) -> bool:
        request.set(number)
        return await database.read(rule)

    with opened(postgresql_url) as database:

        async def many() -> Sequence[bool]:
            tasks = [asyncio.create_task(one(database, number)) for number in range(10)]
            return await asyncio.gather(*tasks)

        assert all(asyncio.run(many()))


def test_a_rule_that_raises_what_no_future_takes(postgresql_url: str):
    """Nobody waits for ever."""

    def rule(_unit: Unit) -> None:
        raise StopIteration

    with opened(postgresql_url) as database, pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(database.read(rule))


def test_large_values_go_out_in_pieces(postgresql_url: str):
    """More than the socket takes at once, both ways, prepared and by a cursor."""
    large = "x" * 20_000_000

    with opened(postgresql_url) as database:
        for prepared in (True, False):

            def rule(unit: Unit, prepared: bool = prepared) -> int:
                if prepared:
                    return len(_echo(unit, large)[0])
                return len(unit.scalar(text("SELECT CAST(:it AS text)"), {"it": large}))

            assert asyncio.run(database.read(rule)) == len(large)


@values
def _echo(it: str) -> Select[str]:
    return select(given(it)).where(text("true"))


def test_who_waits_is_served_by_the_one_that_could_be_opened(postgresql_url: str):
    """The server takes no second one: the first is lent to both, one after the other."""
    opener = Opener(postgresql_url, {"statement_timeout": 0}, writes=False, prepares=True)
    opened_once = [opener()]

    def open_or_fail() -> Line:
        if opened_once:
            return opened_once.pop()
        raise OperationalError("connect", {}, ConnectionError("too many clients already"))

    def rest_and_say(line: Line) -> int:
        line.connection.execute(text("SELECT pg_sleep(0.1)"))
        return id(line)

    async def both() -> Sequence[object]:
        pool = Pool(open_or_fail, 2)
        bench, ends = pool.bench(), asyncio.get_running_loop().time() + 60
        units = [asyncio.create_task(bench.run(rest_and_say, ends)) for _ in range(5)]
        lines = await asyncio.gather(*units, return_exceptions=True)
        pool.close()
        return lines

    lines = asyncio.run(both())
    assert len(set(lines)) == 1
    assert isinstance(lines[0], int)


# ── Loops and threads ────────────────────────────────────────────────────────


def test_the_next_loop_takes_over_what_the_last_one_opened(postgresql_url: str):
    """And so does a thread; nothing is opened twice."""
    with opened(postgresql_url, pool=1) as database:
        pids = {
            asyncio.run(database.read(lambda unit: unit.scalar(BACKEND))),
            asyncio.run(database.read(lambda unit: unit.scalar(BACKEND))),
        }
        with database.reading() as unit:
            pids.add(unit.scalar(BACKEND))
        assert len(pids) == 1


def test_long_work_leaves_the_loop_alone(postgresql_url: str):
    """It runs in a thread, and commits like any other."""
    with opened(postgresql_url) as database:

        def rule(unit: Unit) -> int:
            put(unit, "long")
            return threading.get_ident()

        assert asyncio.run(database.write_long(rule)) != threading.get_ident()
        assert asyncio.run(database.read(names)) == ["long"]


def test_without_prepared_statements_all_is_the_same(postgresql_url: str):
    """For a pooler that does not carry them."""
    with opened(postgresql_url, prepares=False) as database:

        def rule(unit: Unit) -> Sequence[str]:
            put(unit, "one")
            return names(unit)

        assert asyncio.run(database.write(rule)) == ["one"]
        prepared = text("SELECT count(*) FROM pg_prepared_statements")
        assert asyncio.run(database.write(lambda unit: unit.scalar(prepared))) == 0


def test_the_writable_one_of_several_servers_is_found(postgresql_url: str):
    """Fail-over addresses: the first does not answer, the second may be written to."""
    there = make_url(postgresql_url)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        taken = silent.getsockname()[1]
    hosts = {"host": (f"127.0.0.1:{taken}", f"127.0.0.1:{there.port}")}
    several = there._replace(host=None, port=None).update_query_dict(
        {**hosts, "target_session_attrs": "read-write"}
    )
    with opened(several.render_as_string(hide_password=False)) as database:
        assert asyncio.run(database.read(names)) == []
        assert asyncio.run(database.write(lambda unit: put(unit, "one"))) == 1
