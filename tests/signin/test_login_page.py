"""`/login`: the form, its answers, and every way there and back."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from signon import pruning
from signon.accounts import status
from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.app import prunable
from signon.audit.models import events
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.journeys.store import JourneyKind
from signon.signin import session as sessions
from tests.accounts.making import PASSWORD, PERSON, make
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE
from tests.signin.browser import Browser, Page
from tests.signin.conftest import CALLBACK, COURT

pytestmark = ON_ONE

NAME = "ada.byron"
Journeys = Callable[..., str]
Trail = Callable[[], list[tuple[str, str | None]]]


def session_cookie(browser: Browser) -> str | None:
    return browser.cookies.get("signon_session")


# ── The form ─────────────────────────────────────────────────────────────────


def test_the_form(browser: Browser):
    """Names and ids of the contract; without a journey there is nothing to cancel."""
    page = browser.get("/login")
    assert page.status == 200
    form, passkey = page.forms
    assert passkey.action == "/login/passkey"
    assert list(form.fields) == ["csrf_token", "username", "password", "client_code"]
    assert form.buttons == ["login"]
    assert form.kinds["password"] == "password"
    assert all(f'id="{name}"' in page.html for name in ("username", "password", "login"))
    assert "cancel" not in page.html


def test_signing_in(browser: Browser, trail: Trail):
    """303 to the start page, which knows the name; the trail knows the sign-in."""
    page = browser.sign_in(NAME, PASSWORD)
    assert (page.status, page.location) == (303, "/")
    home = browser.follow(page)
    assert home.heading == "Welcome, Ada"
    assert trail() == [("signin:password:accepted", None)]


def test_the_username_in_any_case(browser: Browser):
    """And with the space that a phone puts after it."""
    assert browser.sign_in(" Ada.BYRON ", PASSWORD).status == 303


def test_the_password_in_another_normal_form(
    browsers: Callable[[], Browser], wired: Database, settings: Settings
):
    """NFC before hashing: another keyboard composes letters in another way."""
    make(wired, settings, password="Motörhead ist Dürüm")
    assert browsers().sign_in(NAME, "Moto\u0308rhead ist Du\u0308ru\u0308m").status == 303


def test_the_whole_password_counts(browser: Browser):
    """Nothing is cut off, and white space at its ends belongs to it."""
    for wrong in (PASSWORD + " ", " " + PASSWORD, PASSWORD[:-1], PASSWORD.upper()):
        assert browser.sign_in(NAME, wrong).status == 403


def test_empty_fields_are_asked_for(browser: Browser, trail: Trail):
    """400 with each problem at its field; no attempt is counted for it."""
    pages = [browser.sign_in("", "", client_code="a b") for _ in range(7)]
    page = pages[-1]
    assert page.status == 400
    assert "Enter your username." in page.text
    assert "Enter your password." in page.text
    assert "spaces or commas" in page.text
    assert trail() == []


def test_the_client_code_is_kept_in_the_session(
    browser: Browser, wired: Database, settings: Settings
):
    """Claims tell it to the court."""
    browser.sign_in(NAME, PASSWORD, client_code="4711-x")
    with wired.reading() as unit:
        session = sessions.current(unit, session_cookie(browser), settings)
    assert session
    assert session.client_code == "4711-x"


def test_head(browser: Browser):
    """Monitors ask with HEAD."""
    assert [browser.send("HEAD", path, {}).status for path in ("/", "/login", "/logout")] == [
        200
    ] * 3


# ── Refusals ─────────────────────────────────────────────────────────────────


def test_a_wrong_password(browser: Browser, trail: Trail):
    """403 with the username kept, and nothing of the password in the page."""
    page = browser.sign_in(NAME, "not my password <&> at all", client_code="4711")
    assert page.status == 403
    assert "not right" in page.text
    assert page.forms[0].fields["username"] == NAME
    assert page.forms[0].fields["client_code"] == "4711"
    assert page.forms[0].fields["password"] == ""
    assert "not my password" not in page.html
    assert session_cookie(browser) is None
    assert trail() == [("signin:password:refused", "wrong_password")]


def test_a_strangers_name_is_no_different(
    browser: Browser,
    wired: Database,
    settings: Settings,
    account: Account,
    trail: Trail,
):
    """Unknown, wrong, disabled, without a password: the same status and, but for the name, page."""

    def shown(page: Page, name: str) -> tuple[int, str]:
        assert page.forms[0].fields["username"] == name
        html = re.sub(r'name="csrf_token" value="[^"]*"', "", page.html)
        number = page.response.headers["x-request-id"]
        return page.status, html.replace(name, "NAME").replace(number, "")

    disabled = make(wired, settings, replace(PERSON, username="disabled.one"))
    bare = make(wired, settings, replace(PERSON, username="bare.account"))
    with wired.writing() as unit:
        status.disable(unit, disabled.number, reason="left", actor="system")
        unit.execute(update(accounts).where(accounts.c.id == bare.id).values(password=None))
    pages = {
        shown(browser.sign_in(NAME, "wrong password"), NAME),
        shown(browser.sign_in("nobody.here", PASSWORD), "nobody.here"),
        shown(browser.sign_in("disabled.one", PASSWORD), "disabled.one"),
        shown(browser.sign_in("bare.account", PASSWORD), "bare.account"),
    }
    assert len(pages) == 1
    assert [reason for _, reason in trail()[-4:]] == [
        "wrong_password",
        "unknown_username",
        "account_disabled",
        "no_password",
    ]


def test_an_unknown_name_is_a_keyed_digest_in_the_trail(browser: Browser, wired: Database):
    """People type their password there by mistake; a record that may never change holds none."""
    browser.sign_in("my-secret-passphrase", PASSWORD)
    browser.sign_in("My-Secret-Passphrase", PASSWORD)
    with wired.reading() as unit:
        rows = unit.execute(select(*events.c).order_by(events.c.seq)).all()
    assert not any("secret" in str(value).lower() for row in rows for value in row)
    first, second = (row.detail["username_mac"] for row in rows[-2:])
    assert first == second


def test_every_refusal_costs_one_hash(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, account: Account
):
    """An unknown name takes the same work as a known one."""
    browser.sign_in("warm.up", "the dummy is made once")
    hashes: list[str] = []
    verify = PasswordHasher.verify

    def noted(self: PasswordHasher, stored: str, given: str) -> bool:
        hashes.append(stored)
        return verify(self, stored, given)

    monkeypatch.setattr(PasswordHasher, "verify", noted)
    browser.sign_in(NAME, "wrong")
    browser.sign_in("nobody", "wrong")
    assert len(hashes) == 2
    known, unknown = (stored.split("$")[1:4] for stored in hashes)
    assert known == unknown


def test_the_sixth_guess_waits(browser: Browser, clock: FrozenClock, trail: Trail):
    """429 with Retry-After and the seconds in words; the right password waits as well."""
    pages = [browser.sign_in(NAME, "wrong") for _ in range(5)]
    assert [page.status for page in pages] == [403] * 4 + [429]
    clock.advance(seconds=10)
    waiting = browser.sign_in(NAME, PASSWORD)
    assert waiting.status == 429
    assert waiting.response.headers["retry-after"] == "20"
    assert "Wait 20 seconds, then try again" in waiting.text
    assert waiting.forms[0].fields["username"] == NAME
    assert len(trail()) == 5
    clock.advance(seconds=20)
    assert browser.sign_in(NAME, PASSWORD).status == 303


def test_success_forgets_failures(browser: Browser):
    """Four wrong, one right, four wrong: no wait."""
    for _ in range(2):
        assert [browser.sign_in(NAME, "wrong").status for _ in range(4)] == [403] * 4
        assert browser.sign_in(NAME, PASSWORD).status == 303
        browser.cookies.clear()


def test_after_a_hundred_failures_only_an_operator_helps(
    browser: Browser,
    wired: Database,
    ring: KeyRing,
    account: Account,
    clock: FrozenClock,
    trail: Trail,
):
    """The right password gets the words of a wrong one, until the account is enabled."""
    for _ in range(100):
        browser.sign_in(NAME, "wrong")
        clock.advance(days=1)
    page = browser.sign_in(NAME, PASSWORD)
    assert page.status == 403
    assert "Forgot your username?” below the form" in page.text
    assert trail()[-1] == ("signin:password:refused", "password_off")
    with wired.writing() as unit:
        status.enable(unit, ring, account.number, actor="command_line")
    assert browser.sign_in(NAME, PASSWORD).status == 303


# ── Journeys ─────────────────────────────────────────────────────────────────


def test_a_court_is_named_and_returned_to(browser: Browser, journey: Journeys):
    """The page says where one signs in; afterwards the request goes on."""
    handle = journey()
    page = browser.get(f"/login?journey={handle}")
    assert "Sign in to go on to Southern District of California – CM/ECF" in page.text
    assert [form.buttons for form in page.forms] == [["login"], ["cancel"], []]
    assert "form-action 'self' http://localhost:8001" in page.policy
    done = browser.submit(page, "login", username=NAME, password=PASSWORD)
    assert done.location == f"/oauth2/authorize?journey={handle}"


def test_a_wrong_password_keeps_the_journey(browser: Browser, journey: Journeys):
    """The second attempt arrives where the first would have."""
    handle = journey()
    page = browser.sign_in(NAME, "wrong", f"/login?journey={handle}")
    done = browser.submit(page, "login", username=NAME, password=PASSWORD)
    assert done.location == f"/oauth2/authorize?journey={handle}"


def test_cancel_lets_the_protocol_answer(browser: Browser, journey: Journeys):
    """The client is told by the endpoint that knows how."""
    handle = journey()
    page = browser.get(f"/login?journey={handle}")
    assert browser.submit(page, "cancel").location == f"/oauth2/cancel?journey={handle}"


def test_cancel_of_a_link_goes_back_to_the_court(browser: Browser, journey: Journeys):
    """To the address that its client registered."""
    page = browser.get(f"/login?journey={journey(JourneyKind.LINK)}")
    assert "form-action 'self' http://localhost:8001" in page.policy
    assert browser.submit(page, "cancel").location == CALLBACK


def test_cancel_by_get_asks_again(browser: Browser, journey: Journeys):
    """An address typed or reloaded cancels nothing."""
    handle = journey()
    page = browser.get(f"/login/cancel?journey={handle}")
    assert (page.status, page.location) == (303, f"/login?journey={handle}")


def test_a_live_court_says_nothing_of_filing(browser: Browser, journey: Journeys):
    """One files where one came from."""
    assert "cannot file" not in browser.get(f"/login?journey={journey()}").text


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (datetime(2026, 5, 31, 7, tzinfo=UTC), "goes live here on May 31, 2026"),
        (None, "own login."),
    ],
)
def test_a_court_that_is_not_live_names_its_own_site(
    browser: Browser,
    journey: Journeys,
    go_live: Callable[[datetime | None], None],
    day: datetime | None,
    told: str,
):
    """Where to file until the day, and the day in the court's own time zone."""
    go_live(day)
    page = browser.get(f"/login?journey={journey()}")
    assert "You cannot file with this sign-in yet" in page.text
    assert told in page.text
    assert f'href="{COURT}"' in page.html


