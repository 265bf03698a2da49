"""Filing rights in a browser: a lost password, a call to the help desk, a clerk's decision."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.efiling import desk, register
from tests.browser.enrolling import PASSWORD, make_person
from tests.browser.looking import Look
from tests.browser.walking import (
    command,
    expect_heading,
    fill_in,
    mailed_link,
    menu_bar,
    sign_in,
    sign_in_as,
)
from tests.demo.running import Running
from tests.filing.conftest import HEADER, line


def test_a_lost_password(demo: Running, page: Page, new_page: NewPage, look: Look, tmp_path: Path):
    """The founding pages' worry: the mail takes the password's place, in whatever browser."""
    file = tmp_path / "casb.csv"
    names = {"first_name": "Ines", "last_name": "Weir", "email": "filings@weir.example"}
    file.write_text("\n".join([HEADER, line("iweir", **names)]))
    command(demo, "ecf", "import", "casb", str(file))
    make_person(demo, "ines.weir")
    sign_in_as(page, demo, "ines.weir", PASSWORD)
    page.goto(f"{demo.address('signon')}/courts/casb/ready")
    look(page, "rights-1-not-yet")
    page.get_by_role("link", name="Link a filing login").click()
    page.get_by_role("link", name="I do not know my ECF login or password").click()
    look(page, "rights-2-lost")
    fill_in(page, known="Filings@Weir.example")
    page.locator("#send").click()
    expect_heading(page, "Check your mail")

    phone = new_page(viewport={"width": 390, "height": 844})
    phone.goto(mailed_link(phone, demo, "filings@weir.example", "Link your filing login"))
    fill_in(phone, username="ines.weir", password=PASSWORD)
    phone.locator("#login").click()
    expect_heading(phone, "Prove your filing login")
    assert "token" not in phone.url
    look(phone, "rights-3-proof")
    phone.locator("#prove").click()
    expect_heading(phone, "Is this your filing login?")
    phone.locator("#confirm").click()
    expect_heading(phone, "Redaction rules")
    phone.locator("#redaction").check()
    phone.locator("#continue").click()
    expect_heading(phone, "Your filing login is linked")
    page.goto(f"{demo.address('signon')}/courts/casb/ready")
    expect(page.get_by_text("Yes, you can file here")).to_be_visible()
    look(page, "rights-4-ready")


def test_why_somebody_cannot_file(demo: Running, new_page: NewPage, look: Look):
    """The help desk finds the caller by number and reads the list that the caller sees."""
    caller = new_page()
    register(caller, demo, "phone.caller", until="status")
    number = command(demo, "accounts", "list", "--json")
    found = re.search(r'"account_number": "(\d{7})"[^{}]*"username": "phone.caller"', number)
    assert found, number[:500]
    page = new_page()
    desk(page, demo, "filers")
    fill_in(page, q=found[1])
    page.locator("#search").click()
    page.get_by_role("link", name=re.compile("Look at account")).click()
    expect(page.get_by_text("The court has the registration").first).to_be_visible()
    look(page, "rights-5-help-desk")
    caller.goto(f"{demo.address('signon')}/courts/casb/ready")
    expect(caller.get_by_text("The court has the registration").first).to_be_visible()


def test_a_clerk_suspends_somebody_who_is_signed_in(demo: Running, new_page: NewPage, look: Look):
    """The court is told at once, and the filer goes on there without a filing menu: nobody is said
    to have signed out.
    """
    filer, clerk = new_page(), new_page()
    sign_in(filer, demo, "limited_creditor", "casb")
    before = menu_bar(filer).all_inner_texts()
    desk(clerk, demo, "filers")
    fill_in(clerk, q="lgrant")
    clerk.locator("#search").click()
    clerk.get_by_role("table").get_by_role("link").first.click()
    clerk.get_by_role("link", name="Suspend the filing rights").click()
    fill_in(clerk, suspend_reason="Claims were filed twice")
    clerk.locator("#suspend").click()
    expect(clerk.get_by_text("The filing rights are suspended.").first).to_be_visible()
    look(clerk, "rights-6-suspended")
    for _ in range(50):
        filer.goto(demo.address("casb"))
        assert not filer.get_by_text("Your sign-in has ended").count()
        if filer.get_by_text("Your filing rights are suspended").count():
            break
        filer.wait_for_timeout(200)
    expect(filer.get_by_text("Your filing rights are suspended").first).to_be_visible()
    assert set(menu_bar(filer).all_inner_texts()) < set(before)
    look(filer, "rights-7-no-filing-menu")
    clerk.locator("#restore").click()
    expect(clerk.get_by_text("The suspension is ended.").first).to_be_visible()
