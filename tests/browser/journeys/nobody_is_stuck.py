"""Nobody is stuck: forms that are sent twice, courts that are not lost, a phone that is."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.enrolling import (
    APP,
    PASSWORD,
    add_app,
    confirm_by_mail,
    make_person,
    to_factors,
)
from tests.browser.looking import Look
from tests.browser.walking import (
    LEGACY_PASSWORD,
    expect_heading,
    fill_in,
    mailed_link,
    make_legacy,
    menu_bar,
    newest_mail,
)
from tests.demo.running import Running
from tests.infra.authenticator import app_of

NEW = "an orchard in November rain"


def _first_step(page: Page, demo: Running, username: str, court: str | None = None) -> None:
    page.goto(f"{demo.address(court or 'signon')}/login")
    fill_in(page, username=username, password=PASSWORD)


def _sign_out(page: Page, demo: Running) -> None:
    page.goto(f"{demo.address('signon')}/logout")
    page.locator("#logout").click()
    expect_heading(page, "You are signed out")


def test_a_double_click_is_one(demo: Running, new_page: NewPage):
    """The password, and the code of the app: the second click does not find it spent."""
    page = new_page(java_script_enabled=False)
    email = to_factors(page, demo, "double.clicker")
    secret = add_app(page, demo, email)
    other = new_page(java_script_enabled=False, viewport={"width": 375, "height": 800})
    _first_step(other, demo, "double.clicker")
    other.locator("#login").dblclick()
    fill_in(other, otp=app_of(secret).code())
    other.locator("#continue").dblclick()
    expect_heading(other, "Welcome")


def test_a_forgotten_password_ends_at_the_court(demo: Running, new_page: NewPage, look: Look):
    """In the browser in which it began; and in another one, where the mail was opened."""
    email = make_person(demo, "court.forgetter")
    page = new_page()
    _first_step(page, demo, "court.forgetter", "casb")
    page.get_by_role("link", name="Forgot your password?").click()
    fill_in(page, username="court.forgetter")
    page.locator("#send").click()
    link = mailed_link(page, demo, email, "new password")
    page.goto(link)
    fill_in(page, new_password=NEW)
    page.locator("#choose").click()
    expect_heading(page, "Your password is changed")
    look(page, "stuck-1-recovered")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    fill_in(page, username="court.forgetter", password=NEW)
    page.locator("#login").click()
    expect(page).to_have_url(f"{demo.address('casb')}/")

    page = new_page()
    _first_step(page, demo, "court.forgetter", "casb")
    page.get_by_role("link", name="Forgot your password?").click()
    fill_in(page, username="court.forgetter")
    page.locator("#send").click()
    newest_mail(page, demo, email, "new password", least=2)
    phone = new_page(viewport={"width": 375, "height": 800})
    phone.goto(mailed_link(phone, demo, email, "new password"))
    fill_in(phone, new_password=PASSWORD)
    phone.locator("#choose").click()
    phone.get_by_role("main").get_by_role("link", name="Sign in").click()
    expect(phone.get_by_text("Sign in to go on to")).to_be_visible()
    address = phone.get_by_role("main").locator("form").first.get_attribute("action") or ""
    assert re.search(r"journey=[a-z2-7]{26}-back$", address), address
    look(phone, "stuck-2-another-browser")


def test_after_an_upgrade_the_court_goes_on(demo: Running, new_page: NewPage, look: Look):
    """It does not say that anybody signed out; whoever did hears it as before."""
    page = new_page()
    make_legacy(demo, "legacy.goer")
    page.goto(f"{demo.address('casb')}/login")
    fill_in(page, username="legacy.goer", password=LEGACY_PASSWORD)
    page.locator("#login").click()
    expect(page).to_have_url(f"{demo.address('casb')}/")
    page.goto(f"{demo.address('signon')}/upgrade")
    if page.locator("#password").count():
        fill_in(page, password=LEGACY_PASSWORD)
        page.locator("#login").click()
    page.locator("#user_type").select_option("attorney")
    born = page.locator("#date_of_birth")
    if not born.input_value():
        born.fill("02/14/1958")
    page.locator("#continue").click()
    place = {"street": "9 Old Ferry Road", "city": "Coronado", "postal_code": "92118"}
    fill_in(page, **place, county="San Diego", phone="(619) 555-0130")
    page.locator("#state").fill("CA") if page.locator("input#state").count() else page.locator(
        "#state"
    ).select_option("CA")
    page.locator("#continue").click()
    fill_in(page, username="legacy.went", new_password="a tall mast in the morning fog")
    page.locator("#continue").click()
    page.locator("#confirm").dblclick()
    expect_heading(page, "Your account is upgraded")
    page.goto(f"{demo.address('casb')}/query")
    expect(page).to_have_url(f"{demo.address('casb')}/query")
    expect(page.get_by_text("Your sign-in has ended")).to_have_count(0)
    expect(menu_bar(page)).not_to_have_count(0)
    look(page, "stuck-3-court-after-upgrade")


def test_a_lost_phone_is_no_dead_end(demo: Running, new_page: NewPage, look: Look):
    """The way back is offered when the first app is added; without it, the removal that waits."""
    page = new_page()
    email = to_factors(page, demo, "phone.loser")
    page.locator("#add_app").click()
    confirm_by_mail(page, demo, email, APP)
    secret = "".join(page.locator("code.key").inner_text().split())
    fill_in(page, nickname="My phone", otp=app_of(secret).code())
    page.locator("#continue").click()
    expect_heading(page, "One more way in, before you need it")
    look(page, "stuck-4-spare")
    page.locator("#without").check()
    page.locator("#decline").click()
    _sign_out(page, demo)
    _first_step(page, demo, "phone.loser")
    page.locator("#login").click()
    fill_in(page, otp=app_of(secret).code())
    page.locator("#continue").click()
    expect_heading(page, "Welcome")

    other = new_page()
    _first_step(other, demo, "phone.loser")
    other.locator("#login").click()
    look(other, "stuck-5-second-step")
    other.get_by_role("link", name="What to do").click()
    expect_heading(other, "No code at hand?")
    look(other, "stuck-6-no-code")
    other.locator("#lost").check()
    other.locator("#ask_removal").click()
    expect(other.get_by_text("Your second factors will be removed")).to_be_visible()
    look(other, "stuck-7-removal-waits")
    assert "knows the password" in newest_mail(other, demo, email, "will be removed")["text"]

    # a browser that has shown a code before stops it, with the password alone
    _sign_out(page, demo)
    _first_step(page, demo, "phone.loser")
    page.locator("#login").click()
    expect(page.get_by_text("Your second factors will be removed")).to_be_visible()
    page.get_by_role("link", name="What to do").click()
    expect(page.locator("#keep_factors")).to_be_visible()
    look(page, "stuck-8-known-browser")
    page.locator("#keep_factors").click()
    expect(page.locator("#ask_removal")).to_be_visible()
    told = newest_mail(page, demo, email, "was changed", least=2)
    assert "stopped in a browser" in told["text"]


def test_help_says_whom_to_ask(demo: Running, page: Page, look: Look):
    """Who, when, and by which number, on every step."""
    for path in ("/login", "/help"):
        page.goto(f"{demo.address('signon')}{path}")
        expect(page.get_by_text("Central Time").first).to_be_visible()
    look(page, "stuck-9-help")
