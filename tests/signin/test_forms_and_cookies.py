"""Cookies, form tokens and headers of the sign-in pages (contract 3, security rules 1.10)."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from signon.accounts.directory import Account
from signon.app import create_app
from signon.config import Settings
from signon.web.cookies import DEVICE_SECONDS
from tests.accounts.making import PASSWORD
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE
from tests.signin.browser import Browser, Page

pytestmark = ON_ONE

NAME = "ada.byron"
FIELDS = {"username": NAME, "password": PASSWORD}


def send(
    browser: Browser, page: Page, headers: dict[str, str] | None = None, *, token: bool = True
) -> Page:
    """The sign-in form as some browser would send it: only the given headers."""
    fields = FIELDS | ({"csrf_token": page.forms[0].fields["csrf_token"]} if token else {})
    return browser.send("POST", "/login", headers or {}, data=fields)


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"sec_fetch_site": "same-origin"}, 303),
        ({"sec_fetch_site": "none"}, 303),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "cross-site", "origin": "http://localhost:8000"}, 403),
        ({"sec_fetch_site": "same-origin", "origin": "https://evil.example"}, 303),
        ({}, 303),
        ({"origin": "null"}, 303),
        ({"origin": "http://localhost:8000"}, 303),
        ({"origin": "http://localhost:8001"}, 403),
        ({"origin": "https://evil.example"}, 403),
    ],
)
def test_where_a_form_may_come_from(browser: Browser, headers: dict[str, str], answer: int):
    """`Sec-Fetch-Site` decides where it is sent, else `Origin`; `null` leaves it to the token."""
    assert send(browser, browser.get("/login"), headers).status == answer


@pytest.mark.parametrize("headers", [{}, {"sec_fetch_site": "same-origin"}])
def test_the_token_is_always_required(browser: Browser, headers: dict[str, str]):
    """Whatever the browser says of itself."""
    page = browser.get("/login")
    answer = send(browser, page, headers, token=False)
    assert (answer.status, answer.heading) == (400, "This page has expired")
    assert "signon_session" not in browser.cookies


def test_another_browsers_token_is_none(browser: Browser, browsers: Callable[[], Browser]):
    """It is bound to the browser's own cookie."""
    theirs = browsers().get("/login")
    browser.get("/login")
    assert send(browser, theirs).heading == "This page has expired"


def test_an_expired_form_leads_back_to_its_journey(browser: Browser, journey: Callable[..., str]):
    """Two tabs of a fresh browser get two cookies; the loser's page starts again where it was."""
    handle = journey()
    page = browser.get(f"/login?journey={handle}")
    browser.cookies.clear()
    browser.get("/login")
    answer = browser.submit(page, "login", **FIELDS)
    assert answer.heading == "This page has expired"
    assert f'href="/login?journey={handle}"' in answer.html
    assert browser.submit(page, "cancel").location == f"/login?journey={handle}"


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_a_browser_without_cookies_is_told(browser: Browser, accept: str):
    """And where to try again; nothing was done."""
    page = browser.get("/login")
    browser.cookies.clear()
    answer = send(browser, page, {"accept": accept})
    assert (answer.status, answer.heading) == (400, "Your browser does not keep cookies")
    assert 'href="/login"' in answer.html
    assert "signon_session" not in browser.cookies


@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_what_is_no_form_is_refused(browser: Browser, path: str):
    """JSON, files and bodies without end are not what our pages send."""
    browser.get("/login")
    assert browser.send("POST", path, {}, json=FIELDS).status == 415
    assert browser.send("POST", path, {}, files={"username": b"x"}).status == 415
    assert browser.send("POST", path, {}, data={"username": "x" * 70_000}).status == 413
    assert browser.send("POST", path, {}, data={"username": "a\0b"}).status == 400


@pytest.fixture(params=["http://localhost:8000", "https://signon.example"])
def served(
    request: pytest.FixtureRequest,
    settings: Settings,
    tmp_path: object,
    clock: FrozenClock,
    account: Account,
) -> Iterator[Browser]:
    """A browser at a server with either scheme."""
    issuer: str = request.param
    adapted = settings.model_copy(update={"issuer": issuer})
    with TestClient(create_app(adapted, clock=clock), base_url=issuer) as client:
        yield Browser(client, issuer)


def test_cookies_follow_the_issuers_scheme(served: Browser):
    """`__Host-` and `Secure` under https, neither under http; the rest is the same."""
    page = served.get("/login")
    done = served.submit(page, "login", **FIELDS)
    https = served.issuer.startswith("https")
    prefix = "__Host-" if https else ""
    device = page.response.headers["set-cookie"]
    session, again = done.response.headers.get_list("set-cookie")
    assert device.startswith(f"{prefix}signon_device=")
    assert session.startswith(f"{prefix}signon_session=")
    # at every sign-in it lives on for as long again
    assert again == device
    assert f"max-age={DEVICE_SECONDS}" in device.lower()
    for cookie in (device, session):
        words = {word.strip().lower() for word in cookie.split(";")[1:]}
        assert {"httponly", "path=/", "samesite=lax"} <= words
        assert ("secure" in words) is https
        assert not any(word.startswith("domain") for word in words)
    # it ends with the browser; how long it is worth something the server knows
    assert "max-age" not in session.lower()
    assert "expires" not in session.lower()


def test_headers_of_a_page(served: Browser):
    """Each for its reason (security rules 1.10)."""
    page = served.get("/login")
    headers = page.response.headers
    assert page.policy == (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
        "font-src 'self'; img-src 'self' data:; base-uri 'none'; "
        "object-src 'none'; frame-ancestors 'none'; form-action 'self'"
    )
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert ("strict-transport-security" in headers) is served.issuer.startswith("https")
    assert page.html.count("<script") == page.html.count('<script type="module" src="/static/')
    assert not headers.get_list("access-control-allow-origin")


def test_a_redirect_after_a_password_is_a_303(browser: Browser):
    """307 would send the password on (RFC 9700 section 4.12)."""
    done = browser.sign_in(NAME, PASSWORD)
    assert done.status == 303
    assert done.response.headers["cache-control"] == "no-store"


def test_a_new_cookie_at_every_sign_in(browser: Browser, clock: FrozenClock):
    """A value that somebody planted before is not the one that becomes worth something."""
    values = ["A" * 43]
    browser.cookies["signon_session"] = values[0]
    page = browser.get("/login")
    for _ in range(3):
        clock.advance(seconds=60)
        assert browser.submit(page, "login", **FIELDS).status == 303
        values.append(browser.cookies["signon_session"])
    assert len(set(values)) == 4
