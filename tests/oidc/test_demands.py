"""A demand stands between the sign-in and the code (OpenID Connect Core section 3.1.2)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from signon.accounts.passwords import SKIPS
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

NEW_PASSWORD = "Fourteen quiet harbours!"


@pytest.fixture
def world(settings: Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A provider under PACER's password standard."""
    strict = settings.model_copy(update={"password_policy": "pacer"})
    made = World.make(strict, wire(database), clock)
    with made.http:
        yield made


def _is_asked(rp: RelyingParty) -> bool:
    response = rp.browser.response
    assert response is not None
    return response.status_code == 200 and response.url.path == "/account/password"


def test_a_due_password_is_put_off_three_times(world: World, party: MakeParty):
    """After 180 days each sign-in leads to the change, silently there is no code; a skip goes on.

    Then nothing but a new password does, and that goes on too.
    """
    account = world.account()
    world.change_account(account, password_changed_at=world.clock() - timedelta(days=180))
    rp = party()
    for left in ("3 times", "2 times", "once more"):
        rp = party(f"court-{left[0]}")
        rp.begin()
        rp.browser.sign_in("a.attorney", PASSWORD)
        assert _is_asked(rp)
        policy = rp.browser.response.headers["content-security-policy"]  # type: ignore[union-attr]
        assert "form-action 'self' https://ecf.casb.test" in policy
        assert f"put it off {left}" in rp.browser.page.text
        rp.begin(prompt="none")
        assert rp.error() == "interaction_required"
        rp.begin()
        assert _is_asked(rp)
        skip = rp.browser.page.forms[0]
        rp.browser.submit(skip)
        rp.tokens()
        rp.begin(prompt="none")
        rp.tokens()
        # the back button and a second press: counted once
        rp.browser.get("/account")
        rp.browser.submit(skip)
    assert world.find("a.attorney").password_skips == SKIPS
    rp = party("court-last")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert _is_asked(rp)
    assert "skip" not in rp.browser.page.ids
    form = rp.browser.page.forms[0]
    late = rp.browser.submit(replace(form, action=form.action + "/skip"))
    assert late.status_code == 409
    assert "can wait no longer" in rp.browser.page.text
    rp.browser.submit(form, current_password=PASSWORD, password=NEW_PASSWORD)
    rp.tokens()
    assert world.find("a.attorney").password_skips == 0
    assert world.audited().count("profile:password:put_off") == SKIPS


def test_without_a_journey_it_is_put_off_too(world: World):
    """Whoever just signs in goes on to the page that they would have seen."""
    account = world.account()
    world.change_account(account, password_changed_at=world.clock() - timedelta(days=180))
    browser = world.browser()
    browser.get("/login")
    browser.sign_in("a.attorney", PASSWORD)
    assert "skip" in browser.page.ids
    browser.submit(browser.page.forms[0])
    assert "Welcome" in browser.page.text


def test_a_frozen_account_signs_in_with_its_old_password(world: World, party: MakeParty):
    """Nothing about it can be changed, so nothing is asked; no filer misses a deadline for that."""
    account = world.account()
    old = world.clock() - timedelta(days=180)
    world.change_account(account, password_changed_at=old, frozen_at=world.clock())
    rp = party()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    rp.tokens()
