"""Attempts under way: what a fault of ours ends is no attempt, and what was looked at is one."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from signon import units
from signon.db import Database
from signon.drivers import Driver
from signon.errors import BusyError, RefusedError, SignInFirstError
from signon.limits import counters
from signon.limits.counters import Count, Place
from signon.limits.trials import Trial, Trials
from signon.units import House
from tests.infra.clock import FrozenClock

KEY = counters.key("somebody")
WINDOW = timedelta(minutes=5)
BUSY = BusyError("Try again.", retry_after=1)


def attempt(database: Database, *, waits: timedelta | None = None) -> tuple[Place, ...]:
    """Count one, as before every hash; perhaps it brings a wait about."""
    wanted = [("tries", KEY, WINDOW)]
    with database.writing() as unit:
        (place,) = counters.places(wanted, counters.hit_each(unit, wanted))
        return (counters.begin_wait(unit, place, unit.now + waits) if waits else place,)


def look(database: Database) -> Count:
    with database.reading() as unit:
        return counters.look(unit, "tries", KEY)


def end(
    database: Database,
    places: Sequence[Place],
    error: BaseException,
    *,
    before: Callable[[Trial], object] = lambda _: None,
) -> None:
    """Let an attempt end by this."""

    async def run() -> None:
        trials = Trials(database)
        async with trials.of(places) as trial:
            before(trial)
            raise error

    with pytest.raises(type(error)):
        asyncio.run(run())


@pytest.mark.parametrize("error", [BUSY, TimeoutError(), LookupError()], ids=repr)
def test_a_fault_of_ours_takes_it_back(database: Database, error: Exception):
    """No turn, no database, a time-out, a mistake in the program: nobody has looked at it."""
    attempt(database)
    end(database, attempt(database), error)
    assert look(database).count == 1


@pytest.mark.parametrize(
    "error",
    [RefusedError("wrong", "Wrong."), SignInFirstError(), asyncio.CancelledError()],
    ids=lambda error: type(error).__name__,
)
def test_an_answer_and_a_hang_up_do_not(database: Database, error: BaseException):
    """Whoever hangs up before the answer would have guesses for nothing."""
    end(database, attempt(database), error)
    assert look(database).count == 1


def test_from_the_comparison_on_it_counts(database: Database):
    """Whatever comes after it, and also if it did not come to its end."""
    end(database, attempt(database), BUSY, before=lambda trial: trial.comparing(str))
    assert look(database).count == 1


@pytest.mark.parametrize(("is_right", "count"), [(True, 0), (False, 1)])
def test_a_right_one_is_no_guess(database: Database, is_right: bool, count: int):
    """Its owner was turned away by us, and need not wait for that as well."""

    def compare(trial: Trial) -> None:
        trial.comparing(str)
        trial.compared(is_right=is_right)

    end(database, attempt(database), BUSY, before=compare)
    assert look(database).count == count


def test_its_wait_ends_with_it(database: Database):
    """Or five attempts that nobody looked at would make somebody wait."""
    places = attempt(database, waits=timedelta(seconds=30))
    end(database, places, BUSY)
    assert look(database) == Count(0, None, places[0].ends_at)


def test_another_s_wait_stays(database: Database, clock: FrozenClock):
    """The one that a later attempt has brought about."""
    places = attempt(database, waits=timedelta(seconds=30))
    clock.advance(seconds=31)
    attempt(database, waits=timedelta(seconds=60))
    end(database, places, BUSY)
    found = look(database)
    assert (found.count, found.blocked_until) == (1, clock.now + timedelta(seconds=60))


@pytest.mark.parametrize("is_forgiven", [True, False])
def test_what_was_counted_since_is_not_taken_for_it(
    database: Database, clock: FrozenClock, is_forgiven: bool
):
    """Late, in another window or after a success, there are other attempts at its place."""
    places = attempt(database)
    clock.advance(seconds=299 if is_forgiven else 300)
    if is_forgiven:
        with database.writing() as unit:
            counters.forgive(unit, "tries", KEY)
    clock.advance(seconds=1)
    attempt(database)
    end(database, places, BUSY)
    assert look(database).count == 1


def test_a_database_that_is_away_is_told_later(database: Database, monkeypatch: pytest.MonkeyPatch):
    """The count stays until it is back, and is then taken back once."""
    attempt(database)
    places = attempt(database)

    async def away(*_: object) -> None:
        raise BUSY

    async def run() -> None:
        trials = Trials(database)
        with monkeypatch.context() as outage:
            outage.setattr(database, "write", away)
            with pytest.raises(BusyError):
                async with trials.of(places):
                    raise BUSY
            with pytest.raises(BusyError):
                await trials.settle()
        assert look(database).count == 2
        await trials.settle()
        await trials.settle()

    asyncio.run(run())
    assert look(database).count == 1


def test_a_commit_without_an_answer_is_not_done_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    """Taken back twice, an attempt would buy a guess."""
    attempt(database)
    places = attempt(database)
    commit = units._commit

    def lost(house: House, driver: Driver) -> Any:
        commit(house, driver)
        raise BUSY

    async def run() -> None:
        trials = Trials(database)
        with monkeypatch.context() as outage:
            outage.setattr(units, "_commit", lost)
            with pytest.raises(BusyError):
                async with trials.of(places):
                    raise BUSY
        await trials.settle()

    asyncio.run(run())
    assert look(database).count == 1
