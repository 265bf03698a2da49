"""Where a court's console opens: what waits, counted in the navigation, and the last weeks."""

from datetime import date

from sqlalchemy import update

from signon.filing.court import waiting
from signon.filing.court.waiting import Waiting
from signon.filing.models import rights
from signon.filing.overview import figures
from signon.filing.overview.figures import Week
from signon.filing.overview.pages import chart
from signon.filing.rights.filing_status import RightStatus
from tests.court.conftest import CourtHouse
from tests.court.test_registering import CREDITOR, Filer
from tests.infra.databases import ON_ONE
from tests.infra.world import World


def test_what_waits_and_the_weeks_are_counted(courthouse: CourtHouse, world: World):
    """Only this court's, only what is open; links by the week in which they were made."""
    desk = courthouse.staff("clerk")
    for name in ("creditor.1", "creditor.2"):
        world.account(name)
    Filer(world, "creditor.1").submit(CREDITOR, organization="Bank")
    world.right(world.find("creditor.2"))
    with world.database.writing() as unit:
        assert waiting.at(unit, "casb") == Waiting(registrations=1)
        assert waiting.at(unit, "cacd") == Waiting()
        unit.execute(update(rights).values(status="pending", pending_for=["review"]))
    with world.database.reading() as unit:
        assert waiting.at(unit, "casb") == Waiting(registrations=1, filers=1)
        found = figures.of(unit, desk)
    assert found.filers[RightStatus.PENDING] == 1
    assert found.filers[RightStatus.ACTIVE] == 0
    assert len(found.weeks) == figures.WEEKS
    assert found.weeks[-1].registrations == 1
    assert sum(one.registrations for one in found.weeks) == 1
    world.clock.advance(days=14)
    with world.database.reading() as unit:
        assert [one.registrations for one in figures.of(unit, desk).weeks[-3:]] == [1, 0, 0]


def test_a_chart_of_nothing_and_of_much():
    """Bars stand on the floor and under the ceiling, whatever the numbers."""
    for numbers in ((0, 0), (1, 0), (7, 12_345)):
        drawn = chart([Week(date(2026, 3, 2), *numbers)] * figures.WEEKS)
        _, height = drawn["size"]
        assert len(drawn["bars"]) == 2 * figures.WEEKS
        assert all(0 <= bar["y"] <= height and bar["height"] >= 0 for bar in drawn["bars"])
        most = max(number for _, number in drawn["rules"])
        assert most >= max(numbers)


@ON_ONE
def test_the_console_opens_with_what_waits(courthouse: CourtHouse, world: World):
    """Counts only where something waits; the oldest leads to its page."""
    courthouse.staff("read_only")
    reader = courthouse.sign_in("read.only.casb")
    page = reader.get("/court/casb")
    assert "Nothing waits for your court." in page.text
    assert '<span class="count">' not in page.text
    world.account("cora.creditor", first_name="Cora", last_name="Creditor")
    there = Filer(world, "cora.creditor").submit(CREDITOR, organization="Bank")
    page = reader.get("/court/casb")
    assert "1 registration waits for your court." in " ".join(page.text.split())
    assert f'href="/court/casb/registrations/{there}"' in page.text
    assert '1<span class="hidden"> waiting</span>' in reader.get("/court/casb/staff").text
    assert page.text.count('role="img"') == 1
