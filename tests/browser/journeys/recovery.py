"""Getting a password, and another one when it is forgotten, by mailed links."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import Look
from tests.browser.walking import command, expect_heading, fill_in, mailed_link, newest_mail
from tests.demo.running import Running

NAME, ADDRESS = "robin.forgets", "robin@forgets.example"
PERSON = (
    *("--kind", "individual", "--username", NAME, "--email", ADDRESS),
    *("--first-name", "Robin", "--last-name", "Forgets", "--date-of-birth", "1980-04-05"),
)


def test_a_first_password_and_a_second_one(demo: Running, new_page: NewPage, look: Look):
    """An operator makes the account; its owner chooses a password, forgets it, chooses another.
    Nothing on the way needs JavaScript.
    """
    page = new_page(java_script_enabled=False, viewport={"width": 320, "height": 800})
    command(demo, "accounts", "create", *PERSON)
    page.goto(mailed_link(page, demo, ADDRESS, "Choose the password"))
    _choose(page, "lanterns over the harbor")
    _sign_in(page, demo, "lanterns over the harbor")

    forgets = new_page(java_script_enabled=False)
    forgets.goto(f"{demo.address('signon')}/login")
    forgets.get_by_role("link", name="Forgot your username?").click()
    fill_in(forgets, email=ADDRESS)
    forgets.locator("#send").click()
    expect_heading(forgets, "Check your mail")
    assert NAME in newest_mail(forgets, demo, ADDRESS, "username")["text"]
    forgets.goto(f"{demo.address('signon')}/forgot-password")
    fill_in(forgets, username=NAME)
    forgets.locator("#send").click()
    expect_heading(forgets, "Check your mail")
    link = mailed_link(forgets, demo, ADDRESS, "new password")
    forgets.goto(link)
    _choose(forgets, "an orchard in November rain")
    _sign_in(forgets, demo, "an orchard in November rain")
    page.goto(demo.address("signon"))
    expect_heading(page, "One account for every court")
    page.goto(link)
    expect_heading(page, "Your password was not changed")
    assert newest_mail(page, demo, ADDRESS, "was changed", least=2)


def test_the_link_s_page(demo: Running, page: Page, look: Look):
    """It follows the rules while somebody types."""
    page.goto(f"{demo.address('signon')}/forgot-password")
    fill_in(page, username="leo.grant@creditunion.example")
    look(page, "recovery-1-forgot")
    page.keyboard.press("Enter")
    expect_heading(page, "Check your mail")
    look(page, "recovery-2-sent")
    page.goto(mailed_link(page, demo, "leo.grant@creditunion.example", "new password"))
    expect(page.locator("#new_password")).to_be_focused()
    page.keyboard.type("short")
    look(page, "recovery-3-choose")


def _choose(page: Page, password: str) -> None:
    fill_in(page, new_password=password)
    page.locator("#choose").click()
    expect_heading(page, "Your password is changed")


def _sign_in(page: Page, demo: Running, password: str) -> None:
    page.goto(f"{demo.address('signon')}/login")
    fill_in(page, username=NAME, password=password)
    page.locator("#login").click()
    expect_heading(page, "Welcome")
