"""What people do: sign in, link, file, cancel, err, go back, open tabs, sign out."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import Look
from tests.browser.walking import (
    expect_heading,
    fill_in,
    go_on,
    mails_to,
    menu_bar,
    sign_in,
    to_linking,
)
from tests.demo.running import Running

PACER = ["Query", "Reports", "Utilities", "Log out"]


def test_one_account_two_courts(demo: Running, page: Page, look: Look):
    """The issue's journey: sign in → PACER menu → link → mail → refresh → filing menus → the
    second court without a password.
    """
    person = demo.person("unlinked_attorney")
    ecf = person["ecf"][0]
    page.goto(demo.address("casb"))
    page.get_by_role("link", name="Log in to CM/ECF").click()
    fill_in(page, username=person["username"], password=person["password"])
    look(page, "journey-1-sign-in")
    page.locator("#login").click()
    expect_heading(page, "Main menu")
    expect(menu_bar(page)).to_have_text(PACER)
    look(page, "journey-2-pacer-menu")

    page.get_by_role("navigation").get_by_role("link", name="Utilities").click()
    page.get_by_role("link", name="Link a CM/ECF account to my PACER account").click()
    fill_in(page, ecf_login=ecf["login"], ecf_password=ecf["password"])
    page.locator("#link").click()
    expect_heading(page, "Is this your filing login?")
    look(page, "journey-3-whose-login")
    page.locator("#confirm").click()
    expect_heading(page, "Redaction rules")
    look(page, "journey-3b-redaction-rules")
    go_on(page, person)
    expect_heading(page, "Your filing login is linked")
    look(page, "journey-4-linked")
    assert mails_to(page, demo, "uri.novak@mail.example", least=1)
    assert mails_to(page, demo, "filings@novak.example", least=1)

    page.get_by_role("link", name="Return to the court").click()
    expect(page.get_by_text("You can file here now.")).to_be_visible()
    expect(menu_bar(page)).to_have_text(["Bankruptcy", "Adversary", *PACER])
    look(page, "journey-5-filing-menus")
    page.reload()
    expect(page.get_by_text("You can file here now.")).to_have_count(0)
    expect(menu_bar(page)).to_have_text(["Bankruptcy", "Adversary", *PACER])

    page.goto(demo.address("cacd"))
    page.get_by_role("link", name="Log in to CM/ECF").click()
    expect(page).to_have_url(f"{demo.address('cacd')}/")
    expect(menu_bar(page).last).to_have_text(PACER[-1])
    assert menu_bar(page).all_inner_texts()[-4:] == PACER
    look(page, "journey-6-second-court")


def test_the_same_without_scripts(demo: Running, new_page: NewPage):
    """Nothing on the way needs JavaScript."""
    page = new_page(java_script_enabled=False, viewport={"width": 320, "height": 800})
    ecf = demo.person("unlinked_attorney")["ecf"][1]
    sign_in(page, demo, "unlinked_attorney", "cacd")
    to_linking(page, demo, "cacd")
    fill_in(page, ecf_login=ecf["login"].lower(), ecf_password=ecf["password"])
    page.locator("#link").click()
    page.locator("#confirm").click()
    go_on(page, demo.person("unlinked_attorney"))
    page.get_by_role("link", name="Return to the court").click()
    expect(menu_bar(page)).to_have_text(["Civil", "Criminal", *PACER])
    page.goto(f"{demo.address('casb')}/login")
    go_on(page, demo.person("unlinked_attorney"))
    expect(page).to_have_url(f"{demo.address('casb')}/")


def test_cancel_at_the_sign_in(demo: Running, page: Page):
    """Cancel leads back to the court, where nobody is signed in."""
    page.goto(f"{demo.address('casb')}/login")
    page.locator("#cancel").click()
    expect_heading(page, "You did not sign in")
    page.get_by_role("link", name="Front page").first.click()
    expect(page.get_by_role("link", name="Log in to CM/ECF")).to_be_visible()


def test_cancel_while_linking(demo: Running, page: Page):
    """On either page of linking, Cancel changes nothing and leads back to the court."""
    sign_in(page, demo, "reader", "casb")
    to_linking(page, demo, "casb")
    page.locator("#cancel").click()
    expect(page).to_have_url(f"{demo.address('casb')}/")
    to_linking(page, demo, "casb")
    fill_in(page, ecf_login="hbishop", ecf_password="Lantern-2009")
    page.locator("#link").click()
    expect_heading(page, "Is this your filing login?")
    page.locator("#cancel").click()
    expect(page).to_have_url(f"{demo.address('casb')}/")
    expect(menu_bar(page)).to_have_text(PACER)
    page.go_back()
    expect_heading(page, "This page has expired")


def test_a_wrong_legacy_password(demo: Running, page: Page, look: Look):
    """The page says so, keeps the login, never the password; after several there is a wait."""
    sign_in(page, demo, "trustee", "cacd")
    to_linking(page, demo, "cacd")
    for _ in range(5):
        fill_in(page, ecf_login="CA204417", ecf_password="not-that-one")
        page.locator("#link").click()
        expect(page.locator("#ecf_login")).to_have_value("CA204417")
        expect(page.locator("#ecf_password")).to_have_value("")
    expect(page.get_by_role("alert")).to_be_focused()
    look(page, "link-wrong-password")
    fill_in(page, ecf_login="CA204417", ecf_password="not-that-one")
    page.locator("#link").click()
    expect(page.get_by_text("then try again").first).to_be_visible()
    look(page, "link-wait")


def test_a_wrong_password_at_the_sign_in(demo: Running, page: Page, look: Look):
    """One sentence for every reason; the username stays, the password does not."""
    page.goto(f"{demo.address('casb')}/login")
    fill_in(page, username="nobody.at.all", password="not the password at all")
    page.locator("#login").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#username")).to_have_value("nobody.at.all")
    expect(page.locator("#password")).to_have_value("")
    look(page, "login-refused")


def test_two_tabs(demo: Running, page: Page):
    """Two tabs begin a sign-in; whoever is signed in by the first goes on in the second."""
    other = page.context.new_page()
    person = demo.person("reader")
    for tab in (page, other):
        tab.goto(f"{demo.address('casb')}/login")
    for tab in (page, other):
        fill_in(tab, username=person["username"], password=person["password"])
        tab.locator("#login").click()
        expect(tab).to_have_url(f"{demo.address('casb')}/")
        expect(menu_bar(tab)).to_have_text(PACER)
    page.reload()
    expect(menu_bar(page)).to_have_text(PACER)


def test_the_back_button_after_a_sign_in(demo: Running, page: Page):
    """Going back to the sign-in page and forward again ends signed in, without an error."""
    sign_in(page, demo, "reader", "casb")
    page.go_back()
    page.goto(f"{demo.address('casb')}/")
    expect(menu_bar(page)).to_have_text(PACER)
    page.go_back()
    page.go_forward()
    expect(menu_bar(page)).to_have_text(PACER)


def test_signing_out_at_one_court_ends_the_other(demo: Running, page: Page, look: Look):
    """The court's front page says so, and the second court notices at the next click."""
    sign_in(page, demo, "reader", "casb")
    page.goto(f"{demo.address('cacd')}/login")
    expect(menu_bar(page)).to_have_text(PACER)
    page.goto(demo.address("casb"))
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are signed out")).to_be_visible()
    look(page, "court-signed-out")
    page.goto(f"{demo.address('cacd')}/query")
    expect_heading(page, "Your sign-in has ended")
    look(page, "court-ended")
    page.get_by_role("link", name="Log in again").click()
    expect(page.locator("#password")).to_be_visible()


