"""Somebody with a single name has an account like everybody else."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import Look
from tests.browser.registering import PASSWORD, open_mail, to_step, type_in
from tests.browser.walking import expect_heading, sign_in_as
from tests.demo.running import Running


def test_registering_with_one_name(demo: Running, new_page: NewPage, look: Look):
    """From the first page to the account's own, on a phone."""
    page = new_page(viewport={"width": 375, "height": 800})
    person = to_step(page, demo, "check", _with_one_name)
    expect(page.get_by_text(person["last_name"], exact=True).first).to_be_visible()
    look(page, "one-name-1-check")
    page.locator("#confirm").click()
    expect_heading(page, "Open the link in your mail")
    open_mail(page, demo, person)
    page.locator("#confirm").click()
    expect_heading(page, "Your account is open")
    sign_in_as(page, demo, person["username"], PASSWORD, ends=f"Welcome, {person['last_name']}")
    look(page, "one-name-2-home")


def _with_one_name(page: Page, person: dict[str, str]) -> None:
    type_in(page, {**person, "first_name": ""})
