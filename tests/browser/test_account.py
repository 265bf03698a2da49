"""What people do with their own account."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.walking import expect_heading, fill_in, mailed_link, mails_to, sign_in
from tests.demo.running import Running


@pytest.mark.parametrize(
    ("scripts", "purpose"), [(False, "linked_attorney"), (True, "limited_creditor")]
)
def test_another_address_and_back(demo: Running, new_page: NewPage, scripts: bool, purpose: str):
    """Change the e-mail, confirm it at the new address, undo it from the old one, on a phone."""
    new = f"{purpose.replace('_', '.')}@new.example"
    page = new_page(java_script_enabled=scripts, viewport={"width": 320, "height": 800})
    sign_in(page, demo, purpose, "casb")
    page.goto(demo.address("signon"))
    page.get_by_role("link", name="Your account").click()
    expect_heading(page, "Your account")
    old = page.locator("dd", has=page.locator("a[href='/account/email']")).inner_text().split()[0]
    page.locator("a[href='/account/email']").click()
    fill_in(page, email=new)
    page.locator("#email").press("Enter")
    expect(page.get_by_text("One more step")).to_be_visible()

    mails_to(page, demo, new, least=1)
    reader = new_page(java_script_enabled=scripts)
    reader.goto(mailed_link(reader, demo, new, "Confirm your new e-mail address"))
    expect(reader.get_by_text(new)).to_be_visible()
    reader.locator("#confirm").press("Enter")
    expect_heading(reader, "Your e-mail address is changed")
    page.reload()
    expect(page.get_by_text(new)).to_be_visible()

    reader.goto(mailed_link(reader, demo, old, "Your e-mail address was changed"))
    expect_heading(reader, "Change the e-mail address back")
    reader.locator("#confirm").press("Enter")
    expect_heading(reader, "Your e-mail address is what it was before")
    page.goto(f"{demo.address('signon')}/account")
    expect(page.get_by_text(new)).to_have_count(0)
    expect(page.locator("dd", has=page.locator("a[href='/account/email']"))).to_contain_text(old)


def test_another_password_by_keyboard(demo: Running, new_page: NewPage):
    """What is wrong is said while typing; this browser stays signed in, another one does not."""
    person = demo.person("limited_creditor")
    page, other = new_page(), new_page()
    for one in (page, other):
        sign_in(one, demo, "limited_creditor", "casb")
        one.goto(f"{demo.address('signon')}/account")
    page.get_by_role("link", name="Change the password").press("Enter")
    page.locator("#current_password").press_sequentially(person["password"])
    page.keyboard.press("Tab")
    new = "four grey herons by the weir"
    page.keyboard.type(new)
    page.keyboard.press("Enter")
    expect(page.get_by_text("this browser stays signed in")).to_be_visible()
    other.reload()
    expect(other.locator("#login")).to_be_visible()
    # as it was, for everybody else who walks here
    page.goto(f"{demo.address('signon')}/account/password")
    fill_in(page, current_password=new, password=person["password"])
    page.locator("#save").click()
    expect(page.get_by_text("this browser stays signed in")).to_be_visible()
