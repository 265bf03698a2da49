"""Registering as people do it: without scripts, with the keyboard alone, sent by a court."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import PICTURES, NewPage
from tests.browser.registering import PASSWORD, open_mail, to_step
from tests.browser.walking import expect_heading, fill_in, mailed_link, to_linking
from tests.demo.running import Running


def test_without_scripts_sent_by_a_court(demo: Running, new_page: NewPage):
    """From the court's own sign-in, by the mail, back to the court, signed in and able to link."""
    page = new_page(java_script_enabled=False)
    page.goto(f"{demo.address('casb')}/login")
    page.get_by_role("link", name="Create an account").click()
    start = page.url
    page.goto("about:blank")
    person = to_step(page, demo, "mail", start=start)
    page.screenshot(path=PICTURES / "register-mail-without-scripts.png", full_page=True)
    open_mail(page, demo, person)
    page.locator("#confirm").click()
    expect_heading(page, "Your account is open")
    page.screenshot(path=PICTURES / "register-done-without-scripts.png", full_page=True)
    page.get_by_role("link", name="Sign in", exact=True).first.click()
    fill_in(page, username=person["username"], password=PASSWORD)
    page.locator("#login").click()
    expect(page).to_have_url(f"{demo.address('casb')}/")
    to_linking(page, demo, "casb")


def test_by_the_keyboard_alone_on_a_phone(demo: Running, new_page: NewPage):
    """Tab, typing, Enter and Space reach everything at 320 px; the order is that of reading."""
    page = new_page(viewport={"width": 320, "height": 800})
    person = to_step(page, demo, "check", _type_by_keyboard)
    page.screenshot(path=PICTURES / "register-check-keyboard-320.png", full_page=True)
    _tab_to(page, "confirm")
    page.keyboard.press("Space")
    expect_heading(page, "Open the link in your mail")
    page.goto(mailed_link(page, demo, person["email"], "Confirm your address"))
    _tab_to(page, "confirm")
    page.keyboard.press("Enter")
    expect_heading(page, "Your account is open")
    page.screenshot(path=PICTURES / "register-done-keyboard-320.png", full_page=True)


def _type_by_keyboard(page: Page, person: dict[str, str]) -> None:
    """Every field in the order of Tab, then the button."""
    while (name := _tab(page)) != "continue":
        if name in person:
            page.keyboard.press("Control+A")
            page.keyboard.type(person[name])
    page.keyboard.press("Enter")


def _tab(page: Page) -> str:
    """The id of what has the focus next."""
    page.keyboard.press("Tab")
    found: str = page.evaluate("document.activeElement.id")
    return found


def _tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        if _tab(page) == name:
            return
    raise AssertionError(f"Tab does not reach #{name}")
