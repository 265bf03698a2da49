"""A journey that took too long, or was carried into another browser, still leads back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from signon.db import Database
from signon.journeys import store
from signon.journeys.store import JourneyKind
from tests.accounts.making import PASSWORD
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE
from tests.signin.browser import Browser
from tests.signin.conftest import CALLBACK, CLIENT, COURT

Journeys = Callable[..., str]
HOUR = timedelta(hours=1)


def _start(database: Database, kind: JourneyKind, **given: Any) -> str:
    with database.writing() as unit:
        return store.start(unit, kind, lasts=HOUR, **given).id


def _resume(database: Database, handle: str) -> str | None:
    with database.reading() as unit:
        found = store.find(unit, handle)
    return found.resume_path if found else None


WAYS = [
    (JourneyKind.AUTHORIZE, {"court_id": "casb", "return_to": CALLBACK}, "/courts/casb/enter"),
    (
        JourneyKind.AUTHORIZE,
        {"return_to": "https://app.example/callback?a=b"},
        "https://app.example/",
    ),
    (JourneyKind.AUTHORIZE, {"return_to": "org.example.app:/callback"}, "/"),
    (
        JourneyKind.LINK,
        {"court_id": "casb", "client_id": CLIENT, "return_to": CALLBACK},
        "/courts/casb/link?client_id=court-casb&return_to=http%3A%2F%2Flocalhost%3A8001%2Fcallback"
        "%3Ffrom%3Dsignon",
    ),
    (JourneyKind.PAGE, {"request": {"path": "/account", "fresh": True}}, "/account"),
    (JourneyKind.LOGOUT, {"return_to": CALLBACK}, None),
]


@pytest.mark.parametrize(("kind", "given", "back"), WAYS)
def test_every_kind_has_its_way_back(
    wired: Database,
    clock: FrozenClock,
    kind: JourneyKind,
    given: dict[str, Any],
    back: str | None,
):
    """At once in another browser, and in its own when its time is over."""
    handle = _start(wired, kind, **given)
    assert _resume(wired, store.elsewhere(handle)) == back
    assert _resume(wired, handle) != back or kind is JourneyKind.PAGE
    clock.advance(hours=1)
    assert _resume(wired, handle) == back
    assert _resume(wired, store.elsewhere(handle)) == back


def test_what_was_typed_is_not_kept_that_long(wired: Database, clock: FrozenClock):
    """A page's way back holds its address and nothing else."""
    request = {"path": "/account", "fresh": True, "account": "x", "typed": {"email": "a@b.example"}}
    handle = _start(wired, JourneyKind.PAGE, request=request)
    clock.advance(hours=1)
    with wired.reading() as unit:
        found = store.find(unit, handle)
    assert found is not None
    assert found.request == {"path": "/account", "fresh": True}


@ON_ONE
def test_a_request_is_not_taken_up_again(browser: Browser, journey: Journeys, clock: FrozenClock):
    """Its parameters are an hour old: the court sends others, from its front door."""
    handle = journey()
    elsewhere = browser.get(f"/oauth2/authorize?journey={store.elsewhere(handle)}")
    assert elsewhere.location == "/courts/casb/enter"
    clock.advance(hours=1)
    for path in ("authorize", "cancel"):
        assert browser.get(f"/oauth2/{path}?journey={handle}").location == "/courts/casb/enter"
    assert browser.get("/courts/casb/enter").location == COURT
    assert browser.get("/courts/nowhere/enter").status == 404


@ON_ONE
def test_whoever_is_signed_in_is_asked_nothing(
    browser: Browser, journey: Journeys, clock: FrozenClock
):
    """The way back needs no more recent sign-in: the court asks for what it wants."""
    browser.sign_in("ada.byron", PASSWORD)
    clock.advance(seconds=1)
    handle = journey()
    back = browser.get(f"/login?journey={store.elsewhere(handle)}")
    assert back.location == "/courts/casb/enter"