def test_signing_out_at_the_provider_asks_first(demo: Running, page: Page):
    """Staying signed in is the other button; signing out ends the courts' sessions too."""
    sign_in(page, demo, "reader", "casb")
    page.goto(f"{demo.address('signon')}/logout")
    page.locator("#cancel").click()
    page.goto(demo.address("casb"))
    expect(menu_bar(page)).to_have_text(PACER)
    page.goto(f"{demo.address('signon')}/logout")
    page.locator("#logout").click()
    expect_heading(page, "You are signed out")
    page.goto(f"{demo.address('casb')}/query")
    expect_heading(page, "Your sign-in has ended")


def test_no_page_asks_for_anything_from_elsewhere(demo: Running, page: Page):
    """Every request goes to one of the four servers, and nothing is refused or broken."""
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    sign_in(page, demo, "linked_attorney", "casb")
    for path in ("/query", "/utilities", "/whoami"):
        page.goto(demo.address("casb") + path)
    page.goto(demo.address("mailbox"))
    page.goto(f"{demo.address('signon')}/courts")
    homes = tuple(f"{demo.address(name)}/" for name in ("signon", "casb", "cacd", "mailbox"))
    assert [url for url in asked if not url.startswith((*homes, "data:"))] == []
    assert complaints == []


@pytest.mark.parametrize("purpose", ["legacy", "shared", "operator"])
def test_who_cannot_link_is_told_why(demo: Running, page: Page, look: Look, purpose: str):
    """With the next step, and a way back to the court."""
    sign_in(page, demo, purpose, "casb")
    page.goto(f"{demo.address('casb')}/utilities")
    page.get_by_role("link", name="Link a CM/ECF account to my PACER account").click()
    expect_heading(page, "Your filing login was not linked")
    look(page, f"link-refused-{purpose}")
    page.get_by_role("link", name="Return to the court").click()
    expect(page).to_have_url(f"{demo.address('casb')}/")
