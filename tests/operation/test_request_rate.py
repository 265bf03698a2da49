"""How many calls a program may make in a minute: counted for all workers, written now and then."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, text

from signon.db import Database
from signon.web.models import request_rates
from signon.web.problems import ApiError
from signon.web.request_rate import PARTS, RequestRate, prune_request_rates
from tests.infra.clock import FrozenClock

MOST = 200


@pytest.fixture
def workers(database: Database, database_url: str, clock: FrozenClock) -> Iterator[list[Database]]:
    """The databases of two processes."""
    other = Database(database_url, clock=clock)
    yield [database, other]
    other.close()


def allowed(rate: RequestRate, calls: int, key: str = "a-program") -> int:
    """How many of so many calls one worker lets through, after another."""

    async def call() -> int:
        return sum([await may(rate, key) for _ in range(calls)])

    return asyncio.run(call())


async def may(rate: RequestRate, key: str = "a-program") -> bool:
    try:
        await rate.take(key)
    except ApiError:
        return False
    return True


def test_workers_share_the_limit(workers: list[Database]):
    """Each used to allow all of it; together they allow no more, and hardly less."""
    first, second = (RequestRate(one, MOST) for one in workers)
    total = sum(allowed(rate, 1) for rate in [first, second] * MOST)
    assert MOST - MOST // PARTS <= total <= MOST
    assert allowed(first, 5) == allowed(second, 5) == 0


def test_no_more_pass_when_workers_race(workers: list[Database]):
    """Threads of two processes at once, each with calls at once."""
    rates = [RequestRate(one, MOST) for one in workers]

    def work(rate: RequestRate) -> int:
        async def calls() -> int:
            return sum(await asyncio.gather(*(may(rate) for _ in range(MOST))))

        return asyncio.run(calls())

    with ThreadPoolExecutor(2) as threads:
        total = sum(threads.map(work, rates))
    assert MOST - MOST // PARTS <= total <= MOST


def test_it_is_not_written_at_every_call(database: Database, monkeypatch: pytest.MonkeyPatch):
    """Parts of what is left are leased; alone, a worker gives away every call."""
    written = 0
    write = database.write

    async def counted(rule: Callable[..., Any], *given: Any, **named: Any) -> Any:
        nonlocal written
        written += 1
        return await write(rule, *given, **named)

    monkeypatch.setattr(database, "write", counted)
    rate = RequestRate(database, MOST)
    assert allowed(rate, MOST // PARTS) == MOST // PARTS
    assert written == 1
    assert allowed(rate, MOST) == MOST - MOST // PARTS
    assert written < MOST // 3
    before = written
    assert allowed(rate, 50) == 0
    # whoever is over the limit costs nothing
    assert written == before


def test_a_minute_begins_anew(database: Database, clock: FrozenClock):
    """For each program by itself; the headers count down."""
    rate = RequestRate(database, 3)
    told = asyncio.run(rate.take("a-program"))
    assert (told["ratelimit-limit"], told["ratelimit-remaining"]) == ("3", "2")
    assert allowed(rate, 3) == 2
    assert allowed(rate, 4, "another") == 3
    clock.advance(seconds=60)
    assert allowed(rate, 4) == 3


def test_minutes_that_are_over_are_pruned(database: Database, clock: FrozenClock):
    """The present one stays."""
    rate = RequestRate(database, MOST)
    allowed(rate, 1)
    clock.advance(seconds=60)
    allowed(rate, 1)
    with database.writing() as unit:
        assert prune_request_rates(unit, 100) == 1
        assert unit.scalar(select(func.count()).select_from(request_rates)) == 1


def test_it_costs_no_write_ahead_log(postgresql_url: str):
    """A crash forgets it, which harms nobody."""
    database = Database(postgresql_url)
    with database.reading() as unit:
        kind = text("SELECT relpersistence FROM pg_class WHERE relname = 'request_rates'")
        assert unit.scalar(kind) == "u"
    database.close()
