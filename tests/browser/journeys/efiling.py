"""From a registration for e-filing to the first filing, with the court's staff in between."""

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.efiling import PDF, desk
from tests.browser.enrolling import PASSWORD, make_person
from tests.browser.looking import Look
from tests.browser.walking import expect_heading, fill_in, go_on, mails_to, menu_bar
from tests.demo.running import Running

NAME = "cora.creditor"


def test_a_creditor_registers_and_files(demo: Running, new_page: NewPage, look: Look):
    """Registers, is returned, corrects, is approved, is certified, files as limited creditor."""
    address = make_person(demo, NAME)
    page = new_page()
    page.goto(f"{demo.address('casb')}/login")
    fill_in(page, username=NAME, password=PASSWORD)
    page.locator("#login").click()
    expect_heading(page, "Main menu")
    page.goto(f"{demo.address('casb')}/utilities")
    page.get_by_role("link", name="Register for e-filing").click()
    expect(page.get_by_role("link", name="Electronic Proof of Claim")).to_be_visible()
    look(page, "efiling-1-what-for")
    page.locator("#registration").select_option("non_attorney.limited_creditor")
    page.locator("#continue").click()
    fill_in(page, organization="Harbor Credit Union")
    page.locator("#continue").click()
    page.locator("#continue").click()
    page.locator("#document").set_input_files(PDF)  # type: ignore[arg-type]
    page.locator("#add").click()
    page.get_by_role("link", name="Continue").click()
    page.locator("#terms").check()
    page.locator("#policies").check()
    look(page, "efiling-2-check")
    page.locator("#send").click()
    expect(page.get_by_role("heading", name="Waiting for the court")).to_be_visible()
    look(page, "efiling-3-waiting")

    clerk = new_page()
    desk(clerk, demo, "registrations")
    clerk.get_by_role("row", name="Ines Weir").get_by_role("link").last.click()
    clerk.get_by_role("link", name="Return for correction").click()
    fill_in(clerk, return_message="Which branch do you file for?")
    clerk.locator("#return").click()
    expect(clerk.locator("main")).to_contain_text("went back to the applicant")

    assert mails_to(page, demo, address, least=2)
    page.reload()
    expect(page.locator("main")).to_contain_text("Which branch do you file for?")
    look(page, "efiling-4-returned")
    page.get_by_role("link", name="Correct it").click()
    fill_in(page, organization="Harbor Credit Union, San Diego branch")
    page.locator("#continue").click()
    page.goto(f"{demo.address('signon')}/courts/casb/register/check")
    page.locator("#terms").check()
    page.locator("#policies").check()
    page.locator("#send").click()
    expect(page.get_by_role("heading", name="Waiting for the court")).to_be_visible()

    clerk.reload()
    expect(clerk.locator("main")).to_contain_text("San Diego branch")
    clerk.get_by_role("link", name="Approve").click()
    fill_in(clerk, conditions="Claims of the San Diego branch only")
    look(clerk, "efiling-5-deciding")
    clerk.locator("#approve").click()
    expect(clerk.locator("main")).to_contain_text("The registration is approved")
    number = clerk.locator("h1 + p").inner_text().rpartition(" ")[2].strip()
    page.reload()
    expect(page.get_by_role("heading", name="Approved")).to_be_visible()
    page.get_by_role("link", name="Go to the court").click()
    expect(page.locator("main")).to_contain_text("Your request to file here waits")

    desk(clerk, demo, "certificates/record")
    fill_in(clerk, account_number=number, certified_on="2026-03-02")
    clerk.locator("#role").select_option("limited_creditor")
    clerk.locator("#record").click()
    expect(clerk.get_by_role("table")).to_contain_text("Ines Weir")
    look(clerk, "efiling-6-certified")
    page.goto(f"{demo.address('casb')}/login")
    go_on(page, {})
    expect_heading(page, "Main menu")
    expect(menu_bar(page).first).to_have_text("File Claims")
    page.get_by_role("link", name="Proof of claim").click()
    fill_in(page, case="26-00318")
    page.locator("#file").click()
    expect(page.locator("main")).to_contain_text("Limited creditor")
    look(page, "efiling-7-filed")
