"""A firm from its registration to a member who moves on to another one."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.enrolling import add_app
from tests.browser.firms import invite
from tests.browser.looking import Look
from tests.browser.walking import expect_heading, fill_in, go_on, mailed_link
from tests.demo.running import Running

FIRM, ADDRESS = "Quay Street Partners", "quay@partners.example"
USERNAME, PASSWORD = "quay.partners", "nine herons on a cold pier"
ABOUT = {
    "firm_name": FIRM, "first_name": "Petra", "last_name": "Quay", "email": ADDRESS,
    "date_of_birth": "4/28/1976", "street": "9 Quay Street", "city": "San Diego", "state": "CA",
    "postal_code": "92101", "county": "San Diego", "phone": "619-555-0100",
}  # fmt: skip


def test_a_firm_and_its_member(demo: Running, new_page: NewPage, look: Look):
    """Register, protect, invite; accept; move to another firm; every filing link stays."""
    office, person = new_page(), demo.person("linked_attorney")
    number = _register(office, demo)
    look(office, "firm-overview")
    office.get_by_role("link", name="Invite somebody").click()
    _invite(office, person["account_number"], "Marsh")
    look(office, "firm-invitations")

    member = new_page(java_script_enabled=False, viewport={"width": 320, "height": 800})
    _open_mail(member, demo, number)
    expect(member.locator("main")).to_contain_text(f"{FIRM} is billed for your searches")
    member.locator("#accept").click()
    expect(member.locator("main")).to_contain_text("You are a member of the firm now")
    links = _links(member, demo)
    assert links

    library = new_page()
    other = demo.person("firm")["account_number"]
    invite(library, demo, person["account_number"], "Marsh")
    member.context.clear_cookies()
    _open_mail(member, demo, other)
    expect(member.locator("main")).to_contain_text(f"You leave {FIRM} ({number})")
    member.locator("#accept").click()
    assert _links(member, demo) == links
    member.goto(f"{demo.address('signon')}/firm-invitations")
    expect(member.locator("main")).to_contain_text("You are a member of Marsh and Partners LLP")

    office.goto(f"{demo.address('signon')}/firm/{number}/activity")
    expect(office.get_by_role("table")).to_contain_text("Moved to another firm")
    look(office, "firm-activity")


def _register(page: Page, demo: Running) -> str:
    """From the form to the firm's overview; answers the firm's number."""
    page.goto(f"{demo.address('signon')}/register/firm")
    fill_in(page, **ABOUT)
    page.locator("#continue").click()
    expect_heading(page, "Open the mail")
    page.goto(mailed_link(page, demo, ADDRESS, "Confirm your address"))
    fill_in(page, username=USERNAME, new_password=PASSWORD)
    page.locator("#register").click()
    expect_heading(page, f"{FIRM} is registered")
    page.get_by_role("link", name="Sign in").first.click()
    fill_in(page, username=USERNAME, password=PASSWORD)
    page.locator("#login").click()
    expect_heading(page, "Your account needs a second factor")
    page.goto(f"{demo.address('signon')}/account/factors")
    add_app(page, demo, ADDRESS)
    page.goto(f"{demo.address('signon')}/firm")
    expect(page.get_by_role("navigation", name=FIRM)).to_be_visible()
    found = re.search(r"/firm/(\d{7})", page.url)
    assert found
    return found[1]


def _invite(page: Page, number: str, last_name: str) -> None:
    fill_in(page, account_number=number, last_name=last_name, remark="Joins the maritime team")
    page.locator("#acknowledged").check()
    page.locator("#send").click()
    expect(page.locator("main")).to_contain_text("on its way")


def _open_mail(page: Page, demo: Running, number: str) -> None:
    person = demo.person("linked_attorney")
    page.goto(mailed_link(page, demo, "lena.marsh@lawoffice.example", f"Firm {number} invites you"))
    fill_in(page, username=person["username"], password=person["password"])
    page.locator("#login").click()
    go_on(page, person)
    expect_heading(page, "Firms")


def _links(page: Page, demo: Running) -> list[str]:
    """The person's filing logins by court, as the account's pages show them."""
    page.goto(f"{demo.address('signon')}/account/courts")
    section = page.get_by_role("region", name="Courts where you file")
    return section.get_by_role("row").all_inner_texts()
