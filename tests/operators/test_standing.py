"""How the service stands, written down every five minutes."""

import asyncio
from datetime import timedelta

from signon.config import Settings
from signon.db import Database
from signon.jobs.heartbeats import Heart
from signon.operators import standing
from signon.operators.models import standings
from signon.outbox.models import outbox
from signon.pruning import declared
from signon.signin.models import sessions
from signon.tables import metadata
from tests.infra.clock import FrozenClock
from tests.operation.rows import add
from tests.operators.conftest import SignIn


def test_it_is_written_down_and_told(database: Database, clock: FrozenClock):
    """Only sessions that live, only what waits; `/metrics` tells the sessions while it is fresh."""
    now = clock()
    with database.writing() as unit:
        for days, ended in ((1, None), (1, now), (-1, None), (2, None)):
            add(unit, sessions, expires_at=now + timedelta(days=days), ended_at=ended)
        at = now - timedelta(seconds=40)
        add(unit, outbox, kind="mail", created_at=at, due_at=now, done_at=None, failed_at=None)
    asyncio.run(Heart(database).beat())
    asyncio.run(standing.take(database))
    asyncio.run(standing.take(database))
    with database.reading() as unit:
        [row] = standing.of_day(unit)
    assert row == standing.Standing(now, 2, 1, 40, 0, 1)
    [gauge] = asyncio.run(standing.measure(database))
    assert gauge.values == {(): 2}
    clock.advance(seconds=660)
    [gauge] = asyncio.run(standing.measure(database))
    assert gauge.values == {}, "nobody has counted for two turns"


def test_a_day_is_kept(database: Database, clock: FrozenClock, settings: Settings):
    """And is shown; an hour later the oldest row goes."""
    asyncio.run(standing.take(database))
    prune = declared(metadata, settings)[standings.name]
    for hours, shown, gone in ((23, 1, 0), (1, 0, 0), (2, 0, 1)):
        clock.advance(seconds=3600 * hours)
        with database.writing() as unit:
            assert len(standing.of_day(unit)) == shown
            assert prune(unit, 10) == gone


def test_the_pictures_show_the_highest_of_each_hour(database: Database, clock: FrozenClock):
    """Of the last 24, the one that runs now included; an hour that nobody looked in is empty."""
    hour = clock().replace(minute=0, second=0, microsecond=0)
    with database.writing() as unit:
        for minutes, number in ((0, 3), (5, 7), (55, 2), (-60, 5), (-24 * 60, 9)):
            add(unit, standings, at=hour + timedelta(minutes=minutes), sessions=number)
    clock.set(hour + timedelta(minutes=59))
    with database.reading() as unit:
        (_, _, drawn), *others = standing.pictures(unit)
    assert [numbers for _, numbers in drawn.rows] == [[0]] * 22 + [[5], [7]]
    assert len(others) == 3


def test_operators_see_it(signed_in: SignIn):
    """Four pictures, each with its table; the jobs; what the process holds."""
    page = signed_in("olive.operator").get("/operators/health")
    assert page.heading == "Health"
    assert page.html.count('role="img"') == page.html.count("The numbers as a table") == 4
    for told in ("Everything works", "Database connections, read, in use", "Processes"):
        assert told in page.text
