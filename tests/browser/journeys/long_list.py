"""A court's list with more old hashes than somebody waits for."""

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.efiling import desk
from tests.browser.looking import Look
from tests.browser.test_console_pages import list_that_takes_long
from tests.browser.walking import fill_in
from tests.demo.running import Running


def test_a_long_list_is_imported_while_one_does_something_else(
    demo: Running, new_page: NewPage, look: Look
):
    """How far it is is seen by looking again; at the end the logins are there."""
    page = new_page()
    list_that_takes_long(page, demo)
    look(page, "long-list-1-progress")
    address = page.url
    for _ in range(120):
        page.goto(address)
        if page.get_by_role("link", name="Import another list").count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_role("link", name="Import another list")).to_be_visible()
    look(page, "long-list-2-done")
    desk(page, demo, "logins")
    fill_in(page, q="zzold200")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("zzold200")
