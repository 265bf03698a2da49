"""The same for filing agents: both sides' pages, the choice, the checklist and the band."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import update

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from signon.filing.agents import ending, pairs, words
from signon.filing.agents.pairs import Pair, PairState, Side
from signon.words.language import SPANISH
from signon.words.sentences import in_language
from tests.filing.agents.conftest import Agency
from tests.infra.browser import Browser
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.words.test_spoken_pages import left, spanish

NAMES = re.compile(
    r"Ada Attorney|Theo Trustee|Alex Agent|(?:ada|theo|alex)\.\w+|Agent|casb|, \d+:\d\d [ap]\.m\. PST"
)


@pytest.fixture
def agency(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Agency]:
    """An attorney, a trustee and an agent at a court that is live."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    world = World.make(settings, wire(database), clock)
    world.go_live("casb", clock())
    people = [
        world.account(f"{first}.{last}".lower(), first_name=first, last_name=last)
        for first, last in (("Ada", "Attorney"), ("Theo", "Trustee"), ("Alex", "Agent"))
    ]
    world.right(people[0])
    world.right(people[1], login="ttrustee", roles=["trustee"], admission=None)
    world.right(people[2], login="aagent", roles=["filing_agent"], admission=None)
    with world.http:
        yield Agency(world, *people)


def named(agency: Agency, by: Account) -> Pair:
    pair = agency.name(by)
    assert isinstance(pair, Pair)
    return pair


def signed_in(agency: Agency, monkeypatch: pytest.MonkeyPatch, account: Account) -> Browser:
    browser = spanish(agency.world, monkeypatch)
    browser.confirms_redaction = True
    agency.world.enrol(account.username)
    browser.get("/login")
    browser.sign_in(account.username, PASSWORD)
    browser.submit(browser.page.forms[0], otp=agency.world.code())
    return browser


def forgotten(browser: Browser, *paths: str) -> dict[str, list[str]]:
    found = {path: left(NAMES.sub("", browser.get(path).text)) for path in paths}
    return {path: lines for path, lines in found.items() if lines}


def test_for_the_principal(agency: Agency, monkeypatch: pytest.MonkeyPatch):
    """The list, a pair in each state, the form and what it refuses."""
    ended = agency.active(agency.attorney)
    agency.end(agency.attorney, ended, Side.PRINCIPAL)
    declined = named(agency, agency.attorney)
    agency.decline(declined, tells=True)
    active = agency.active(
        agency.attorney, cases=["26-00017"], ends_on=date(2026, 12, 31), may_pay=True
    )
    _, session = agency.sign_in()
    agency.choose(session, active)
    ada = signed_in(agency, monkeypatch, agency.attorney)
    each = [f"/account/agents/{pair.id}" for pair in (ended, declined, active)]
    assert forgotten(ada, "/account/agents", "/account/agents/new", *each) == {}
    ada.get("/account/agents/new")
    page = ada.submit(ada.page.forms[0], court="casb", account_number="1", last_name="")
    assert left(NAMES.sub("", page.text)) == []
    again = {"account_number": agency.agent.number, "last_name": "Agent"}
    page = ada.submit(ada.page.forms[0], court="casb", **again)
    assert left(NAMES.sub("", page.text)) == []


def test_for_the_agent(agency: Agency, monkeypatch: pytest.MonkeyPatch):
    """An offer, the choice, the band above every page, and the checklist."""
    alex = signed_in(agency, monkeypatch, agency.agent)
    assert forgotten(alex, "/courts/casb/ready", "/courts/casb/acting-for") == {}
    active, offered = agency.active(agency.attorney), named(agency, agency.trustee)
    paths = "/account/agents", f"/account/agents/{active.id}", f"/account/agents/{offered.id}"
    assert forgotten(alex, "/", "/courts/casb/ready", *paths) == {}
    alex.get("/courts/casb/acting-for")
    page = alex.submit(alex.page.forms[0], pair="none")
    assert left(NAMES.sub("", page.text)) == []
    page = alex.submit(alex.page.forms[0], pair=active.id)
    assert left(NAMES.sub("", page.text)) == []
    assert forgotten(alex, "/account", "/courts/casb/ready") == {}
    agency.end(agency.attorney, active)
    assert forgotten(alex, *paths, "/courts/casb/ready") == {}


def test_each_is_mailed_in_their_own_language(agency: Agency):
    """What one of the two does is told to both."""
    with agency.database.writing() as unit:
        mine = accounts.c.id == agency.attorney.id
        unit.execute(update(accounts).where(mine).values(locale="es-US"))
    agency.end(agency.attorney, agency.active(agency.attorney))
    found = agency.world.queued("mail")
    told = {
        one["language"]: one["values"]["what"] for one in found if one["message"] == "filing_agent"
    }
    numbers = agency.attorney.number, agency.agent.number
    assert told == {
        "es-US": "La cuenta {} retiró a la cuenta {} como su agente de presentación.".format(
            *numbers
        ),
        "en-US": "Account {} has removed account {} as its filing agent.".format(*numbers),
    }


def test_an_end_that_nobody_brought_about(agency: Agency):
    """Its reason is kept in English and is said in Spanish on the page; somebody's own is not."""
    over = agency.active(agency.attorney)
    with agency.database.writing() as unit:
        ending.end_by_house(unit, pairs.by_id(unit, over.id), Side.TIME, told=pairs.OVER)
    assert agency.pair(over.id).reason == "Its last day is over."
    made = agency.active(agency.attorney)
    agency.end(agency.attorney, made)
    ended = [words.why(agency.pair(one.id), PairState.ENDED) for one in (over, made)]
    said = [in_language(one, SPANISH) for one in ended]
    assert said == ["Su último día ya pasó.", "Lo terminó quien nombró al agente. Left the office"]
