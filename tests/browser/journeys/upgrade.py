"""Upgrading a legacy account, as people do it."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import PICTURES, NewPage
from tests.browser.test_journeys import PACER
from tests.browser.walking import (
    expect_heading,
    fill_in,
    go_on,
    mails_to,
    make_legacy,
    menu_bar,
    newest_mail,
    sign_in,
)
from tests.demo.running import Running

PASSWORD = "a tall mast in the morning fog"


def picture(page: Page, name: str) -> None:
    """Keep what is shown."""
    page.screenshot(path=PICTURES / f"upgrade-{name}.png", full_page=True)


def test_from_a_courts_linking_page_and_back(demo: Running, new_page: NewPage):
    """Without scripts: linking refuses → upgrade → linking → linked → back at the court, filing."""
    page = new_page(java_script_enabled=False, viewport={"width": 1000, "height": 800})
    person = demo.person("legacy")
    ecf = next(one for one in person["ecf"] if one["court"] == "cacd")
    sign_in(page, demo, "legacy", "cacd")
    expect(menu_bar(page)).to_have_text(PACER)
    page.goto(f"{demo.address('cacd')}/utilities")
    page.get_by_role("link", name="Link a CM/ECF account to my PACER account").click()
    expect_heading(page, "Your filing login was not linked")
    picture(page, "0-refused")
    page.get_by_role("link", name="Upgrade my account").click()

    expect_heading(page, "Upgrade your account")
    expect(page.locator("#last_name")).to_have_value("Bishop")
    page.locator("#user_type").select_option("attorney")
    fill_in(page, email="hal@bishop.example")
    picture(page, "1-person")
    page.locator("#continue").click()
    expect(page.locator("#county")).to_have_value("San Diego")
    picture(page, "2-address")
    page.locator("#continue").click()
    fill_in(page, username="hal.bishop", new_password="short")
    page.locator("#continue").click()
    expect(page.locator("#username")).to_have_value("hal.bishop")
    picture(page, "3-security-refused")
    fill_in(page, new_password=PASSWORD)
    page.locator("#continue").click()
    expect_heading(page, "Check and confirm")
    picture(page, "4-confirm")
    page.locator("#confirm").click()
    expect_heading(page, "Your account is upgraded")
    picture(page, "5-done")
    for subject in ("account is upgraded", "account was changed"):
        newest_mail(page, demo, "hal.bishop@bishop.example", subject)
    mails = mails_to(page, demo, "hal@bishop.example", least=2)
    assert any("/account/email/confirm?token=" in mail["text"] for mail in mails)

    page.get_by_role("link", name="Link your filing login").click()
    fill_in(page, ecf_login=ecf["login"], ecf_password=ecf["password"])
    page.locator("#link").click()
    page.locator("#confirm").click()
    expect_heading(page, "Redaction rules")
    go_on(page, person)
    expect_heading(page, "Your filing login is linked")
    picture(page, "6-linked")
    page.get_by_role("link", name="Return to the court").click()
    page.goto(f"{demo.address('cacd')}/login")
    expect(page).to_have_url(f"{demo.address('cacd')}/")
    expect(menu_bar(page)).to_have_text(["Civil", "Criminal", *PACER])
    picture(page, "7-court")


def test_by_keyboard_on_a_small_screen(demo: Running, new_page: NewPage):
    """Tab, type, Enter, at 320 px; with scripts the password's rules follow what is typed."""
    old = make_legacy(demo, "la1001")
    page = new_page(viewport={"width": 320, "height": 800})
    page.goto(f"{demo.address('signon')}/upgrade")
    type_in(page, "la1001", old)
    expect_heading(page, "Upgrade your account")
    walk_to(page, "user_type")
    page.keyboard.press("i")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_heading(page, "Your address")
    walk_to(page, "street")
    type_in(page, "1 Pier", "Astoria", "OR", "97103", "Clatsop")
    expect(page.get_by_role("alert")).to_be_focused()
    picture(page, "small-address")
    walk_to(page, "phone")
    type_in(page, "503-555-0177")
    expect_heading(page, "Username and password")
    walk_to(page, "username")
    page.keyboard.type("lou.alder")
    walk_to(page, "new_password")
    page.keyboard.type(PASSWORD)
    expect(page.locator("#new_password-state")).to_contain_text("is met")
    picture(page, "small-security")
    page.keyboard.press("Enter")
    expect_heading(page, "Check and confirm")
    picture(page, "small-confirm")
    walk_to(page, "confirm")
    page.keyboard.press("Enter")
    expect_heading(page, "Your account is upgraded")
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert beyond <= 0
    picture(page, "small-done")


def walk_to(page: Page, name: str) -> None:
    """Press Tab until the element with that id has the focus."""
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {name}")


def type_in(page: Page, *texts: str) -> None:
    """Type into one field after the other, then Enter."""
    for number, text in enumerate(texts):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
