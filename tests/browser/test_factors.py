"""A passkey; what else can be a second factor is among the journeys."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.enrolling import (
    PASSKEY,
    PASSWORD,
    confirm_by_mail,
    make_person,
    to_factors,
)
from tests.browser.walking import expect_heading, fill_in
from tests.demo.running import Running


def test_a_passkey_as_second_step_and_alone(demo: Running, new_page: NewPage):
    """Made once, then it signs in after the password, and without one."""
    page = new_page()
    with_authenticator(page)
    email = to_factors(page, demo, "key.owner")
    page.locator("#add_passkey").click()
    confirm_by_mail(page, demo, email, PASSKEY)
    expect_heading(page, "Add a passkey")
    fill_in(page, nickname="My laptop")
    page.locator("#continue").click()
    expect(page.get_by_text("The passkey is added")).to_be_visible()

    sign_out(page, demo)
    first_step(page, demo, "key.owner")
    page.locator("#passkey").click()
    expect_heading(page, "One more way in, before you need it")
    page.locator("#without").check()
    page.locator("#decline").click()
    expect_heading(page, "Welcome back")

    sign_out(page, demo)
    page.goto(f"{demo.address('signon')}/login")
    page.locator("#passkey").click()
    expect_heading(page, "Welcome back")


def first_step(page: Page, demo: Running, username: str) -> None:
    """Username and password, up to the page for the second factor."""
    make_person(demo, username)
    page.goto(f"{demo.address('signon')}/login")
    fill_in(page, username=username, password=PASSWORD)
    page.locator("#login").click()
    expect_heading(page, "Enter your code")


def sign_out(page: Page, demo: Running) -> None:
    """At the provider itself."""
    page.goto(f"{demo.address('signon')}/logout")
    page.locator("#logout").click()


def with_authenticator(page: Page) -> None:
    """Chromium's own authenticator, with a finger that is always there."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