def test_login_hint_is_typed_already(browser: Browser, journey: Journeys):
    """As text, whatever it holds."""
    page = browser.get(f"/login?journey={journey(login_hint='<b>&ada')}")
    assert page.forms[0].fields["username"] == "<b>&ada"
    assert "<b>&ada" not in page.html


@pytest.mark.parametrize("handle", ["gone", "x" * 5000, "%00", "a' OR 1=1 --"])
def test_an_unknown_journey_ends_well(browser: Browser, handle: str):
    """A page that says so and leads on; never a form that leads nowhere, never a loop."""
    page = browser.get(f"/login?journey={handle}")
    assert page.status == 400
    assert page.forms == []


def test_an_expired_journey_ends_well(
    browser: Browser,
    journey: Journeys,
    clock: FrozenClock,
    wired: Database,
    settings: Settings,
):
    """A page that was left open for an hour signs in, and leads back to its court by the front
    door; after a week only the list of courts is left.
    """
    page = browser.get(f"/login?journey={journey()}")
    clock.advance(hours=1)
    assert browser.submit(page, "cancel").location == COURT
    done = browser.submit(page, "login", username=NAME, password=PASSWORD)
    assert (done.status, done.location) == (303, "/courts/casb/enter")
    assert browser.follow(done).location == COURT
    browser.cookies.pop("signon_session")
    again = browser.get(page.forms[0].action)
    assert (again.status, again.heading) == (200, "Sign in")
    assert CALLBACK not in again.policy
    assert COURT in again.policy
    clock.advance(days=7, seconds=1)
    asyncio.run(pruning.prune_all(wired, prunable(settings)))
    for button in ("login", "cancel"):
        answer = browser.submit(page, button, username=NAME, password=PASSWORD)
        assert (answer.status, answer.heading) == (400, "This page has expired")
        assert 'href="/courts"' in answer.html


