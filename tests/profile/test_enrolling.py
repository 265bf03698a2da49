"""Enrolling a first factor on the account's pages, and what is offered then."""

import re

import pyotp

from signon.accounts.directory import Account
from signon.signin import own_sessions
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.profile.conftest import Mailed


def _add_app(world: World, browser: Browser, mailed: Mailed) -> None:
    browser.get("/account/factors")
    mailed()
    add = next(form for form in browser.page.forms if form.action.endswith("/add"))
    browser.submit(add, add="app")
    (told,) = mailed()
    browser.submit(browser.page.forms[0], mail_code=told.values["code"])
    assert browser.response is not None
    key = re.search(r'class="key"[^>]*>([A-Z2-7 ]+)<', browser.response.text)
    assert key
    now = pyotp.TOTP(key[1].replace(" ", "")).generate_otp(int(world.clock().timestamp()) // 30)
    browser.submit(browser.page.forms[0], nickname="Phone", otp=str(now))


@ON_ONE
def test_other_sessions_can_be_ended_with_the_first_factor(
    world: World, person: Account, holder: Browser, mailed: Mailed
):
    """They go on by a password alone; one button ends them, and no script is needed."""
    other = world.browser()
    other.get("/account")
    other.sign_in("a.attorney", PASSWORD)
    _add_app(world, holder, mailed)
    assert "The app is added" in holder.page.text
    holder.get("/account/factors")
    assert "You are signed in elsewhere too" in holder.page.text
    end = next(form for form in holder.page.forms if form.action.endswith("/end-others"))
    holder.submit(end)
    assert "Every other session is ended." in holder.page.text
    with world.database.reading() as unit:
        found = own_sessions.open_sessions(unit, world.find("a.attorney"), world.settings)
    assert len(found) == 1
    other.get("/account")
    assert "password" in other.page.ids
    # the second app finds nobody else
    _add_app(world, holder, mailed)
    assert "elsewhere too" not in holder.page.text
