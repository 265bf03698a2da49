"""A returned registration lapses: its last day, a notice before, and both of them once."""

import asyncio
from typing import Any

import pytest

from signon.audit.events import Event
from signon.courts import changes
from signon.db import Unit
from signon.filing.registrations import applying, deciding, lapsing, registrations
from signon.filing.registrations.answers import Page
from signon.filing.registrations.registrations import State
from signon.web.dates import day_in_words
from tests.court.conftest import CourtHouse
from tests.court.test_registering import CREDITOR, Filer
from tests.infra.world import World


def _look(world: World) -> None:
    for _ in range(2):
        asyncio.run(lapsing.look(world.database, world.settings.issuer))


def _told(world: World) -> list[str]:
    found = [one for one in world.queued("mail") if one["message"] == "registration_step"]
    return [str(one["values"]["headline"]) for one in found]


@pytest.fixture
def filer(world: World, courthouse: CourtHouse) -> Filer:
    """Whose registration the court has just returned."""
    clerk = courthouse.staff("clerk")
    world.account("c.creditor")
    made = Filer(world, "c.creditor")
    registration = made.submit(CREDITOR, organization="Bank")
    with world.database.writing() as unit:
        deciding.return_(unit, clerk, registration, "Which bank?")
    return made


def _state(world: World, filer: Filer) -> State:
    with world.database.reading() as unit:
        found = registrations.latest(unit, filer.who.account.id, "casb")
    assert found is not None
    return found.state


def test_it_ends_after_the_courts_days(world: World, filer: Filer):
    """Told once a week before, ended once; then another one can be begun."""
    before = len(_told(world))
    world.clock.advance(days=52)
    _look(world)
    assert len(_told(world)) == before
    world.clock.advance(days=2)
    _look(world)
    assert _told(world)[before:] == ["Your registration ends soon"]
    world.clock.advance(days=6)
    _look(world)
    assert _state(world, filer) is State.RETURNED
    world.clock.advance(days=1)
    _look(world)
    assert _told(world)[before:] == ["Your registration ends soon", "Your registration has ended"]
    assert _state(world, filer) is State.WITHDRAWN
    assert world.audited().count(Event.REGISTRATION_LAPSED) == 1
    assert filer.reason(applying.begin, CREDITOR, return_to=None) == ""


def test_the_court_chooses_the_days(world: World, filer: Filer):
    """And one that is sent again in time goes on."""
    with world.database.writing() as unit:
        changes.change(unit, "casb", values={"returned_days": "30"}, actor="system")
    world.clock.advance(days=24)
    _look(world)
    assert _told(world)[-1] == "Your registration ends soon"
    with world.database.writing() as unit:
        applying.submit(unit, filer.who, list(applying.ACKNOWLEDGEMENTS))
    world.clock.advance(days=300)
    _look(world)
    assert _state(world, filer) is State.PENDING


def test_whoever_works_on_it_at_the_last_moment_keeps_it(
    world: World, filer: Filer, monkeypatch: pytest.MonkeyPatch
):
    """They save a page between the look at all of them and the end of this one."""
    look = lapsing._returned

    def looks_first(unit: Unit, *asked: Any) -> list[Any]:
        found = look(unit, *asked)
        applying.save(unit, filer.who, Page.DETAILS, {"organization": "Another bank"})
        return list(found)

    monkeypatch.setattr(lapsing, "_returned", looks_first)
    world.clock.advance(days=100)
    _look(world)
    assert _state(world, filer) is State.RETURNED


def test_its_page_says_the_last_day(world: World, courthouse: CourtHouse, filer: Filer):
    """Beside what the court wrote."""
    page = courthouse.sign_in("c.creditor")
    page.get("/courts/casb/register/status")
    day = lapsing.last_day(filer.who.court, world.clock())
    assert f"We keep it until {day_in_words(day)}" in " ".join(page.page.text.split())
