"""Four people call: “Why is my login invalid?” A clerk reads each answer off the page."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.arriving import keep
from tests.browser.conftest import NewPage
from tests.browser.efiling import desk, register
from tests.browser.enrolling import PASSWORD, make_person
from tests.browser.looking import Look
from tests.browser.walking import expect_heading, fill_in, hand_over, mailed_link, sign_in_as
from tests.demo.running import Running

NOBODY, OLD_LOGIN, LINKS, WAITS = "tesa.quill", "ocaller", "lucy.links", "wanda.waits"
TRUSTEE, TRUSTEE_ADDRESS = "casb.trustee", "tessa.quill@trustee.example"
ON_FILE = f"{OLD_LOGIN}@home.example"


def test_four_callers(demo: Running, new_page: NewPage, look: Look, tmp_path: Path):
    """A name that nobody has, a wrong password, an old login in the wrong place, a wait."""
    hand_over(demo, tmp_path / "logins.csv", OLD_LOGIN, "Pelican-2013", "Otto", "Caller")
    _tries(new_page(), demo, NOBODY, "any password")
    _tries(new_page(), demo, TRUSTEE, "not this one")
    _tries(new_page(), demo, OLD_LOGIN, "Pelican-2013")
    _links_with_a_wrong_password(new_page(), demo)
    register(new_page(), demo, WAITS, until="status")
    clerk = new_page()
    desk(clerk, demo, "find")
    look(clerk, "help-desk-0-empty")
    _nobody_has_that_name(clerk, look)
    _the_password_was_wrong(clerk, demo, look)
    _an_old_login(clerk, demo, look)
    _the_court_has_not_decided(clerk, look)
    keep(clerk, demo, "court_staff")


def _nobody_has_that_name(clerk: Page, look: Look) -> None:
    _look_for(clerk, NOBODY)
    expect(clerk.get_by_text("Nobody of this court is found")).to_be_visible()
    expect(clerk.get_by_text("or there is no such account")).to_be_visible()
    look(clerk, "help-desk-1-nobody")


def _the_password_was_wrong(clerk: Page, demo: Running, look: Look) -> None:
    """One click mails the way on, to the account's address, which the clerk need not know."""
    _look_for(clerk, "tessa quill")
    clerk.get_by_role("table").get_by_role("link", name="Tessa Quill").click()
    expect_heading(clerk, "Tessa Quill")
    expect(clerk.get_by_text("The password was wrong").first).to_be_visible()
    look(clerk, "help-desk-2-wrong-password")
    clerk.get_by_role("button", name="Mail a password link").click()
    expect(clerk.get_by_text("on its way to the account’s own address")).to_be_visible()
    look(clerk, "help-desk-3-mailed")
    assert mailed_link(clerk, demo, TRUSTEE_ADDRESS, "assword")


def _an_old_login(clerk: Page, demo: Running, look: Look) -> None:
    """Typed at the sign-in by one caller, and with a wrong password at linking by another."""
    _look_for(clerk, OLD_LOGIN)
    clerk.get_by_role("table").get_by_role("link", name=OLD_LOGIN).click()
    expect_heading(clerk, OLD_LOGIN)
    expect(clerk.get_by_text("not at the sign-in").first).to_be_visible()
    wrong = "The court has this login, but the password was wrong"
    expect(clerk.get_by_text(wrong).first).to_be_visible()
    look(clerk, "help-desk-4-old-login")
    clerk.get_by_role("button", name="Mail a proof").click()
    expect(clerk.get_by_text("is on its way to the address on file")).to_be_visible()
    look(clerk, "help-desk-5-proof-mailed")
    assert mailed_link(clerk, demo, ON_FILE, "Link your filing login")


def _the_court_has_not_decided(clerk: Page, look: Look) -> None:
    _look_for(clerk, f"{WAITS}@home.example")
    clerk.get_by_role("table").get_by_role("link").first.click()
    expect(clerk.get_by_text("has not decided yet").first).to_be_visible()
    look(clerk, "help-desk-6-waiting")


def _look_for(clerk: Page, said: str) -> None:
    clerk.goto(re.sub(r"/court/casb/.*", "/court/casb/find", clerk.url))
    fill_in(clerk, q=said)
    clerk.locator("#find").click()
    expect(clerk.get_by_text("Tried at this court with exactly these words")).to_be_visible()


def _tries(page: Page, demo: Running, username: str, password: str) -> None:
    """Somebody begins at the court, and is not let in."""
    page.goto(f"{demo.address('casb')}/login")
    fill_in(page, username=username, password=password)
    page.locator("#login").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def _links_with_a_wrong_password(page: Page, demo: Running) -> None:
    make_person(demo, LINKS)
    sign_in_as(page, demo, LINKS, PASSWORD)
    page.goto(f"{demo.address('signon')}/courts/casb/link")
    fill_in(page, ecf_login=OLD_LOGIN, ecf_password="Pelican-2031")
    page.locator("#link").click()
    expect(page.get_by_role("alert").first).to_be_visible()
