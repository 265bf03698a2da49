"""What `/metrics` tells of what waits, of jobs, processes and the database."""

import asyncio
from datetime import timedelta

from sqlalchemy import insert

from signon import __version__, metrics, schema
from signon.accounts.hashing import HashingGate
from signon.db import Database
from signon.jobs import measuring as jobs_measuring
from signon.jobs.heartbeats import Heart
from signon.jobs.models import jobs
from signon.metrics import Gauge
from signon.outbox import measuring as outbox_measuring
from signon.outbox.models import outbox
from tests.infra.clock import FrozenClock
from tests.infra.databases import is_postgresql
from tests.operation.rows import add


def by_name(gauges: list[Gauge]) -> dict[str, dict[tuple[str, ...], float]]:
    return {one.name: dict(one.values) for one in gauges}


def sample(line: str) -> float:
    """The value of one line of the metrics."""
    lines = metrics.render().decode().splitlines()
    return sum(float(each.rpartition(" ")[2]) for each in lines if each.startswith(line))


def test_the_outbox_is_told_by_kind(database: Database, clock: FrozenClock):
    """How many wait and since when the oldest does; what is over is not told."""
    now = clock()
    with database.writing() as unit:
        for kind, age in (("mail", 40), ("mail", 10), ("logout", 5)):
            at = now - timedelta(seconds=age)
            add(unit, outbox, kind=kind, created_at=at, due_at=now, done_at=None, failed_at=None)
        add(unit, outbox, kind="mail", created_at=now - timedelta(days=1), done_at=now)
    assert by_name(asyncio.run(outbox_measuring.measure(database))) == {
        "signon_outbox_waiting": {("mail",): 2, ("logout",): 1},
        "signon_outbox_oldest_seconds": {("mail",): 40, ("logout",): 5},
    }


def test_jobs_and_processes_are_told(database: Database, clock: FrozenClock):
    """The last end of each job, whether it failed; who has spoken within a minute."""
    now = clock()
    with database.writing() as unit:
        for name, ran_at, error in (("a", now, None), ("b", now, "KeyError"), ("c", None, None)):
            row = {"name": name, "due_at": now, "ran_at": ran_at, "last_error": error}
            unit.execute(insert(jobs), row)
    asyncio.run(Heart(database).beat())
    clock.advance(seconds=50)
    for heart in (Heart(database), Heart(database)):
        asyncio.run(heart.beat())
        asyncio.run(heart.beat())
    clock.advance(seconds=20)
    assert by_name(asyncio.run(jobs_measuring.measure(database))) == {
        "signon_job_ended_timestamp_seconds": {
            ("a",): now.timestamp(), ("b",): now.timestamp(),
        },
        "signon_job_failed": {("a",): 0, ("b",): 1},
        "signon_processes": {(schema.head(),): 2},
        "signon_build_info": {(__version__, schema.head()): 1},
    }  # fmt: skip


def test_units_are_timed(database_url: str, clock: FrozenClock):
    """On the loop, by what they do."""
    if not is_postgresql(database_url):
        return
    database = Database(database_url, clock=clock)
    before = {kind: sample(f'signon_database_seconds_count{{unit="{kind}"}}') for kind in KINDS}

    async def run() -> None:
        await database.read(lambda unit: unit.now)
        await database.write(lambda unit: unit.now)
        await database.spend(lambda unit: unit.now)

    asyncio.run(run())
    database.close()
    for kind in KINDS:
        assert sample(f'signon_database_seconds_count{{unit="{kind}"}}') == before[kind] + 1


KINDS = ("read", "write", "spend")


def test_who_waits_for_a_turn_is_counted(database_url: str, clock: FrozenClock):
    """To hash, also when it comes at once; for a connection, when it does not."""
    hashing, connection = (
        f'signon_wait_seconds_count{{what="{what}"}}' for what in ("hashing", "connection")
    )
    before = sample(hashing)

    async def hash_twice() -> None:
        gate = HashingGate(threads=1, queue_seconds=30)
        await gate.run(lambda: None)
        await asyncio.gather(gate.run(lambda: None), gate.run(lambda: None))
        gate.close()

    asyncio.run(hash_twice())
    assert sample(hashing) == before + 3
    if is_postgresql(database_url):
        before = sample(connection)
        database = Database(database_url, clock=clock, pool=1)

        async def read_twice() -> None:
            await asyncio.gather(*(database.read(lambda unit: unit.now) for _ in range(2)))

        asyncio.run(read_twice())
        database.close()
        assert sample(connection) >= before + 1
