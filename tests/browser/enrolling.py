"""Steps of whoever sets up a second factor."""

import re
import subprocess
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.walking import command, expect_heading, fill_in, newest_mail, sign_in_as
from tests.demo.running import Running
from tests.infra.authenticator import app_of

APP = "add an authenticator app"
PASSKEY = "add a passkey"
CODES = "make new recovery codes"
PASSWORD = "seven slow barges go upstream"
_MADE: set[tuple[Path, str]] = set()


def make_person(demo: Running, username: str) -> str:
    """An upgraded individual, unless there is one; answers the e-mail address."""
    email = f"{username}@home.example"
    person = ["--kind", "individual", "--first-name", "Ines", "--last-name", "Weir"]
    person += ["--date-of-birth", "1979-05-06", "--username", username, "--email", email]
    if (demo.folder, username) not in _MADE:
        with suppress(subprocess.CalledProcessError):  # in a run before
            command(demo, "accounts", "create", *person, "--password-stdin", typed=PASSWORD)
        _MADE.add((demo.folder, username))
    return email


def to_factors(page: Page, demo: Running, username: str) -> str:
    """A fresh sign-in, and on to the second factors; answers the e-mail address."""
    email = make_person(demo, username)
    sign_in_as(page, demo, username, PASSWORD)
    page.goto(f"{demo.address('signon')}/account/factors")
    expect_heading(page, "Second factors")
    return email


def confirm_by_mail(page: Page, demo: Running, email: str, doing: str) -> None:
    """Type the code of the newest mail about that."""
    expect_heading(page, "Confirm with the mailed code")
    mail = newest_mail(page, demo, email, f"Your code to {doing}")
    found = re.search(r"^ *([0-9]{6})\s*$", mail["text"], re.MULTILINE)
    assert found
    fill_in(page, mail_code=found[1])
    page.locator("#continue").click()


def add_app(page: Page, demo: Running, email: str) -> str:
    """Enrol an app, as a person who types its key does; answers the secret."""
    page.locator("#add_app").click()
    confirm_by_mail(page, demo, email, APP)
    expect_heading(page, "Add an authenticator app")
    secret = "".join(page.locator("code.key").inner_text().split())
    fill_in(page, nickname="My phone", otp=app_of(secret).code())
    page.locator("#continue").click()
    expect(page.get_by_text("The app is added")).to_be_visible()
    if page.locator("#decline").count():
        page.locator("#without").check()
        page.locator("#decline").click()
        expect(page.get_by_text("You go on without recovery codes")).to_be_visible()
    return secret
