"""The pages of both sides and of the court: what stands there, and what their forms do."""

import pytest

from signon.filing.agents.acting import Principal
from signon.filing.agents.pairs import Pair, PairState
from tests.court.conftest import CourtHouse
from tests.filing.agents.conftest import Agency
from tests.infra.browser import Browser, Form


@pytest.fixture
def courthouse(agency: Agency) -> CourtHouse:
    return CourtHouse(agency.world)


def form(browser: Browser, ending: str) -> Form:
    """The form of the page that goes there."""
    return next(one for one in browser.page.forms if one.action.endswith(ending))


def words(browser: Browser) -> str:
    return " ".join(browser.page.text.split())


def test_naming_and_accepting_on_the_pages(agency: Agency, courthouse: CourtHouse):
    ada, alex = courthouse.sign_in("ada.attorney"), courthouse.sign_in("alex.agent")
    ada.get("/account/agents/new")
    ada.submit(form(ada, "/new"), court="casb", account_number="12", last_name="Agent")
    assert "seven digits" in words(ada)
    typed = {"account_number": agency.agent.number, "last_name": "Agent", "may_pay": "1"}
    ada.submit(form(ada, "/new"), court="casb", ends_on="2027-01-31", **typed)
    assert "is now asked by mail" in words(ada)
    assert "Not answered yet" in words(ada)
    with agency.database.writing() as unit:
        from signon.filing.agents import naming, pairs

        [pair] = pairs.of_principal(unit, agency.attorney.id)
        naming.deliver(unit, pair.id)
    alex.get("/account/agents")
    assert "Ada Attorney asks you to file for them" in words(alex)
    alex.submit(form(alex, "/accept"))
    assert "You are their filing agent at this court." in words(alex)
    ada.get(f"/account/agents/{pair.id}")
    assert "until Jan 31, 2027; may pay fees online" in words(ada)
    ada.submit(form(ada, "/bounds"), cases="26-00001\n26-00002", ends_on="")
    assert agency.pair(pair.id).bounds.cases == ("26-00001", "26-00002")
    assert agency.pair(pair.id).bounds.ends_on is None
    ada.submit(form(ada, "/end"), reason="")
    assert "Say why" in words(ada)
    ada.submit(form(ada, "/end"), reason="Left the office")
    assert "It has ended." in words(ada)
    assert agency.pair(pair.id).kept is PairState.ENDED


def test_the_home_says_who_asks(agency: Agency, courthouse: CourtHouse):
    """As long as it waits for an answer."""
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    alex = courthouse.sign_in("alex.agent")
    alex.get("/")
    assert "Ada Attorney asks you to file for them" in words(alex)
    agency.accept(named)
    alex.get("/")
    assert "asks you to file for them" not in words(alex)


def test_declining_on_the_page(agency: Agency, courthouse: CourtHouse):
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    alex = courthouse.sign_in("alex.agent")
    alex.get("/account/agents")
    alex.submit(form(alex, "/decline"), tell="1")
    assert "You declined." in words(alex)
    alex.get("/account/agents")
    alex_page = words(alex)
    assert "Declined" in alex_page
    assert agency.pair(named.id).kept is PairState.DECLINED


def test_a_stale_tab_says_so(agency: Agency, courthouse: CourtHouse):
    """On the choosing page, with what can be chosen by now."""
    attorney, trustee = agency.active(agency.attorney), agency.active(agency.trustee)
    alex = courthouse.sign_in("alex.agent")
    alex.get("/courts/casb/acting-for")
    stale = alex.page.forms[0]
    agency.end(agency.attorney, attorney)
    alex.submit(stale, pair=attorney.id)
    assert "You can no longer file for Ada Attorney" in words(alex)
    alex.submit(stale, pair="")
    assert "Choose for whom you file." in words(alex)
    alex.submit(alex.page.forms[0], pair=trustee.id)
    assert "Your choice holds from now on." in words(alex)


def test_the_way_back_must_be_the_clients(agency: Agency, courthouse: CourtHouse):
    """`return_to` is one of the client's addresses, else the court's own."""
    agency.active(agency.attorney)
    agency.world.client(return_uris=["https://ecf.casb.test/back"])
    alex = courthouse.sign_in("alex.agent")
    at = "/courts/casb/acting-for?client_id=casb-cmecf&return_to="
    assert "https://ecf.casb.test/back" in alex.get(f"{at}https://ecf.casb.test/back").text
    assert "https://evil.test" not in alex.get(f"{at}https://evil.test/").text


def test_whoever_is_not_signed_in_signs_in_first(agency: Agency):
    browser = agency.world.browser()
    browser.get("/courts/casb/acting-for")
    assert "username" in browser.page.ids
    browser.get("/account/agents")
    assert "username" in browser.page.ids


def test_the_log_of_the_principal(agency: Agency, courthouse: CourtHouse):
    """When the agent chose to act, and who was given tokens."""
    made = agency.active(agency.attorney)
    _, session = agency.sign_in()
    assert isinstance(agency.choose(session, made), Principal)
    ada = courthouse.sign_in("ada.attorney")
    ada.get(f"/account/agents/{made.id}")
    assert "No court’s system" in words(ada)
    assert "The end of that sign-in" in words(ada)


def test_the_courts_console(agency: Agency, courthouse: CourtHouse):
    """Search by either side, one pair, its end with a reason; to look is all that others may."""
    made = agency.active(agency.attorney)
    agency.active(agency.trustee)
    courthouse.staff("clerk")
    courthouse.staff("read_only")
    clerk = courthouse.sign_in("clerk.casb")
    clerk.get("/court/casb/agents?q=theo")
    assert "Theo Trustee" in words(clerk)
    assert "Ada Attorney" not in words(clerk)
    clerk.get("/court/casb/agents?q=x")
    assert "2 characters or more" in words(clerk)
    reader = courthouse.sign_in("read.only.casb")
    reader.get(f"/court/casb/agents/{made.id}")
    assert "Alex Agent files for Ada Attorney" in words(reader)
    assert not [one for one in reader.page.forms if one.action.endswith("/end")]
    clerk.get(f"/court/casb/agents/{made.id}")
    clerk.submit(form(clerk, "/end"), reason="Order of the court")
    assert "It is ended. Both are told by mail." in words(clerk)
    found = agency.pair(made.id)
    assert (found.ended_by, found.reason) == ("court", "Order of the court")


def test_what_is_kept_on_every_page(agency: Agency, courthouse: CourtHouse):
    """For whom, from the choice to its end, on the console and the account alike."""
    made = agency.active(agency.attorney)
    alex = courthouse.sign_in("alex.agent")
    alex.get("/courts/casb/acting-for")
    alex.submit(form(alex, "/acting-for"), pair=made.id)
    for path in (
        "/",
        "/account",
        "/account/agents",
        "/courts/casb/ready",
        "/courts/casb/acting-for",
    ):
        alex.get(path)
        assert "Filing for Ada Attorney at the United States Bankruptcy Court" in words(alex), path
