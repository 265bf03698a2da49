"""`/logout`."""

from collections.abc import Callable

from signon.config import Settings
from signon.db import Database
from signon.journeys.store import JourneyKind
from signon.signin import session as sessions
from tests.accounts.making import PASSWORD
from tests.infra.clock import FrozenClock
from tests.signin.browser import Browser
from tests.signin.conftest import CALLBACK


def test_it_asks_then_ends_the_session(
    browser: Browser,
    wired: Database,
    settings: Settings,
    trail: Callable[[], list[tuple[str, str | None]]],
):
    """The cookie is dropped, and its old value names nothing."""
    browser.sign_in("ada.byron", PASSWORD)
    cookie = browser.cookies["signon_session"]
    page = browser.get("/logout")
    assert [form.buttons for form in page.forms] == [["logout"], ["cancel"]]
    done = browser.submit(page, "logout")
    assert done.status == 303
    assert "signon_session" not in browser.cookies
    assert browser.follow(done).heading == "You are signed out"
    with wired.reading() as unit:
        assert sessions.current(unit, cookie, settings) is None
    assert trail()[-1] == ("signin:session:ended", "signed_out")


def test_a_get_alone_changes_nothing(browser: Browser):
    """A link cannot sign anybody out."""
    browser.sign_in("ada.byron", PASSWORD)
    browser.get("/logout")
    assert browser.get("/").heading.startswith("Welcome")


def test_cancel_stays_signed_in(browser: Browser):
    """Back to the start."""
    browser.sign_in("ada.byron", PASSWORD)
    done = browser.submit(browser.get("/logout"), "cancel")
    assert browser.follow(done).heading.startswith("Welcome")
    assert browser.get("/logout/cancel").location == "/"


def test_twice_and_after_the_session_ended(browser: Browser, clock: FrozenClock):
    """Two tabs, a reload, a page left open: all end at the same page."""
    browser.sign_in("ada.byron", PASSWORD)
    page = browser.get("/logout")
    browser.submit(page, "logout")
    assert browser.follow(browser.submit(page, "logout")).heading == "You are signed out"
    browser.sign_in("ada.byron", PASSWORD)
    page = browser.get("/logout")
    clock.advance(hours=1)
    assert browser.follow(browser.submit(page, "logout")).heading == "You are signed out"


def test_a_court_that_asked_gets_the_person_back(browser: Browser, journey: Callable[..., str]):
    """To the verified address of its request, which the page's policy lets the form end at."""
    browser.sign_in("ada.byron", PASSWORD)
    page = browser.get(f"/logout?journey={journey(JourneyKind.LOGOUT)}")
    assert "You come from Southern District of California – CM/ECF" in page.text
    assert "form-action 'self' http://localhost:8001" in page.policy
    assert browser.submit(page, "logout").location == CALLBACK
    assert browser.get("/").heading == "One account for every court"


def test_other_journeys_lead_nowhere_from_here(browser: Browser, journey: Callable[..., str]):
    """Signing out is no way into an authorization request; an unknown one is none at all."""
    for handle in (journey(), "gone"):
        browser.sign_in("ada.byron", PASSWORD)
        page = browser.get(f"/logout?journey={handle}")
        assert browser.submit(page, "logout").location == "/logout"
