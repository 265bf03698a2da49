"""Steps of journeys through a firm's console."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import arriving
from tests.browser.enrolling import PASSWORD, make_person
from tests.browser.walking import command, expect_heading, fill_in, go_on, mailed_link
from tests.demo.running import Running


def to_firm(page: Page, demo: Running, path: str = "") -> str:
    """To a page of the demo firm's console, as the firm itself; answers the firm's number."""
    person = demo.person("firm")
    at = f"{demo.address('signon')}/firm/{person['account_number']}"
    arriving.take_over(page, demo, "firm")
    page.goto(f"{at}/{path}".rstrip("/"))
    if page.locator("#login").count():
        fill_in(page, username=person["username"], password=person["password"])
        page.locator("#login").click()
        go_on(page, person)
        expect(page.locator("#otp")).to_have_count(0)
        arriving.keep(page, demo, "firm")
    expect(page.get_by_role("navigation", name="Marsh and Partners LLP")).to_be_visible()
    number: str = person["account_number"]
    return number


def invite(page: Page, demo: Running, number: str, last_name: str) -> None:
    """Invite a member from the console; one that is invited already stays."""
    to_firm(page, demo, "invitations/new")
    fill_in(page, account_number=number, last_name=last_name, remark="Joins the litigation team")
    page.locator("#acknowledged").check()
    page.locator("#send").click()
    expect_heading(page, "Invitations")


def offer_firm(page: Page, demo: Running, username: str) -> str:
    """Make a person whom the firm invites; answers their address."""
    email = make_person(demo, username)
    everybody = json.loads(command(demo, "accounts", "list", "--limit", "10000", "--json"))
    (number,) = [one["account_number"] for one in everybody if one["username"] == username]
    invite(page, demo, number, "Weir")
    page.context.clear_cookies()
    return email


def join_firm(page: Page, demo: Running, username: str) -> None:
    """Make a person who accepts, unless they have."""
    if (demo.folder, username) in _JOINED:
        return
    email = offer_firm(page, demo, username)
    page.goto(mailed_link(page, demo, email, "invites you"))
    fill_in(page, username=username, password=PASSWORD)
    page.locator("#login").click()
    page.locator("#accept").click()
    expect(page.locator("main")).to_contain_text("You are a member of the firm now")
    page.context.clear_cookies()
    _JOINED.add((demo.folder, username))


_JOINED: set[tuple[Path, str]] = set()