# ── Signed in already ────────────────────────────────────────────────────────


def test_a_plain_visit_leads_whoever_is_signed_in_home(browser: Browser):
    """There is nothing to ask."""
    browser.sign_in(NAME, PASSWORD)
    assert browser.get("/login").location == "/"


def test_back_after_signing_in_goes_on(browser: Browser, journey: Journeys):
    """The page that the back button opens knows that its question was answered."""
    handle = journey()
    done = browser.sign_in(NAME, PASSWORD, f"/login?journey={handle}")
    back = browser.get(f"/login?journey={handle}")
    assert (back.status, back.location) == (303, done.location)


def test_reloading_a_refusal_is_another_attempt_and_no_more(browser: Browser, trail: Trail):
    """The same form again is the same answer again."""
    page = browser.get("/login")
    for _ in range(2):
        assert browser.submit(page, "login", username=NAME, password="wrong").status == 403
    assert len(trail()) == 2


def test_sending_the_accepted_form_again(
    browser: Browser, wired: Database, settings: Settings, clock: FrozenClock
):
    """Back, a minute later forward with "send again": the same session under one more new cookie."""
    page = browser.get("/login")
    cookies = []
    for _ in range(2):
        clock.advance(seconds=60)
        assert browser.submit(page, "login", username=NAME, password=PASSWORD).status == 303
        cookies.append(session_cookie(browser))
    with wired.reading() as unit:
        dead, living = (sessions.current(unit, cookie, settings) for cookie in cookies)
    assert dead is None
    assert living


