"""A right's last day: it holds through it, the filer is told in time, a later day gives it back."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from signon.accounts.directory import Account
from signon.courts.registry import read_one
from signon.filing.models import rights
from signon.filing.rights import filing_status, last_days
from signon.notices import mail
from tests.court.conftest import CourtHouse
from tests.infra.browser import Browser, Form
from tests.infra.databases import ON_ONE
from tests.infra.world import World


@pytest.fixture
def filer(world: World) -> Account:
    """`a.attorney` with an active right at `casb`."""
    account = world.account()
    world.right(account)
    return account


@pytest.fixture
def clerk(courthouse: CourtHouse) -> Browser:
    """A clerk's browser."""
    courthouse.staff("clerk")
    return courthouse.sign_in("clerk.casb")


def terms(browser: Browser, filer: Account) -> Form:
    """The form with admission and last day."""
    browser.get(f"/court/casb/filers/{filer.number}/terms")
    return next(one for one in browser.page.forms if one.action.endswith("/terms"))


def ecf_status(world: World, filer: Account) -> str:
    """What the court's system is told at this moment."""
    with world.database.reading() as unit:
        return filing_status.find(unit, filer.id, read_one(unit, "casb")).status.value


def look(world: World) -> None:
    """The look of every hour."""
    asyncio.run(last_days.look(world.database))


def told(world: World) -> list[str]:
    """What filers were mailed."""
    found: list[dict[str, Any]] = world.queued(mail.KIND)
    return [one["values"]["what"] for one in found if one["message"] == "filing_right"]


def at(world: World, when: datetime) -> None:
    """Let it be that moment; the court's clock is eight hours behind, in summer seven."""
    world.clock.advance(seconds=(when - world.clock()).total_seconds())


def test_a_right_holds_through_its_last_day(world: World, clerk: Browser, filer: Account):
    """By the court's clock, whenever the look comes; a later day gives it back."""
    clerk.submit(terms(clerk, filer), last_day="2026-04-30")
    at(world, datetime(2026, 5, 1, 6, 59, tzinfo=UTC))
    look(world)
    assert ecf_status(world, filer) == "active"
    at(world, datetime(2026, 5, 1, 7, 1, tzinfo=UTC))
    assert ecf_status(world, filer) == "suspended"
    look(world)
    with world.database.writing() as unit:
        [row] = unit.execute(rights.select()).all()
        assert (row.status, row.suspended_by) == ("suspended", ["last_day"])


@ON_ONE
def test_a_later_day_gives_the_rights_back(
    world: World, courthouse: CourtHouse, clerk: Browser, filer: Account
):
    """And the filer's page says why they rest."""
    clerk.submit(terms(clerk, filer), last_day="2026-04-30")
    at(world, datetime(2026, 5, 2, 12, tzinfo=UTC))
    look(world)
    clerk = courthouse.sign_in("clerk.casb")
    page = clerk.get(f"/court/casb/filers/{filer.number}").text
    assert "The filing rights ended with Apr 30, 2026, their last day." in page
    refused = clerk.submit(terms(clerk, filer), last_day="2026-05-01").text
    assert "That day is past" in refused
    page = clerk.submit(terms(clerk, filer), last_day="2026-12-31").text
    assert "Admission and last day are as they stand here now." in page
    assert ecf_status(world, filer) == "active"
    assert "Last day: Apr 30, 2026 → Dec 31, 2026" in page


def test_the_filer_is_told_thirty_and_seven_days_before(
    world: World, clerk: Browser, filer: Account
):
    """Once each, however often it is looked; a new day begins anew."""
    clerk.submit(terms(clerk, filer), last_day="2026-06-30")
    counts = []
    for month, day in ((4, 1), (5, 30), (6, 1), (6, 2), (6, 22), (6, 24), (6, 25)):
        at(world, datetime(2026, month, day, 20, tzinfo=UTC))
        look(world)
        look(world)
        counts.append(len([one for one in told(world) if "rights there end" in one]))
    assert counts == [0, 0, 1, 1, 1, 2, 2]


@ON_ONE
def test_a_federal_attorney_is_admitted_in_full(world: World, clerk: Browser, filer: Account):
    """By the clerk; pro hac vice comes with a limit to cases and cannot be chosen."""
    with world.database.writing() as unit:
        unit.execute(rights.update().values(admission="federal_attorney"))
    page = clerk.submit(terms(clerk, filer), admission="full").text
    assert "Admission: Federal attorney → Full" in page
    assert any("Admission: full." in one for one in told(world))
    page = clerk.submit(terms(clerk, filer), admission="pro_hac_vice").text
    assert "pro hac vice comes with a limit to cases" in page
    with world.database.writing() as unit:
        unit.execute(rights.update().values(admission="pro_hac_vice", cases=["20-01234"]))
    clerk.get(f"/court/casb/filers/{filer.number}/terms")
    assert "It comes with the limit to cases" in clerk.page.text


@ON_ONE
def test_the_clerks_home_says_what_ends_soon_and_what_changed(
    world: World, clerk: Browser, filer: Account
):
    """In words, with a way to the filer."""
    clerk.submit(terms(clerk, filer), last_day="2026-03-20")
    page = clerk.get("/court/casb").text
    assert f'/filers/{filer.number}">Account {filer.number}</a>' in page
    assert "Mar 20, 2026" in page
    assert "Roles, cases or conditions changed." in page
    assert "&lt;time" not in page
