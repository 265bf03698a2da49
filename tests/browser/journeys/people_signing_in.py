"""People who could not go on: mail that comes back, a second old login, an approval by mistake."""

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
    mail_comes_back,
    mailed_link,
    mails_to,
    sign_in_as,
)
from tests.demo.running import Running
from tests.filing.conftest import HEADER, line
from tests.filing.conftest import PASSWORD as LEGACY


def test_mail_that_comes_back_is_mended(demo: Running, page: Page, look: Look):
    """Told at the sign-in; a link that is mailed there proves that the address works again."""
    email = make_person(demo, "back.mailbox")
    page.goto(f"{demo.address('signon')}/forgot-password")
    fill_in(page, username="back.mailbox")
    page.locator("#send").click()
    expect_heading(page, "Check your mail")
    mail_comes_back(page, demo, email)
    sign_in_as(page, demo, "back.mailbox", PASSWORD, ends="Mail does not reach you")
    look(page, "stuck-1-mail-comes-back")
    page.locator("#check").click()
    page.goto(f"{demo.address('signon')}/account/security")
    expect(page.get_by_text("Mail does not reach you")).to_be_visible()
    page.goto(mailed_link(page, demo, email, "Does mail reach you here?"))
    look(page, "stuck-2-this-address-works")
    page.locator("#confirm").click()
    expect_heading(page, "Your e-mail address works")
    page.goto(f"{demo.address('signon')}/account/security")
    expect(page.get_by_text("Mail does not reach you")).to_have_count(0)


def test_two_old_logins_become_one_right(demo: Running, page: Page, look: Look, tmp_path: Path):
    """Linked, then the second one is proved as well: one right with the roles of both."""
    file = tmp_path / "two.csv"
    names = {"first_name": "Ines", "last_name": "Weir"}
    first = line("iweirone", **names, email="one@weir.example")
    second = line("iweirtwo", **names, email="two@weir.example", role="mediator")
    file.write_text("\n".join([HEADER, first, second]))
    command(demo, "ecf", "import", "cacd", str(file))
    make_person(demo, "ines.two")
    sign_in_as(page, demo, "ines.two", PASSWORD)
    at = f"{demo.address('signon')}/courts/cacd/link"
    page.goto(at)
    fill_in(page, ecf_login="iweirone", ecf_password=LEGACY)
    page.locator("#link").click()
    page.locator("#confirm").click()
    expect_heading(page, "Redaction rules")
    page.locator("#redaction").check()
    page.locator("#continue").click()
    expect_heading(page, "Your filing login is linked")
    page.goto(at)
    look(page, "stuck-3-a-second-login")
    page.get_by_role("link", name="I have a second login here").click()
    fill_in(page, ecf_login="iweirtwo", ecf_password=LEGACY)
    page.locator("#link").click()
    expect_heading(page, "Is this your filing login?")
    look(page, "stuck-4-whose-second-login")
    page.locator("#confirm").click()
    expect_heading(page, "Your filing login is linked")
    assert len(mails_to(page, demo, "two@weir.example", least=1)) == 1
    page.goto(f"{demo.address('signon')}/account/courts")
    expect(page.get_by_text("Attorney, Mediator")).to_be_visible()
    expect(page.get_by_text("And iweirtwo")).to_be_visible()
    look(page, "stuck-5-courts")


def test_an_approval_by_mistake_is_given_back(demo: Running, new_page: NewPage, look: Look):
    """The clerk sees old logins beside the registration, approves, and takes it back."""
    applicant, clerk = new_page(), new_page()
    register(applicant, demo, "given.back", until="status")
    desk(clerk, demo, "registrations")
    fill_in(clerk, q="given.back")  # others have registered under that name
    clerk.get_by_role("button", name="Search").click()
    expect(clerk.get_by_role("link", name="Ines Weir")).to_have_count(1)
    clerk.get_by_role("link", name="Ines Weir").click()
    clerk.get_by_role("link", name="Approve").click()
    clerk.locator("#approve").click()
    clerk.get_by_role("link", name="Give it back to the applicant").click()
    look(clerk, "stuck-6-give-back")
    fill_in(clerk, return_message="The wrong creditor was named.")
    clerk.locator("#return").click()
    expect(clerk.get_by_text("Returned to the applicant").first).to_be_visible()
    applicant.goto(f"{demo.address('signon')}/courts/casb/register/status")
    expect(applicant.get_by_text("The wrong creditor was named.").first).to_be_visible()
