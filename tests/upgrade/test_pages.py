"""The pages of the upgrade: what they say of a problem, who gets to them, where they lead."""

from datetime import date, timedelta

import pytest

from signon.accounts.directory import Account
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.upgrade.conftest import (
    ADDRESS,
    NEW_NAME,
    NEW_PASSWORD,
    OLD_NAME,
    PAGES,
    PERSON,
    SECURITY,
    go,
    signed_in,
    to_confirm,
)

AWAY = "https://ecf.casb.test/utilities"


WRONG = (
    (
        ({"last_name": " "}, "last_name", "Enter your last name."),
        ({"date_of_birth": "14.2.1958"}, "date_of_birth", "as month/day/year"),
        ({"date_of_birth": "02/14/1758"}, "date_of_birth", "living person"),
        ({"date_of_birth": "02/30/1958"}, "date_of_birth", "as month/day/year"),
        ({"email": "nobody"}, "email", "e-mail address is not valid"),
        ({"user_type": ""}, "user_type", "Choose a user type"),
        ({"user_type": "judge"}, "user_type", "Choose a user type"),
    ),
    (
        ({"phone": "555-0130"}, "phone", "such as (619) 555-0100"),
        ({"county": ""}, "county", "Enter the county or parish."),
        ({"state": "Ruritania"}, "state", "two letters or its name"),
        ({"country": "Ruritania"}, "country", "such as United States"),
    ),
    (
        ({"username": OLD_NAME}, "username", "8 to 40 characters"),
        ({"username": "TAKEN.NAME"}, "username", "is taken"),
        ({"new_password": "short"}, "new_password", "too short"),
        ({"new_password": "BishopBishopBishop"}, "new_password", "your own name"),
        ({"new_password": ""}, "new_password", "Enter a password."),
    ),
)
"""What can be wrong at each step: what is typed, the field it belongs to, and what is said."""


@ON_ONE
def test_a_problem_is_named_and_nothing_typed_is_lost(world: World, legacy: Account):
    """The form comes back with what was typed, but for passwords; nothing is kept of it."""
    world.account("taken.name")
    browser = signed_in(world)
    browser.get("/upgrade")
    for step, (page, wrong) in enumerate(zip(PAGES, WRONG, strict=True), 1):
        for typed, field, words in wrong:
            answer = browser.submit(browser.page.forms[0], **{**page, **typed})
            assert answer.status_code == 400
            assert words in browser.page.text
            assert f'href="#{field}"' in answer.text
            assert NEW_PASSWORD not in answer.text
            _require_as_typed(browser, {**page, **typed})
        browser.get("/upgrade")
        assert f"Step {step} of 5" in browser.page.text
        go(browser, page)


def _require_as_typed(browser: Browser, typed: dict[str, str]) -> None:
    shown = browser.page.forms[0].fields
    for name, value in typed.items():
        if name not in {"new_password", "user_type"}:
            assert shown[name] == value


def test_the_old_name_and_password_may_stay_if_they_are_good_enough(world: World):
    """Typed anew they are checked like others, and then they are the ones that work."""
    world.account("long.enough", created_on=date(2009, 5, 4))
    browser = signed_in(world, "long.enough")
    browser.get("/upgrade")
    go(browser, PERSON)
    go(browser, ADDRESS)
    assert browser.page.forms[0].fields["username"] == "long.enough"
    go(browser, {"new_password": PASSWORD})
    browser.submit(browser.page.forms[0])
    world.clock.advance(seconds=1)  # what was signed in at that moment is ended
    signed_in(world, "long.enough", PASSWORD)


def test_a_stranger_signs_in_and_comes_back(world: World, legacy: Account):
    """With the upgraded account they are told that there is nothing to do; here, the first step."""
    browser = world.browser()
    browser.get("/upgrade")
    assert "Sign in with your old account." in browser.page.text
    browser.sign_in(OLD_NAME, PASSWORD)
    assert "Step 1 of 5" in browser.page.text


