"""`/courts/{court}`, the public page of a court."""

import re

import pytest
from starlette.testclient import TestClient

from signon.courts import changes
from signon.courts.go_live import announced
from signon.db import Database
from tests.infra.databases import ON_ONE

pytestmark = ON_ONE

_STEPS = ("link", "register", "ready")
SAID = {
    "help_email": "help@casb.uscourts.gov",
    "help_phone": "619-555-0100",
    "training_url": "https://www.casb.uscourts.gov/training",
    "epoc_url": "https://www.casb.uscourts.gov/epoc",
    "reset_url": "https://ecf.casb.uscourts.gov/reset",
    "contact_text": "Weekdays 9 to 5.",
}


def _page(client: TestClient, court: str) -> str:
    return " ".join(client.get(f"/courts/{court}").text.split())


def _text(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page.partition("<main")[2]).split())


def test_a_live_court_leads_to_filing_in_three_steps(client: TestClient, loaded: Database):
    """Since when, where to sign in, each step's page, and everything that the court has said."""
    with loaded.writing() as unit:
        changes.change(unit, "casb", actor="test", values=SAID)
    page = _page(client, "casb")
    assert "Live since Feb 22, 2016" in _text(page)
    assert "before Feb 22, 2016" in _text(page)
    assert "Bankruptcy Court for the Southern District of California – Federal" in page
    for href in ("/register", "/upgrade", *(f"/courts/casb/{at}" for at in _STEPS)):
        assert f'href="{href}"' in page
    for href in ("https://ecf.casb.uscourts.gov", "mailto:help@casb.uscourts.gov"):
        assert f'href="{href}"' in page
    assert 'href="tel:6195550100"' in page
    for name in ("training_url", "epoc_url", "reset_url"):
        assert f'href="{SAID[name]}"' in page
    assert "Weekdays 9 to 5." in page
    assert len(re.findall(r'class="btn"', page)) == 1


def test_a_scheduled_court_says_from_when_on(client: TestClient, loaded: Database):
    """Until that day its own login files, and can be prepared."""
    with loaded.writing() as unit:
        changes.change(unit, "gud", actor="test", go_live=announced("2026-07-01"))
    page = _page(client, "gud")
    assert "Changes on Jul 1, 2026" in _text(page)
    assert "until Jul 1, 2026" in _text(page)
    assert "Prepare your login" in _text(page)
    assert "Link a login" not in _text(page)


def test_a_court_without_a_date_keeps_its_own_logins(client: TestClient):
    """And what it has not said is left out, with a way on."""
    page = _page(client, "akd")
    assert "has not said yet when" in _text(page)
    assert 'href="/courts/akd/link"' not in page
    assert "call the PACER Service Center" in _text(page)
    assert "None" not in _text(page)
    assert "More</h2>" not in page


def test_who_may_register_follows_the_courts_policy(client: TestClient, loaded: Database):
    """What a court does not take is not offered, nor is registering where it takes nothing."""
    with loaded.writing() as unit:
        changes.change(unit, "casb", actor="test", values={"registrations": "e_file"})
        changes.change(unit, "hib", actor="test", values={"registrations": "none"})
    page = _page(client, "casb")
    assert "E-filing for an attorney already admitted" in page
    assert "Pro hac vice" not in page
    assert "Pro hac vice" in _page(client, "cacd")
    assert "Who can register here" not in _page(client, "hib")
    assert 'href="/courts/hib/register"' not in _page(client, "hib")


def test_only_a_bankruptcy_court_shows_where_claims_go(client: TestClient, loaded: Database):
    """Elsewhere there are none to file."""
    with loaded.writing() as unit:
        changes.change(unit, "cacd", actor="test", values={"epoc_url": SAID["epoc_url"]})
    assert SAID["epoc_url"] not in _page(client, "cacd")


def test_it_is_its_browsers_alone(client: TestClient):
    """It may bring a cookie."""
    assert client.get("/courts/casb").headers["cache-control"] == "private, max-age=60"


@pytest.mark.parametrize("court", ["atlantis", "%3Cscript%3E", "CASBX"])
def test_there_is_no_page_of_no_court(client: TestClient, court: str):
    """It says where the others are."""
    answer = client.get(f"/courts/{court}", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "<script>" not in answer.text


def test_the_list_leads_there(client: TestClient):
    """By the court's name."""
    assert 'href="/courts/hib"' in client.get("/courts", headers={"accept": "text/html"}).text


def test_before_its_day_it_leads_to_preparing(client: TestClient, loaded: Database):
    """Where the court lets people; without a date there is nothing to prepare for."""
    with loaded.writing() as unit:
        changes.change(unit, "casd", actor="test", go_live=announced("2099-03-02"))
        changes.change(unit, "cacd", actor="test", go_live=announced("2099-03-02"))
        changes.change(unit, "cacd", actor="test", values={"prepare": "off"})
    assert 'href="/courts/casd/link"' in _page(client, "casd")
    assert "linked by itself on that day" in _text(_page(client, "casd"))
    assert 'href="/courts/cacd/link"' not in _page(client, "cacd")
    assert 'href="/courts/akd/link"' not in _page(client, "akd")
