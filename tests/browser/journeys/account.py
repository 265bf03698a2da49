"""What people do with their own account."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.enrolling import PASSWORD, make_person
from tests.browser.looking import Look
from tests.browser.walking import (
    expect_heading,
    fill_in,
    mailed_link,
    mails_to,
    sign_in,
    sign_in_as,
)
from tests.demo.running import Running
from tests.infra.browser import Browser


@pytest.mark.parametrize(("scripts", "name"), [(False, "plain.mover"), (True, "script.mover")])
def test_another_address(demo: Running, new_page: NewPage, scripts: bool, name: str):
    """Change the e-mail, confirm it at the new address, agree at the old one, on a phone."""
    old, new = make_person(demo, name), f"{name}@new.example"
    page = new_page(java_script_enabled=scripts, viewport={"width": 320, "height": 800})
    sign_in_as(page, demo, name, PASSWORD)
    page.get_by_role("link", name="Security", exact=True).click()
    expect_heading(page, "Security")
    page.locator("a[href='/account/email']").click()
    fill_in(page, email=new)
    page.locator("#email").press("Enter")
    expect(page.get_by_text("is not in use yet")).to_be_visible()

    mails_to(page, demo, new, least=1)
    reader = new_page(java_script_enabled=scripts)
    reader.goto(mailed_link(reader, demo, new, "Confirm your new e-mail address"))
    expect(reader.get_by_text(new)).to_be_visible()
    reader.locator("#confirm").press("Enter")
    expect_heading(reader, "Your e-mail address changes soon")
    page.reload()
    expect(page.get_by_text(f"agree by the mail to {old}")).to_be_visible()

    reader.goto(mailed_link(reader, demo, old, "Another e-mail address was asked for"))
    expect_heading(reader, "Change your e-mail address?")
    reader.locator("#confirm").press("Enter")
    expect_heading(reader, "Your e-mail address is changed")
    page.goto(f"{demo.address('signon')}/account/security")
    expect(page.get_by_role("region", name="Signing in")).to_contain_text(new)


def test_another_password_by_keyboard(demo: Running, new_page: NewPage):
    """What is wrong is said while typing; this browser stays signed in, another one does not."""
    person = demo.person("limited_creditor")
    page, other = new_page(), new_page()
    for one in (page, other):
        sign_in(one, demo, "limited_creditor", "casb")
        one.goto(f"{demo.address('signon')}/account/security")
    page.get_by_role("link", name="Change the password").press("Enter")
    page.locator("#current_password").press_sequentially(person["password"])
    # past the button that shows it
    page.keyboard.press("Tab")
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


def test_signing_in_while_somebody_hammers(demo: Running, new_page: NewPage, look: Look):
    """The owner's own browser is not held up; the account says what happened, and so does a mail."""
    email = make_person(demo, "hammered.owner")
    page, stranger = new_page(), new_page()
    sign_in_as(page, demo, "hammered.owner", PASSWORD)
    leave(page, demo)
    with hammering(demo, "hammered.owner") as answers:
        stranger.goto(f"{demo.address('signon')}/login")
        fill_in(stranger, username="hammered.owner", password=PASSWORD)
        stranger.locator("#login").click()
        expect(stranger.get_by_text("then try again").first).to_be_visible()
        sign_in_as(page, demo, "hammered.owner", PASSWORD)
    assert {403, 429} <= set(answers)
    page.goto(f"{demo.address('signon')}/account/security")
    expect(
        page.get_by_text(re.compile("[45] failed attempts since your last sign-in"))
    ).to_be_visible()
    look(page, "account-after-failed-attempts")
    page.get_by_role("link", name="When, and from where").click()
    expect(page.get_by_text("A sign-in with your username failed").first).to_be_visible()

    stranger.goto(recovery_link(stranger, demo, email))
    fill_in(stranger, new_password=PASSWORD)
    stranger.locator("#new_password").press("Enter")
    expect_heading(stranger, "Your password is changed")
    with hammering(demo, "hammered.owner"):
        sign_in_as(stranger, demo, "hammered.owner", PASSWORD)


@contextmanager
def hammering(demo: Running, username: str) -> Iterator[list[int]]:
    """Somebody types wrong passwords for a name as fast as he can, until the block ends."""
    answers: list[int] = []
    waits, over = Event(), Event()

    def hammer() -> None:
        with httpx2.Client(base_url=demo.address("signon")) as http:
            attacker = Browser(http)
            attacker.get("/login")
            while not over.wait(0.05):
                answers.append(attacker.sign_in(username, "a guess and nothing more").status_code)
                if answers[-1] == 429:
                    waits.set()

    thread = Thread(target=hammer)
    thread.start()
    try:
        assert waits.wait(30)
        yield answers
    finally:
        over.set()
        thread.join()


def recovery_link(page: Page, demo: Running, email: str) -> str:
    """Asks for a link to choose a password, and answers it from the mail."""
    page.goto(f"{demo.address('signon')}/forgot-password")
    fill_in(page, username=email)
    page.locator("#username").press("Enter")
    expect_heading(page, "Check your mail")
    return mailed_link(page, demo, email, "password")


def leave(page: Page, demo: Running) -> None:
    """Sign out at the provider."""
    page.goto(f"{demo.address('signon')}/logout")
    page.locator("#logout").click()
    expect_heading(page, "signed out")
