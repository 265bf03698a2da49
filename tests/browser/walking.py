"""Steps that journeys share."""

import base64
import hashlib
import json
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path
from time import sleep
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.demo.running import Running
from tests.infra.authenticator import app_of
from tests.notices.reported import report

LEGACY_PASSWORD = "an old pier in the morning fog"
_MADE: set[tuple[Path, str]] = set()


def fill_in(page: Page, **fields: str) -> None:
    """Type into fields by their ids."""
    for name, value in fields.items():
        page.locator(f"#{name}").fill(value)


def sign_in(page: Page, demo: Running, purpose: str, court: str) -> None:
    """Log in at a court with the person of a purpose."""
    person = demo.person(purpose)
    page.goto(f"{demo.address(court)}/login")
    fill_in(page, username=person["username"], password=person["password"])
    page.locator("#login").click()
    go_on(page, person)
    expect(page).to_have_url(f"{demo.address(court)}/")


def go_on(page: Page, person: Mapping[str, Any]) -> None:
    """Through what comes after the password: the app's code, the redaction notice."""
    page.wait_for_load_state()
    if page.locator("#otp").count():
        fill_in(page, otp=app_of(person["totp_secret"]).code())
        page.locator("#continue").click()
    if page.locator("#redaction").count():
        page.locator("#redaction").check()
        page.locator("#continue").click()


def to_linking(page: Page, demo: Running, court: str) -> None:
    """From the court's menu to the page that asks for the legacy login."""
    page.goto(f"{demo.address(court)}/utilities")
    page.get_by_role("link", name="Link a CM/ECF account to my PACER account").click()
    expect(page.locator("#ecf_login")).to_be_visible()


def sign_in_as(
    page: Page, demo: Running, username: str, password: str, *, ends: str = "Welcome"
) -> None:
    """Sign in at the provider itself; `ends` is the heading that comes then."""
    page.goto(f"{demo.address('signon')}/login")
    fill_in(page, username=username, password=password)
    page.locator("#login").click()
    expect_heading(page, ends)


def make_legacy(demo: Running, username: str, *options: str) -> str:
    """A legacy account of that name, unless there is one; answers its password."""
    person = ["--kind", "individual", "--first-name", "Lou", "--last-name", "Alder"]
    person += ["--date-of-birth", "1961-03-04"]
    made = ["--username", username, "--email", "lou@alder.example"]
    made += ["--created-on", "2010-01-01", "--password-stdin"]
    if (demo.folder, username) not in _MADE:
        with suppress(subprocess.CalledProcessError):  # in a run before
            command(demo, "accounts", "create", *made, *(options or person), typed=LEGACY_PASSWORD)
        _MADE.add((demo.folder, username))
    return LEGACY_PASSWORD


def menu_bar(page: Page) -> Locator:
    """What a court's menu bar offers, to be waited for: a click's page may still be on its way."""
    return page.get_by_role("navigation", name="CM/ECF").get_by_role("listitem")


def expect_heading(page: Page, text: str) -> None:
    """The page's heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(re.escape(text)))


def mails_to(page: Page, demo: Running, address: str, *, least: int) -> list[dict[str, Any]]:
    """The mails to an address, once the outbox has delivered that many."""
    found: list[dict[str, Any]] = []
    for _ in range(100):
        everything = page.request.get(f"{demo.address('mailbox')}/messages.json").json()
        found = [mail for mail in everything if mail["to"] == address]
        if len(found) >= least:
            break
        sleep(0.1)
    assert len(found) >= least, f"no mail to {address}"
    return found


def newest_mail(
    page: Page, demo: Running, address: str, subject: str, *, least: int = 1
) -> dict[str, Any]:
    """The newest mail of that subject to an address, once there are so many."""
    found: list[dict[str, Any]] = []
    for _ in range(100):
        everything = mails_to(page, demo, address, least=1)
        found = [mail for mail in everything if subject in mail["subject"]]
        if len(found) >= least:
            break
        sleep(0.1)
    assert len(found) >= least, f"no mail {subject!r} to {address}"
    return found[0]


def mailed_link(page: Page, demo: Running, address: str, subject: str) -> str:
    """The first link of such a mail that carries a token."""
    text = newest_mail(page, demo, address, subject)["text"]
    return re.findall(r"^https?://\S+\?token=\S+", text, re.MULTILINE)[0]


def mail_comes_back(page: Page, demo: Running, address: str) -> None:
    """The server of an address reports that it could not deliver the newest mail to it."""
    newest = mails_to(page, demo, address, least=1)[0]
    (file,) = (demo.folder / "mail").glob(f"*-{newest['id']}.eml")
    returned = message_from_bytes(file.read_bytes())["message-id"]
    typed = report(returned, address).decode()
    assert json.loads(command(demo, "mail", "report", "--json", typed=typed))["marked"]


def command(demo: Running, *arguments: str, typed: str = "") -> str:
    """What `signon …` says to an operator of the demonstration."""
    return demo.command(*arguments, typed=typed)


def hand_over(
    demo: Running, file: Path, login: str, password: str, first_name: str, last_name: str
) -> None:
    """A legacy login of casb that no other journey uses."""
    digest = hashlib.sha1(password.encode() + b"salt", usedforsecurity=False).digest()
    hashed = "{SSHA}" + base64.b64encode(digest + b"salt").decode()
    line = f"{login},{hashed},{first_name},{last_name},,{login}@home.example,attorney,active\n"
    file.write_text(f"login,password_hash,first_name,last_name,bar_id,email,role,status\n{line}")
    command(demo, "ecf", "import", "casb", str(file))
