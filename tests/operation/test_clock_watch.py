"""A clock that is set is seen, and what one that was set back has left is made good."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, delete, select
from structlog.testing import capture_logs

from signon import clock_steps
from signon.app import wire
from signon.audit import notes
from signon.clock_steps import MadeGood
from signon.db import Database
from signon.errors import BusyError
from signon.filing.legacy_logins.models import legacy_imports
from signon.jobs import clock_watch, loop
from signon.jobs.clock_watch import ClockWatch
from signon.jobs.loop import Job
from signon.jobs.models import heartbeats, jobs
from signon.limits.models import counters
from signon.outbox import events
from signon.outbox.models import outbox
from signon.signin.models import cso_sessions, half_sign_ins, known_devices, sessions
from signon.tables import metadata
from signon.tokens.models import grants
from tests.audit.records import all_rows, fill, seal, sealed
from tests.audit.records import look as look_over
from tests.infra.clock import FrozenClock
from tests.operation.rows import add

HOURS = 2


class Passing:
    """What has passed for a process, whatever its clock says."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    made = Passing()
    monkeypatch.setattr(clock_watch, "monotonic", made)
    return made


@pytest.fixture
def watch(database: Database) -> ClockWatch:
    return ClockWatch(database, metadata)


def look(watch: ClockWatch) -> list[tuple[str, Any]]:
    """What it tells, with the seconds of a step."""
    with capture_logs() as logs:
        asyncio.run(watch.look())
    return [(one["event"], one.get("seconds")) for one in logs]


SET = "the clock was set"
MADE = "made good what a clock that was set back has left"


def test_a_step_is_told(watch: ClockWatch, clock: FrozenClock, passing: Passing):
    """Either way, once; what passes by itself, or is moved by seconds, is none."""
    assert look(watch) == []
    passing.seconds += 900
    clock.advance(seconds=930)
    assert look(watch) == []
    clock.advance(hours=HOURS)
    assert look(watch) == [(SET, 7200)]
    assert look(watch) == []
    clock.advance(hours=-HOURS)
    assert look(watch) == [(SET, -7200), (MADE, None)]
    assert look(watch) == []


def test_one_before_the_start_is_found(
    database: Database, watch: ClockWatch, clock: FrozenClock, passing: Passing
):
    """The machine was restarted with the right time: heartbeats of before lie ahead."""
    with database.writing() as unit:
        add(unit, heartbeats, seen_at=unit.now + timedelta(hours=HOURS))
    assert look(watch) == [(MADE, None)]
    assert look(ClockWatch(database, metadata)) == []


def test_it_comes_back_to_what_could_not_be_done(
    database: Database,
    watch: ClockWatch,
    clock: FrozenClock,
    passing: Passing,
    monkeypatch: pytest.MonkeyPatch,
):
    """The database was away at that moment."""

    async def away(*_args: object) -> None:
        raise BusyError("away", retry_after=1)

    look(watch)
    clock.advance(hours=-HOURS)
    with monkeypatch.context() as patched:
        patched.setattr(database, "write_long", away)
        with pytest.raises(BusyError):
            look(watch)
    assert look(watch) == [(MADE, None)]


# ── What is made good ────────────────────────────────────────────────────────

ENDED: list[tuple[Table, str, str]] = [
    (sessions, "auth_time", "ended_at"),
    (sessions, "seen_at", "seen_at"),
    (half_sign_ins, "created_at", "expires_at"),
    (cso_sessions, "began_at", "ended_at"),
    (known_devices, "seen_at", "expires_at"),
    (grants, "created_at", "revoked_at"),
    (outbox, "due_at", "due_at"),
    (heartbeats, "seen_at", "seen_at"),
    (legacy_imports, "leased_until", "leased_until"),
    (counters, "expires_at", "expires_at"),
]
"""What lies ahead in which column, and the one that then says now."""


