"""Second factors: apps and recovery codes."""

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.enrolling import (
    CODES,
    PASSWORD,
    add_app,
    confirm_by_mail,
    to_factors,
)
from tests.browser.test_factors import first_step, sign_out
from tests.browser.walking import expect_heading, fill_in, mailed_link, sign_in_as
from tests.demo.running import Running
from tests.infra.authenticator import app_of


def test_an_app_and_recovery_codes_without_scripts(demo: Running, new_page: NewPage):
    """Enrol on a phone's width, sign in with the app, then with a recovery code."""
    page = new_page(java_script_enabled=False, viewport={"width": 320, "height": 800})
    email = to_factors(page, demo, "app.owner")
    secret = add_app(page, demo, email)
    page.locator("#add_codes").click()
    confirm_by_mail(page, demo, email, CODES)
    page.locator("#continue").click()
    expect_heading(page, "Your recovery codes")
    codes = page.locator(".codes .key").all_inner_texts()
    assert len(set(codes)) == 10
    assert mailed_link(page, demo, email, "Your PACER account was changed")

    for code in (app_of(secret).code(), codes[0]):
        other = new_page(java_script_enabled=False)
        first_step(other, demo, "app.owner")
        fill_in(other, otp=code)
        other.locator("#otp").press("Enter")
        expect_heading(other, "Welcome")
    other = new_page(java_script_enabled=False)
    first_step(other, demo, "app.owner")
    fill_in(other, otp=codes[0])
    other.locator("#continue").press("Enter")
    expect(other.get_by_role("alert")).to_contain_text("used before")


def test_the_last_factor_can_go_where_none_is_demanded(demo: Running, new_page: NewPage):
    """Rename it, remove it, and the password is enough again."""
    page = new_page()
    email = to_factors(page, demo, "app.remover")
    add_app(page, demo, email)
    page.get_by_text("Rename or remove").click()
    page.get_by_label("New name").fill("Old phone")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("Old phone").first).to_be_visible()
    page.get_by_text("Rename or remove").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("None yet")).to_be_visible()
    sign_out(page, demo)
    sign_in_as(page, demo, "app.remover", PASSWORD)
