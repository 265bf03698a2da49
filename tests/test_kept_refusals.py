"""A refusal that is kept is raised and leaves its trace; every other one undoes its unit."""

import asyncio

import pytest
from sqlalchemy import insert, select

from signon.app import wire
from signon.audit import trail
from signon.audit.events import Event
from signon.audit.models import events
from signon.db import Database, Unit
from signon.errors import NotFoundError, RefusedError
from signon.jobs.models import jobs


def put(unit: Unit, name: str = "one") -> None:
    unit.execute(insert(jobs), {"name": name, "due_at": unit.now})


def names(database: Database) -> list[str]:
    with database.reading() as unit:
        return list(unit.execute(select(jobs.c.name).order_by(jobs.c.name)).scalars())


def no() -> RefusedError:
    return RefusedError("no", "That is not possible.", "Do something else.")


def keep(unit: Unit, name: str = "one") -> None:
    put(unit, name)
    raise unit.keep(no())


def test_what_a_kept_refusal_wrote_stays(database: Database):
    """Through a hop, and in a block; the refusal reaches whoever asked."""
    with pytest.raises(RefusedError, match="not possible"):
        asyncio.run(database.write(keep))
    assert names(database) == ["one"]
    with pytest.raises(RefusedError), database.writing() as unit:
        keep(unit, "two")
    assert names(database) == ["one", "two"]


def test_a_kept_refusal_is_the_very_one_that_was_kept(database: Database):
    """With its type, its reason and what to do next."""
    with pytest.raises(NotFoundError) as raised, database.writing() as unit:
        raise unit.keep(NotFoundError("There is no such thing."))
    assert raised.value.reason == "not_found"


def test_an_ordinary_refusal_is_rolled_back(database: Database):
    """So is one beside a refusal that was kept and never raised."""

    def refuse(unit: Unit, *, beside: bool) -> None:
        put(unit)
        if beside:
            unit.keep(no())
        raise no()

    for beside in (False, True):
        with pytest.raises(RefusedError):
            asyncio.run(database.write(refuse, beside=beside))
    assert names(database) == []


@pytest.mark.parametrize("other", [no(), LookupError()], ids=["refusal", "fault"])
def test_a_kept_refusal_that_was_replaced_is_rolled_back(database: Database, other: Exception):
    """Whoever caught it and found something worse has the last word."""

    def replace(unit: Unit) -> None:
        try:
            keep(unit)
        except RefusedError as error:
            raise other from error

    with pytest.raises(type(other)):
        asyncio.run(database.write(replace))
    assert names(database) == []


def test_a_kept_refusal_that_was_caught_is_no_refusal(database: Database):
    """The unit returns, so it is committed."""

    def catch(unit: Unit) -> str:
        try:
            keep(unit)
        except RefusedError as error:
            return error.reason
        return ""

    assert asyncio.run(database.write(catch)) == "no"
    assert names(database) == ["one"]


def test_the_queue_of_a_kept_refusal_is_written(database: Database):
    """Its event stands in the trail; that of an ordinary one does not."""
    wired = wire(database)

    def refuse(unit: Unit, *, stays: bool) -> None:
        trail.record(unit, Event.SIGN_IN_REFUSED, actor=trail.SYSTEM, reason="no")
        raise unit.keep(no()) if stays else no()

    for stays in (False, True):
        with pytest.raises(RefusedError):
            asyncio.run(wired.write(refuse, stays=stays))
    with wired.reading() as unit:
        assert unit.execute(select(events.c.reason)).scalars().all() == ["no"]


def test_a_refusal_says_what_to_do_next():
    """Apart where there is room, in one where there is not."""
    assert no().told == "That is not possible. Do something else."
    assert RefusedError("no", "That is not possible.").told == "That is not possible."