def test_two_tabs_each_end_at_their_own_court(browser: Browser, journey: Journeys):
    """Each page carries its own journey; the first sign-in does not spoil the second page."""
    first, second = journey(), journey()
    one, two = (browser.get(f"/login?journey={handle}") for handle in (first, second))
    done = [browser.submit(page, "login", username=NAME, password=PASSWORD) for page in (two, one)]
    assert [page.location.partition("=")[2] for page in done] == [second, first]


def test_the_tab_that_waited_goes_on_by_itself(browser: Browser, journey: Journeys):
    """Reloading the second tab after signing in in the first asks nothing."""
    first, second = journey(), journey()
    browser.sign_in(NAME, PASSWORD, f"/login?journey={first}")
    assert browser.get(f"/login?journey={second}").location.endswith(second)


@pytest.mark.parametrize("request_", [{"prompt": "login"}, {"max_age": "60"}, {"max_age": "0"}])
def test_asked_again(
    browser: Browser, journey: Journeys, clock: FrozenClock, request_: dict[str, str]
):
    """The name is fixed, the reason told, and one may still be somebody else."""
    browser.sign_in(NAME, PASSWORD, client_code="4711")
    clock.advance(seconds=61)
    handle = journey(**request_)
    page = browser.get(f"/login?journey={handle}")
    assert page.heading == "Confirm your password"
    assert page.forms[0].fields["username"] == NAME
    assert "client_code" not in page.forms[0].fields
    assert "readonly" in page.html
    assert f"/login?journey={handle}&amp;switch=1" in page.html
    wrong = browser.submit(page, "login", password="wrong")
    assert wrong.heading == "Confirm your password"
    done = browser.submit(wrong, "login", password=PASSWORD)
    assert done.location == f"/oauth2/authorize?journey={handle}"


