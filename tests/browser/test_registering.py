"""Registering as people do it: without scripts, sent by a court."""

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.registering import PASSWORD, open_mail, to_step
from tests.browser.walking import expect_heading, fill_in, to_linking
from tests.demo.running import Running


def test_without_scripts_sent_by_a_court(demo: Running, new_page: NewPage):
    """From the court's own sign-in, by the mail, back to the court, signed in and able to link."""
    page = new_page(java_script_enabled=False)
    page.goto(f"{demo.address('casb')}/login")
    page.get_by_role("link", name="Create an account").click()
    start = page.url
    page.goto("about:blank")
    person = to_step(page, demo, "mail", start=start)
    open_mail(page, demo, person)
    page.locator("#confirm").click()
    expect_heading(page, "Your account is open")
    page.get_by_role("link", name="Sign in", exact=True).first.click()
    fill_in(page, username=person["username"], password=PASSWORD)
    page.locator("#login").click()
    expect(page).to_have_url(f"{demo.address('casb')}/")
    to_linking(page, demo, "casb")
