"""Who must have a second factor: filers put it off, then are blocked; a court asks for two."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.enrolling import PASSWORD, add_app, make_person
from tests.browser.looking import Look
from tests.browser.walking import (
    command,
    expect_heading,
    fill_in,
    go_on,
    menu_bar,
    newest_mail,
)
from tests.demo.running import Running, running

PACER = ["Query", "Reports", "Utilities", "Log out"]
DUE = "Your account needs a second factor"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demonstration that requires a second factor of filers."""
    folder = tmp_path_factory.mktemp("strict") / "data"
    with running(folder, SIGNON_FILER_SECOND_FACTOR="required") as started:
        yield started


def test_three_skips_then_no_filing_until_there_is_one(
    strict: Running, new_page: NewPage, look: Look
):
    """Each skip is mailed; searching goes on; the court's next token lifts the block."""
    person = strict.person("trustee")
    email = "tessa.quill@trustee.example"
    page = new_page()
    for left in (3, 2, 1, 0):
        page = new_page(java_script_enabled=False) if left else new_page()
        _begin(page, strict, "casb", person["username"], person["password"])
        expect_heading(page, DUE)
        words = f"put it off {left} more time" if left else "You cannot file until you have one"
        expect(page.locator("main")).to_contain_text(words)
        if not left:
            look(page, "second-factor-4-no-skip-left")
        page.locator("#skip").click()
        go_on(page, person)
        expect_heading(page, "Main menu")
        assert (menu_bar(page).all_inner_texts() == PACER) is (left == 0)
        if left:
            # the first was mailed with the right
            assert newest_mail(page, strict, email, "needs a second factor", least=5 - left)
    expect(page.locator("main")).to_contain_text("You cannot file until your PACER account has")
    page.goto(f"{strict.address('casb')}/whoami")
    expect(page.locator("main")).to_contain_text('"ecf_blocked_by"')
    look(page, "second-factor-5-blocked")

    page.goto(f"{strict.address('signon')}/account/factors")
    add_app(page, strict, email)
    page.goto(f"{strict.address('casb')}/whoami")
    page.locator("#refresh").click()
    token = page.locator("pre").nth(1)
    expect(token).to_contain_text('"ecf_status": "active"')
    expect(token).not_to_contain_text("ecf_blocked_by")
    page.goto(strict.address("casb"))
    expect(menu_bar(page)).not_to_have_text(PACER)


def test_a_court_that_demands_two_factors(strict: Running, new_page: NewPage, look: Look):
    """Signed in by a password elsewhere; this court asks for more, and gets it."""
    command(strict, "courts", "set", "cacd", "--sign-in-level", "aal2")
    email = make_person(strict, "step.upper")
    page = new_page()
    _begin(page, strict, "casb", "step.upper", PASSWORD)
    expect_heading(page, "Main menu")
    page.goto(f"{strict.address('cacd')}/login")
    expect_heading(page, DUE)
    expect(page.locator("main")).to_contain_text("asks for a sign-in with two factors")
    expect(page.locator("#skip")).to_have_count(0)
    look(page, "step-up-1-demanded")
    page.locator("#cancel").click()
    expect_heading(page, "You did not sign in")
    page.goto(f"{strict.address('cacd')}/login")
    page.locator("#continue").click()
    add_app(page, strict, email)
    page.get_by_role("link", name="Go on to where you were going").click()
    expect_heading(page, "Main menu")
    page.goto(f"{strict.address('cacd')}/whoami")
    expect(page.locator("pre").nth(1)).to_contain_text("/assurance/aal/2")


def _begin(page: Page, demo: Running, court: str, username: str, password: str) -> None:
    """Username and password on the way to a court."""
    page.goto(f"{demo.address(court)}/login")
    fill_in(page, username=username, password=password)
    page.locator("#login").click()
