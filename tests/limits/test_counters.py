"""Counting attempts and making them wait."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from signon.db import Database
from signon.limits import counters
from signon.limits.counters import Count
from tests.infra.clock import FrozenClock

KEY = counters.key("somebody")
WINDOW = timedelta(minutes=5)


def hit(database: Database) -> Count:
    with database.writing() as unit:
        return counters.hit(unit, "tries", KEY, window=WINDOW)


def look(database: Database) -> Count:
    with database.reading() as unit:
        return counters.look(unit, "tries", KEY)


def test_parallel_hits_are_all_counted(database_url: str, clock: FrozenClock):
    """Two hundred guesses at once are two hundred: each learns its own number."""
    database = Database(database_url, clock=clock, pool=20)

    def guess(_: int) -> int:
        return hit(database).count

    with ThreadPoolExecutor(20) as threads:
        numbers = sorted(threads.map(guess, range(200)))
    assert numbers == list(range(1, 201))
    assert look(database).count == 200
    database.close()


def test_a_window_starts_with_its_first_hit(database: Database, clock: FrozenClock):
    """Later hits do not prolong it; after it the count starts anew."""
    first = hit(database)
    assert first.ends_at == clock.now + WINDOW
    clock.advance(seconds=299)
    assert hit(database) == Count(2, None, first.ends_at)
    clock.advance(seconds=1)
    assert look(database).count == 0
    assert hit(database) == Count(1, None, clock.now + WINDOW)


def test_a_wait_ends_by_itself(database: Database, clock: FrozenClock):
    """It is there until its moment, and not at it."""
    hit(database)
    until = clock.now + timedelta(seconds=30)
    with database.writing() as unit:
        counters.block(unit, "tries", KEY, until=until)
    assert look(database).blocked_until == until
    clock.set(until)
    assert look(database).blocked_until is None


def test_a_shorter_wait_does_not_replace_a_longer_one(database: Database, clock: FrozenClock):
    """Parallel refusals may set theirs in any order."""
    hit(database)
    with database.writing() as unit:
        counters.block(unit, "tries", KEY, until=clock.now + timedelta(seconds=60))
        counters.block(unit, "tries", KEY, until=clock.now + timedelta(seconds=30))
    assert look(database).blocked_until == clock.now + timedelta(seconds=60)


def test_a_wait_outlasts_the_window(database: Database, clock: FrozenClock):
    """A wait that is set late in the window is not cut short by the window's end."""
    hit(database)
    clock.advance(seconds=290)
    until = clock.now + timedelta(hours=1)
    with database.writing() as unit:
        counters.block(unit, "tries", KEY, until=until)
    clock.advance(seconds=3599)
    assert look(database).blocked_until == until
    assert hit(database).blocked_until == until


def test_taking_back_stops_at_nothing(database: Database):
    """A good attempt leaves no mark, and never a credit."""
    hit(database)
    for _ in range(3):
        with database.writing() as unit:
            counters.take_back(unit, "tries", KEY)
    assert look(database).count == 0
    assert hit(database).count == 1


def test_forgiving_forgets_count_and_wait(database: Database, clock: FrozenClock):
    """As if nothing had been."""
    hit(database)
    with database.writing() as unit:
        counters.block(unit, "tries", KEY, until=clock.now + timedelta(seconds=60))
        counters.forgive(unit, "tries", KEY)
    assert look(database) == counters.NONE


def test_buckets_are_apart(database: Database):
    """The same key counts by itself in each bucket."""
    hit(database)
    with database.reading() as unit:
        assert counters.look(unit, "others", KEY).count == 0


def test_no_name_stands_in_the_table():
    """A counted name or address is a hash."""
    assert b"somebody" not in KEY
    assert len(KEY) == 32
