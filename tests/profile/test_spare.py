"""A way back in is made before enrolment ends, or declined in so many words."""

import re

import pyotp
import pytest
from sqlalchemy import select

from signon.accounts.models import accounts
from signon.audit.events import Event
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.profile.conftest import Mailed


def _confirm_by_mail(browser: Browser, mailed: Mailed, addition: str) -> None:
    browser.get("/account/factors")
    form = next(one for one in browser.page.forms if one.action == "/account/factors/add")
    browser.submit(form, add=addition)
    (letter,) = [one for one in mailed() if one.message == "factor_code"]
    browser.submit(browser.page.forms[0], mail_code=letter.values["code"])


def _add_app(world: World, browser: Browser, mailed: Mailed, name: str) -> None:
    _confirm_by_mail(browser, mailed, "app")
    (secret,) = re.findall(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", browser.page.text)
    step = int(world.clock().timestamp()) // 30
    code = str(pyotp.TOTP(secret.replace(" ", "")).generate_otp(step))
    browser.submit(browser.page.forms[0], nickname=name, otp=code)


@pytest.fixture
def browser(world: World, mailed: Mailed) -> Browser:
    """`a.attorney`, who has just added a first app."""
    world.account()
    made = world.browser()
    made.get("/login")
    made.sign_in("a.attorney", PASSWORD)
    _add_app(world, made, mailed, "Phone")
    return made


def _heading(browser: Browser) -> str:
    assert browser.response is not None
    found = re.search(r"<h1[^>]*>(.*?)</h1>", browser.response.text, re.DOTALL)
    assert found
    return found[1].strip()


ASKED = "One more way in, before you need it"


def test_the_first_one_is_not_the_end(browser: Browser):
    """The page comes by itself, and again on the way to wherever the person signs in to."""
    assert _heading(browser) == ASKED
    assert "The app is added" in browser.page.text
    browser.get("/login/second-factor")
    browser.get("/account/factors/spare")
    assert _heading(browser) == ASKED


@ON_ONE
def test_it_comes_before_the_court(world: World, browser: Browser):
    """Who enrolled on the way to a court is asked before it, and then led there."""
    world.client(trusted=True)
    asked = {
        "response_type": "code",
        "client_id": "casb-cmecf",
        "redirect_uri": "https://ecf.casb.test/callback",
        "scope": "openid",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }

    def going_to() -> str:
        answer = browser.http.get("/oauth2/authorize", params=asked, follow_redirects=False)
        return str(answer.headers["location"]).partition("?")[0]

    assert going_to() == "/account/factors/spare"
    browser.submit(browser.page.forms[0], decline="1", without="1")
    assert going_to() == "https://ecf.casb.test/callback"


def test_codes_are_made_without_another_mail(browser: Browser, mailed: Mailed):
    """The address was proved a moment ago; the codes are shown, and nothing is asked any more."""
    mailed()
    browser.submit(browser.page.forms[0], codes="1")
    browser.submit(browser.page.forms[0])
    assert len(re.findall(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b", browser.page.text)) == 10
    assert [one.message for one in mailed()] == ["account_changed"]
    browser.get("/account/factors/spare")
    assert _heading(browser) == "Second factors"


def test_another_app_is_a_way_back_too(world: World, browser: Browser, mailed: Mailed):
    """One on another device."""
    _add_app(world, browser, mailed, "Tablet")
    assert _heading(browser) == "Second factors"


def test_going_on_without_is_said_in_so_many_words(world: World, browser: Browser):
    """By a tick, and written down; it is not asked again."""
    form = browser.page.forms[0]
    fields = {name: value for name, value in form.fields.items() if name != "without"}
    form.fields = fields
    assert browser.submit(form, decline="1").status_code == 400
    assert "Check the box" in browser.page.text
    browser.submit(browser.page.forms[0], decline="1", without="1")
    assert "You go on without recovery codes" in browser.page.text
    assert world.audited()[-1] == Event.SPARE_DECLINED
    browser.get("/account/factors/spare")
    assert _heading(browser) == "Second factors"


def test_nobody_else_makes_codes_without_a_mail(world: World, browser: Browser):
    """Only the session that has just enrolled a first factor and has not answered."""
    form = browser.page.forms[0]
    browser.submit(form, decline="1", without="1")
    browser.submit(form, codes="1")
    assert "mail_code" in browser.page.ids


@pytest.fixture
def of_old(world: World) -> Browser:
    """Somebody with one app from before anybody was asked, signing in with it."""
    person = world.account("of.long.ago")
    world.enrol("of.long.ago")
    world.change_account(person, spare_due=None)
    return _signed_in(world)


def _signed_in(world: World) -> Browser:
    made = world.browser()
    made.get("/login")
    made.sign_in("of.long.ago", PASSWORD)
    made.submit(made.page.forms[0], otp=world.code())
    world.clock.advance(seconds=30)
    return made


def test_who_enrolled_before_is_asked_once(world: World, of_old: Browser):
    """After a sign-in, and after the next one too; whoever goes on without is left alone."""
    assert _heading(of_old) == ASKED
    again = _signed_in(world)
    assert _heading(again) == ASKED
    again.submit(again.page.forms[0], decline="1", without="1")
    assert _heading(again).startswith("Welcome back")
    assert _heading(_signed_in(world)) != ASKED


def test_who_enrolled_before_confirms_codes_by_mail(of_old: Browser, mailed: Mailed):
    """The address was proved long ago: the codes come after the mailed code, and nothing is due."""
    assert of_old.submit(of_old.page.forms[0], codes="1").status_code == 200
    (letter,) = [one for one in mailed() if one.message == "factor_code"]
    of_old.submit(of_old.page.forms[0], mail_code=letter.values["code"])
    of_old.submit(of_old.page.forms[0])
    assert len(re.findall(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b", of_old.page.text)) == 10
    of_old.get("/account/factors/spare")
    assert _heading(of_old) == "Second factors"


def test_who_leaves_before_the_answer_is_asked_again(
    world: World, browser: Browser, mailed: Mailed
):
    """In the next session, not only in the one that enrolled."""
    assert _heading(browser) == ASKED
    with world.database.reading() as unit:
        asked = unit.execute(select(accounts.c.spare_due)).scalar_one()
    assert asked is True