def test_confirming_keeps_sid_and_client_code(
    browser: Browser,
    journey: Journeys,
    clock: FrozenClock,
    wired: Database,
    settings: Settings,
):
    """The page did not ask for the code again, so it does not take it away."""
    browser.sign_in(NAME, PASSWORD, client_code="4711")
    before = session_cookie(browser)
    with wired.reading() as unit:
        first = sessions.current(unit, before, settings)
    clock.advance(seconds=400)
    page = browser.get(f"/login?journey={journey(prompt='login')}")
    browser.submit(page, "login", password=PASSWORD)
    assert session_cookie(browser) != before
    with wired.reading() as unit:
        assert sessions.current(unit, before, settings) is None
        second = sessions.current(unit, session_cookie(browser), settings)
    assert first
    assert second
    assert (second.id, second.client_code) == (first.id, "4711")
    assert second.auth_time == clock()


def test_cancel_of_a_confirmation_leaves_the_session(
    browser: Browser, journey: Journeys, clock: FrozenClock
):
    """`prompt=login` cancelled is `access_denied` at the client and nothing here."""
    browser.sign_in(NAME, PASSWORD)
    clock.advance(seconds=1)
    page = browser.get(f"/login?journey={journey(prompt='login')}")
    assert browser.submit(page, "cancel").location.startswith("/oauth2/cancel?")
    assert browser.get("/").heading.startswith("Welcome")


@pytest.mark.parametrize(
    "request_",
    [{}, {"prompt": "login select_account"}, {"prompt": "login", "login_hint": "grace.hopper"}],
)
def test_another_person_is_wanted(
    browser: Browser, journey: Journeys, clock: FrozenClock, request_: dict[str, str]
):
    """Then the page is open to everybody; it never sends back to who sent here."""
    browser.sign_in(NAME, PASSWORD)
    clock.advance(seconds=1)
    page = browser.get(f"/login?journey={journey(**request_)}")
    assert (page.status, page.heading) == (200, "Sign in")
    assert page.forms[0].fields["username"] == request_.get("login_hint", "")


def test_switching_ends_the_first_persons_session(
    browser: Browser,
    journey: Journeys,
    clock: FrozenClock,
    wired: Database,
    settings: Settings,
    trail: Trail,
):
    """As if she had signed out."""
    make(wired, settings, replace(PERSON, username="grace.hopper"))
    browser.sign_in(NAME, PASSWORD)
    before = session_cookie(browser)
    clock.advance(seconds=1)
    page = browser.get(f"/login?journey={journey(prompt='login')}&switch=1")
    assert page.heading == "Sign in"
    assert page.forms[0].fields["username"] == ""
    assert browser.submit(page, "login", username="grace.hopper", password=PASSWORD).status == 303
    with wired.reading() as unit:
        assert sessions.current(unit, before, settings) is None
        now = sessions.current(unit, session_cookie(browser), settings)
    assert now
    assert now.account.username == "grace.hopper"
    assert ("signin:session:ended", "replaced") in trail()


def test_linking_asks_after_five_minutes(browser: Browser, journey: Journeys, clock: FrozenClock):
    """A fresh sign-in goes straight on to the linking page, an old one is confirmed first."""
    browser.sign_in(NAME, PASSWORD)
    handle = journey(JourneyKind.LINK)
    assert browser.get(f"/login?journey={handle}").location == f"/courts/casb/link?journey={handle}"
    clock.advance(seconds=301)
    page = browser.get(f"/login?journey={handle}")
    assert page.heading == "Confirm your password"
    assert "Linking asks for your password again" in page.text
    done = browser.submit(page, "login", password=PASSWORD)
    assert done.location == f"/courts/casb/link?journey={handle}"


def test_disabling_ends_it_at_once(
    browser: Browser, wired: Database, account: Account, clock: FrozenClock
):
    """The next request is a stranger's."""
    browser.sign_in(NAME, PASSWORD)
    with wired.writing() as unit:
        status.disable(unit, account.number, reason="left", actor="command_line")
    assert browser.get("/").heading == "One account for every court"
    assert browser.get("/login").heading == "Sign in"


def test_the_start_page_keeps_the_session_alive(
    browser: Browser, clock: FrozenClock, settings: Settings
):
    """Looking at it is use."""
    browser.sign_in(NAME, PASSWORD)
    for _ in range(3):
        clock.advance(seconds=settings.session_idle_seconds - 1)
        assert browser.get("/").heading.startswith("Welcome")
    clock.advance(seconds=settings.session_idle_seconds)
    assert browser.get("/").heading == "One account for every court"
