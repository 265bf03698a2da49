"""A right's last day: it holds through it, the filer is told in time, a later day gives it back."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.courts.registry import read_one
from signon.filing.models import rights
from signon.filing.rights import filing_status, last_days
from signon.notices import mail
from tests.court.conftest import CourtHouse
from tests.court.test_registering import PHV, Filer
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


@pytest.fixture
def visitor(world: World) -> str:
    """Somebody's registration pro hac vice, which waits; answers its id."""
    world.court_policy("casb", training="none")
    world.account("p.visitor")
    return Filer(world, "p.visitor").submit(PHV, state_bars="NV 1234", cases="20-01234")


def test_the_last_day_is_given_with_the_approval(world: World, clerk: Browser, visitor: str):
    """In one act, and told in its mail, which is the first notice."""
    clerk.get(f"/court/casb/registrations/{visitor}/approve")
    given = {"roles": "attorney", "cases": "20-01234"}
    page = clerk.submit(clerk.page.forms[0], **given, last_day="2026-02-28")
    assert page.status_code == 400
    assert "That day is past" in page.text
    assert 'value="2026-02-28"' in page.text
    clerk.submit(clerk.page.forms[0], **given, last_day="2026-03-20")
    with world.database.reading() as unit:
        [row] = unit.execute(rights.select()).all()
    assert (row.last_day, row.admission) == (date(2026, 3, 20), "pro_hac_vice")
    [mailed] = [one for one in world.queued(mail.KIND) if "Last day" in str(one)]
    assert "Mar 20, 2026" in str(mailed)
    look(world)
    assert told(world) == []
    at(world, datetime(2026, 3, 14, 20, tzinfo=UTC))
    look(world)
    [last] = told(world)
    assert "rights there end: Mar 20, 2026" in last


@ON_ONE
def test_a_program_sets_admission_and_last_day(
    courthouse: CourtHouse, world: World, filer: Account
):
    """Only while the right is as it was read; what is left out ends no more by itself."""
    with world.database.writing() as unit:
        unit.execute(rights.update().values(admission="federal_attorney"))
    service, at_filer = courthouse.service(), f"/courts/casb/filers/{filer.number}"
    seen = service.call("GET", at_filer)
    body = {"admission": "full", "last_day": "2026-12-31"}
    match = {"if-match": seen.headers["etag"]}
    done = service.call("PUT", f"{at_filer}/terms", json=body, headers=match).json()
    assert (done["admission"], done["last_day"]) == ("full", "2026-12-31")
    stale = service.call("PUT", f"{at_filer}/terms", json=body, headers=match)
    assert stale.status_code == 412
    for wrong in ({"admission": "pro_hac_vice"}, {"last_day": "2026-01-01"}):
        refused = service.call("PUT", f"{at_filer}/terms", json=wrong)
        assert refused.status_code == 422, wrong
        assert refused.json()["errors"][0]["field"] in wrong
    kept = service.call("PUT", f"{at_filer}/terms", json={}).json()
    assert (kept["admission"], kept["last_day"]) == ("full", None)


@ON_ONE
def test_a_program_gives_the_last_day_too(courthouse: CourtHouse, world: World, visitor: str):
    """A day that is past is refused, and nothing was approved."""
    approve = f"/courts/casb/registrations/{visitor}/approve"
    body = {"roles": ["attorney"], "cases": ["20-01234"]}
    service = courthouse.service()
    past = service.call("POST", approve, json={**body, "last_day": "2026-02-28"})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "last_day")
    done = service.call("POST", approve, json={**body, "last_day": "2026-12-31"})
    assert done.status_code == 200
    with world.database.reading() as unit:
        [row] = unit.execute(rights.select()).all()
    assert row.last_day == date(2026, 12, 31)


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


@ON_ONE
def test_the_mail_is_in_the_filer_s_language(world: World, clerk: Browser, filer: Account):
    """A clerk's own is English."""
    with world.database.writing() as unit:
        unit.execute(accounts.update().where(accounts.c.id == filer.id).values(locale="es-US"))
    clerk.submit(terms(clerk, filer), last_day="2026-06-30")
    [changed] = told(world)
    assert changed.startswith("El tribunal cambió las condiciones")
    assert "Su último día es el 30 jun 2026." in changed
    at(world, datetime(2026, 6, 24, 20, tzinfo=UTC))
    look(world)
    assert told(world)[-1].endswith("terminan: su último día es el 30 jun 2026.")
