"""Looking for events: each question walks an index in the order of the trail, and finds the same."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from signon.app import wire
from signon.audit import searching, trail
from signon.audit.activity import NEWEST
from signon.audit.events import Event
from signon.audit.models import events, origins
from signon.audit.searching import Wanted
from signon.clock import utc_now
from signon.db import Database, Unit
from signon.ids import new_id
from signon.web.visitor import Source
from tests.bench.plans import Plans
from tests.infra.databases import ON_BOTH

ADA, BOB = new_id(), new_id()
HERE = Source("192.0.2.1", "test", "request")


@pytest.fixture
def unit(database_url: str) -> Iterator[Unit]:
    """A trail of what Ada did to herself, what she did to Bob, and what the system did to her."""
    with closing(wire(Database(database_url))) as database:
        with database.writing() as unit:
            for event, actor, about, client in (
                (Event.CLIENT_SECRET_ROTATED, trail.SYSTEM, None, None),
                (Event.SIGN_IN_SUCCEEDED, ADA, ADA, "viewer"),
                (Event.LINK_MADE, ADA, BOB, "viewer"),
                (Event.LINK_REFUSED, BOB, BOB, None),
                (Event.ADDRESS_FAILS, trail.SYSTEM, ADA, None),
            ):
                trail.record(
                    unit, event, actor=actor, account_id=about, client_id=client, source=HERE
                )
        with database.reading() as unit:
            yield unit


def found(unit: Unit, **wanted: object) -> list[str]:
    return [one.event for one in searching.find(unit, Wanted(**wanted), limit=9)]  # type: ignore[arg-type]


def test_each_question_has_its_answer(unit: Unit):
    """Newest first; about an account is also what it did to others, each event once."""
    did, linked, failed = Event.SIGN_IN_SUCCEEDED, Event.LINK_MADE, Event.ADDRESS_FAILS
    assert found(unit, account_id=ADA) == [failed, linked, did]
    assert found(unit, account_id=BOB) == [Event.LINK_REFUSED, linked]
    assert found(unit, client_id="viewer") == [linked, did]
    assert found(unit, account_id=ADA, client_id="viewer", event="signin:") == [did]
    assert found(unit, event="filing:") == [Event.LINK_REFUSED, linked]
    assert found(unit, event=linked) == [linked]
    assert found(unit, event="nothing:") == []
    assert len(found(unit)) == 5
    newest = searching.find(unit, Wanted(), limit=2)
    later = searching.find(unit, Wanted(), before=newest[-1].seq, limit=9)
    assert len(later) == 3


def test_since_a_moment(unit: Unit):
    """What an hour before it was written is not walked through."""
    assert len(found(unit, since=utc_now() - timedelta(days=1))) == 5
    assert found(unit, since=utc_now() + timedelta(minutes=1)) == []


@ON_BOTH
def test_a_walk_since_a_moment_ends_there(database_url: str, unit: Unit):
    """However long the trail is before it."""
    with closing(wire(Database(database_url))) as database:
        with database.writing() as other:
            old, last = utc_now() - timedelta(days=1), trail.newest(other, 1)[0]
            other.execute(update(origins).values(at=old))
            newest = update(origins).where(origins.c.event_id == last.record.id)
            other.execute(newest.values(at=old + timedelta(hours=1)))
        with database.reading() as other:
            assert searching._last_before(other, utc_now() - searching.LATE) == last.seq
            assert searching.find(other, Wanted(since=utc_now()), limit=9) == []


@ON_BOTH
def test_each_question_walks_an_index_of_its_own(unit: Unit):
    """None walks through what is not asked for."""
    if unit.dialect == "postgresql":
        unit.execute(text("SET enable_seqscan = off"))
        unit.execute(text("SET enable_bitmapscan = off"))
    for asked, indexes in (
        (Wanted(account_id=ADA), ("account_id_seq", "actor_seq")),
        (Wanted(client_id="viewer"), ("client_id_seq",)),
        (Wanted(event="clients:"), ("event_seq",)),
    ):
        with Plans(unit) as plans:
            searching.find(unit, asked, before=NEWEST, limit=9)
        told = plans.written()
        assert all(f"ix_{events.name}_{index}" in told for index in indexes), told
