"""A provider with a legacy person, and the way through the upgrade."""

from collections.abc import Iterator
from datetime import date

import pytest

from signon.accounts.directory import Account
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.browser import Browser
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World

OLD_NAME = "hb2009"
NEW_NAME = "hal.bishop"
NEW_PASSWORD = "a brand new lantern on the quay"
PERSON = {
    "first_name": "Hal",
    "middle_name": "",
    "last_name": "Bishop",
    "date_of_birth": "02/14/1958",
    "email": f"{OLD_NAME}@example.org",
    "user_type": "attorney",
}
ADDRESS = {
    "street": "9 Old Ferry Road",
    "city": "Coronado",
    "state": "CA",
    "postal_code": "92118",
    "county": "San Diego",
    "country": "us",
    "phone": "(619) 555-0130",
}
SECURITY = {"username": NEW_NAME, "new_password": NEW_PASSWORD}
PAGES = (PERSON, ADDRESS, SECURITY)


@pytest.fixture
def world(settings: Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A provider in this process."""
    made = World.make(settings, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture
def legacy(world: World) -> Account:
    """An individual account of 2009."""
    return world.account(OLD_NAME, created_on=date(2009, 5, 4))


def signed_in(world: World, username: str = OLD_NAME, password: str = PASSWORD) -> Browser:
    """A browser of its own that has just signed in."""
    browser = world.browser()
    browser.get("/login")
    answer = browser.sign_in(username, password)
    if "otp" in browser.page.ids:
        answer = browser.submit(browser.page.forms[0], otp=world.code())
    assert "Welcome" in answer.text, answer.text
    return browser


def go(browser: Browser, typed: dict[str, str]) -> None:
    """Fill in the step that is shown; it must be taken."""
    answer = browser.submit(browser.page.forms[0], **typed)
    assert answer.status_code == 200, answer.text


def to_confirm(browser: Browser, **changes: str) -> None:
    """Through every step, up to the page that asks for the confirmation."""
    browser.get("/upgrade")
    for page in PAGES:
        go(browser, {**page, **{name: changes[name] for name in changes if name in page}})
    assert "Check and confirm" in browser.page.text
