"""What an operator does for somebody on the telephone."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import Look
from tests.browser.walking import command, expect_heading, fill_in, go_on, mailed_link
from tests.demo.running import Running

NAME, ADDRESS = "casey.calls", "casey@calls.example"
PERSON = (
    *("--kind", "individual", "--username", NAME, "--email", ADDRESS),
    *("--first-name", "Casey", "--last-name", "Calls", "--date-of-birth", "1980-04-05"),
)


def test_helping_somebody(demo: Running, new_page: NewPage, look: Look):
    """Find, switch search off and on, start a recovery, disable, enable; without scripts."""
    command(demo, "accounts", "create", *PERSON)
    plain = new_page(java_script_enabled=False, viewport={"width": 320, "height": 800})
    _open(plain, demo)
    plain.locator("#search-off").click()
    plain.locator("#search-off").click()
    expect(plain.get_by_role("alert")).to_contain_text("Say why")
    fill_in(plain, search_reason="Fees of two quarters are unpaid")
    plain.locator("#search-off").click()
    expect(plain.locator("main")).to_contain_text("Case search is inactive.")
    _confirm(plain, "search-on")
    _confirm(plain, "recover")
    expect(plain.locator("main")).to_contain_text("is on its way")
    assert "token=" in mailed_link(plain, demo, ADDRESS, "Choose the password")
    plain.locator("#disable").click()
    expect_heading(plain, "Disable the account?")
    fill_in(plain, disable_reason="Asked to close it")
    plain.locator("#disable").click()
    expect(plain.locator("main")).to_contain_text("disabled: Asked to close it")

    page = new_page()
    _open(page, demo)
    look(page, "console-account")
    _confirm(page, "enable")
    expect(page.locator("#disable")).to_be_visible()


def _open(page: Page, demo: Running) -> None:
    page.goto(f"{demo.address('signon')}/operators")
    operator = demo.person("operator")
    fill_in(page, username=operator["username"], password=operator["password"])
    page.locator("#login").click()
    go_on(page, operator)
    expect_heading(page, "Overview")
    fill_in(page, q="casey calls")
    page.locator("#search").click()
    page.get_by_role("table").get_by_role("link").click()
    expect_heading(page, "Casey Calls")


def _confirm(page: Page, act: str) -> None:
    """Follow the link of an act, and press its button on the page that asks."""
    page.locator(f"#{act}").click()
    page.locator(f"button#{act}").click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
