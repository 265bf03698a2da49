"""The audit trail: written with the change, by anybody at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select

from signon.app import wire
from signon.audit import trail
from signon.audit.events import Event
from signon.audit.models import origins
from signon.db import Database, Unit
from tests.audit.records import all_rows, fill, look, record, seal
from tests.infra.clock import FrozenClock
from tests.infra.databases import is_postgresql


@pytest.fixture
def wired(database: Database) -> Database:
    """A database whose units write their events."""
    return wire(database)


def test_several_events_of_a_unit_follow_each_other(wired: Database):
    """In the order in which they were recorded."""
    with wired.writing() as unit:
        for number in range(5):
            record(unit, number)
    assert [row.detail["number"] for row in all_rows(wired)] == [0, 1, 2, 3, 4]


def test_writers_at_once_all_have_their_place(database_url: str, clock: FrozenClock):
    """Threads of two processes, each with several units, while others seal."""
    databases = [wire(Database(database_url, clock=clock)) for _ in range(2)]

    def work(number: int) -> None:
        fill(databases[number % 2], 5)
        seal(databases[number % 2])

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(work, range(16)))
    seal(databases[0])
    assert len(all_rows(databases[0])) == 80
    assert look(databases[0]) is None
    with databases[0].reading() as unit:
        assert trail.number(unit) == 80
    for database in databases:
        database.close()


def test_nobody_waits_for_another_to_record(database_url: str, clock: FrozenClock):
    """A unit that has written its event holds nothing that another's needs; nor does a sealer."""
    if not is_postgresql(database_url):
        return  # there is one writer
    one, other = (wire(Database(database_url, clock=clock)) for _ in range(2))
    with one.writing() as unit:
        record(unit)
        trail.write_queued(unit)
        fill(other, 1)
        seal(other)
    seal(other)
    assert [row.seq for row in all_rows(one)] == [1, 2]
    assert look(one) is None
    one.close()
    other.close()


def test_a_rolled_back_change_leaves_no_event(wired: Database):
    """What did not happen is not told; a number may be missing for it."""

    def fail(unit: Unit) -> None:
        record(unit)
        trail.write_queued(unit)
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(wired.write(fail))
    assert all_rows(wired) == []
    fill(wired, 1)
    seal(wired)
    assert look(wired) is None


def test_where_it_came_from_stands_beside_the_record(wired: Database):
    """Addresses have their own retention: removing them breaks nothing."""
    fill(wired, 2)
    seal(wired)
    with wired.writing() as unit:
        rows = unit.execute(select(*origins.c)).all()
        unit.execute(delete(origins))
    assert {(row.address, row.user_agent, row.request_id) for row in rows} == {
        ("192.0.2.7", "Mozilla/5.0", "req-1")
    }
    assert {row.event_id for row in rows} == {row.id for row in all_rows(wired)}
    assert "192.0.2.7" not in str(all_rows(wired))
    assert look(wired) is None


def test_events_name_what_they_are_about():
    """`source:subject:action`, each once."""
    values = [event.value for event in Event]
    assert all(len(value.split(":")) == 3 for value in values)
    assert len(set(values)) == len(values)