def test_an_old_sign_in_is_renewed_without_losing_anything(world: World, legacy: Account):
    """At the beginning and before the confirmation; in between, nobody is interrupted."""
    browser = signed_in(world)
    browser.get("/upgrade")
    world.clock.now += timedelta(seconds=301)
    for page in PAGES[:-1]:
        go(browser, page)
    browser.submit(browser.page.forms[0], **SECURITY)
    assert "Confirm your password" in browser.page.text
    browser.sign_in(OLD_NAME, PASSWORD)
    assert "Check and confirm" in browser.page.text
    world.clock.now += timedelta(seconds=301)
    browser.submit(browser.page.forms[0])
    browser.sign_in(OLD_NAME, PASSWORD)
    assert "Check and confirm" in browser.page.text
    assert "Your account is upgraded" in browser.submit(browser.page.forms[0]).text


def test_pages_that_are_not_due_lead_to_the_one_that_is(world: World, legacy: Account):
    """No step is skipped, and there is no page of another name."""
    browser = signed_in(world)
    for path in ("address", "security", "confirm", "firm", "done", "elsewhere"):
        browser.get(f"/upgrade/{path}")
        assert "Step 1 of 5" in browser.page.text
    to_confirm(browser)
    browser.get("/upgrade/address")
    assert browser.page.forms[0].fields["city"] == "Coronado"


def test_from_the_linking_page_and_back(world: World, legacy: Account):
    """Linking refuses a legacy account, offers the upgrade, and goes on after it."""
    world.go_live("casb", world.clock.now - timedelta(days=1))
    world.legacy_logins("casb", ["hbishop"])
    world.client(return_uris=[AWAY])
    browser = signed_in(world)
    refused = browser.get(f"/courts/casb/link?client_id=casb-cmecf&return_to={AWAY}")
    assert refused.status_code == 403
    assert "Upgrade your account now" in browser.page.text
    (offer,) = [
        part.split('"')[0]
        for part in refused.text.split('href="')[1:]
        if part.startswith("/upgrade")
    ]
    browser.get(offer)
    for page in PAGES:
        go(browser, page)
    done = browser.submit(browser.page.forms[0])
    links = [part.split('"')[0] for part in done.text.split('href="')[1:]]
    (on,) = [link for link in links if "journey" in link and "lang=" not in link]
    browser.get(on)
    browser.submit(browser.page.forms[0], ecf_login="hbishop", ecf_password=PASSWORD)
    linked = browser.submit(browser.page.forms[0])
    assert "Your filing login is linked" in linked.text
    assert f'href="{AWAY}"' in linked.text


@ON_ONE
def test_a_court_that_sent_somebody_gets_them_back(world: World, legacy: Account):
    """Cancel and the end lead to the address that the client has registered, and to no other."""
    world.client(return_uris=[AWAY])
    browser = world.browser()
    browser.get(f"/upgrade?client_id=casb-cmecf&return_to={AWAY}")
    assert "casb" in browser.page.text.casefold() or "CM/ECF" in browser.page.text
    shown = browser.sign_in(OLD_NAME, PASSWORD)
    assert "form-action 'self' https://ecf.casb.test" in shown.headers["content-security-policy"]
    browser.submit(browser.page.forms[1])
    assert browser.location == AWAY
    browser.get(f"/upgrade?client_id=casb-cmecf&return_to={AWAY}")
    for page in PAGES:
        go(browser, page)
    done = browser.submit(browser.page.forms[0])
    assert f'href="{AWAY}"' in done.text


@ON_ONE
@pytest.mark.parametrize("asked", ["client_id=casb-cmecf", "client_id=nobody"])
def test_no_other_address_is_believed(world: World, legacy: Account, asked: str):
    """An address that is not registered is ignored; the court's own stands in for it."""
    world.client(return_uris=[AWAY])
    browser = signed_in(world)
    browser.get(f"/upgrade?{asked}&return_to=https://evil.example/")
    browser.submit(browser.page.forms[1])
    assert browser.response is not None
    assert "evil" not in str(browser.response.url)
    if browser.response.is_redirect:
        assert browser.location == "https://ecf.casb.uscourts.gov"


@ON_ONE
def test_a_legacy_sign_in_is_told(world: World, legacy: Account):
    """The page of somebody who came from nowhere offers the upgrade, and only to them.

    The end leads to their account.
    """
    assert 'href="/upgrade"' in signed_in(world).get("/").text
    world.account("some.body")
    assert 'href="/upgrade"' not in signed_in(world, "some.body").get("/").text
    browser = signed_in(world)
    to_confirm(browser, username=NEW_NAME)
    done = browser.submit(browser.page.forms[0])
    assert 'class="btn" href="/account"' in " ".join(done.text.split())
    assert 'href="/upgrade"' not in browser.get("/").text