@pytest.mark.parametrize(("table", "ahead", "ends"), ENDED, ids=str)
def test_what_comes_from_ahead_ends(
    database: Database, clock: FrozenClock, table: Table, ahead: str, ends: str
):
    """By more than another machine's clock may be ahead; a mail is due, a lease is free."""
    later = clock.now + timedelta(seconds=30)
    other = {ends: later} if ends == "expires_at" else {}
    for seconds, is_ahead in ((59, False), (61, True)):
        with database.writing() as unit:
            unit.execute(delete(table))
            add(unit, table, **other | {ahead: unit.now + timedelta(seconds=seconds)})
            found = clock_steps.make_good(unit, metadata)
        assert found == ({table.name: 1} if is_ahead else {})
        with database.reading() as unit:
            after = unit.execute(select(table.c[ends])).scalar_one()
        assert (after == clock.now) == is_ahead


def test_every_declared_one_is_tried_here():
    """A table that says so has its line above; waits have a test of their own."""
    declared = sum(len(table.info.get(MadeGood, ())) for table in metadata.tables.values())
    assert declared == len(ENDED) + 1


def test_a_wait_ends_and_a_count_for_years_goes_on(database: Database, clock: FrozenClock):
    """The cap of guesses at a password is for ever; the hour's wait that it began is not."""
    years = clock.now + timedelta(days=36_525)
    wait = clock.now + timedelta(hours=HOURS)
    with database.writing() as unit:
        add(unit, counters, hits=7, blocked_until=wait, expires_at=years)
        clock_steps.make_good(unit, metadata)
    with database.reading() as unit:
        [row] = unit.execute(select(*counters.c)).all()
    assert (row.hits, row.blocked_until, row.expires_at) == (7, None, years)


# ── What goes on by itself ───────────────────────────────────────────────────


@pytest.mark.parametrize("hours", [HOURS, -HOURS])
def test_jobs_go_on(database: Database, clock: FrozenClock, hours: int):
    """A turn that was taken by a clock two hours ahead is not waited for."""
    turns: list[datetime] = []

    async def run() -> None:
        turns.append(clock.now)

    job = Job("sweep", timedelta(minutes=1), run)
    for step in (0, hours):
        clock.advance(hours=step)
        assert asyncio.run(loop.run_if_due(database, job))
        assert not asyncio.run(loop.run_if_due(database, job))
    assert len(turns) == 2


def test_a_clock_that_is_a_little_ahead_takes_no_turn_twice(database: Database, clock: FrozenClock):
    """Another machine's, by less than a minute."""

    async def run() -> None:
        pass

    job = Job("sweep", timedelta(minutes=1), run)
    assert asyncio.run(loop.run_if_due(database, job))
    clock.advance(seconds=-59)
    assert not asyncio.run(loop.run_if_due(database, job))
    with database.writing() as unit:
        assert not loop.lease(unit, job)
    with database.reading() as unit:
        assert unit.execute(select(jobs.c.name)).scalars().all() == ["sweep"]


@pytest.mark.parametrize("hours", [HOURS, -HOURS])
def test_the_record_goes_on_in_its_order(database: Database, clock: FrozenClock, hours: int):
    """By its numbers, whatever its moments say; it is sealed and found whole."""
    wired = wire(database)
    first = sealed(wired, 2)
    clock.advance(hours=hours)
    fill(wired, 2)
    assert notes.read(seal(wired, first)).size == 4
    assert look_over(wired) is None
    moments = [one.at - clock.now for one in all_rows(wired)]
    assert moments == [timedelta(hours=-hours)] * 2 + [timedelta()] * 2


def test_a_mail_that_was_queued_ahead_leaves(
    database: Database, watch: ClockWatch, clock: FrozenClock, passing: Passing
):
    """It would have been due in two hours."""
    arrived: list[str] = []

    async def accept(due: events.Due) -> None:
        arrived.append(due.id)

    look(watch)
    clock.advance(hours=HOURS)
    look(watch)
    with database.writing() as unit:
        events.put(unit, "note", {})
    clock.advance(hours=-HOURS)
    assert asyncio.run(events.deliver_due(database, {"note": accept})) == 0
    look(watch)
    assert asyncio.run(events.deliver_due(database, {"note": accept})) == 1
