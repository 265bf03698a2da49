"""Registering for e-filing and deciding on it, in a browser."""

from playwright.sync_api import Page, expect

from tests.browser import arriving
from tests.browser.arriving import sign_in_as
from tests.browser.enrolling import PASSWORD, make_person
from tests.browser.walking import fill_in, go_on
from tests.demo.running import Running

PDF = {"name": "order.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 an order"}
STEPS = ("what", "details", "delivery", "documents", "check", "status")


def register(page: Page, demo: Running, username: str, *, until: str) -> None:
    """A creditor at casb, as far as the step named; what was done before is gone through again."""
    make_person(demo, username)
    sign_in_as(page, demo, username, PASSWORD)
    address = f"{demo.address('signon')}/courts/casb/register"
    page.goto(address)
    if page.url.endswith("/status") or until == "what":
        page.goto(f"{address}/{until}")
        return
    if page.locator("#registration").count():
        page.locator("#registration").select_option("non_attorney.limited_creditor")
        page.locator("#continue").click()
    page.goto(f"{address}/details")
    go_through(page, until)


def go_through(page: Page, until: str) -> None:
    """From the second step on."""
    if until == "details":
        return
    fill_in(page, organization="Harbor Credit Union")
    page.locator("#continue").click()
    page.locator("#continue").click()
    expect(page.locator("#document")).to_be_visible()
    if until == "documents":
        return
    page.locator("#document").set_input_files(PDF)  # type: ignore[arg-type]
    page.locator("#add").click()
    page.get_by_role("link", name="Continue").click()
    if until == "check":
        return
    page.locator("#terms").check()
    page.locator("#policies").check()
    page.locator("#send").click()
    expect(page.get_by_role("heading", name="Waiting for the court")).to_be_visible()


def desk(page: Page, demo: Running, section: str) -> None:
    """A section of casb's console, for the demo's member of its staff."""
    arriving.take_over(page, demo, "court_staff")
    page.goto(f"{demo.address('signon')}/court/casb/{section}")
    if page.locator("#username").count() and page.locator("#login").count():
        person = demo.person("court_staff")
        fill_in(page, username=person["username"], password=person["password"])
        page.locator("#login").click()
        go_on(page, person)
        expect(page.locator("#otp")).to_have_count(0)
        arriving.keep(page, demo, "court_staff")
    expect(page.get_by_role("navigation", name="Southern District of California")).to_be_visible()
