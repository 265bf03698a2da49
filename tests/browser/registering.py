"""Registering, as far as a test wants."""

import re
from collections.abc import Callable
from itertools import count

from playwright.sync_api import Page, expect

from tests.browser.walking import expect_heading, mailed_link
from tests.demo.running import Running

PASSWORD = "slow tide under the pier"
_NUMBERS = count(1)

Fill = Callable[[Page, dict[str, str]], None]


def somebody() -> dict[str, str]:
    """A person who has not registered yet."""
    number = next(_NUMBERS)
    return {
        "first_name": "Nora",
        "last_name": f"Quill{'abcdefghijklmnopqrstuvwxyz'[number]}",
        "email": f"nora{number}@newcomers.example",
        "date_of_birth": f"4/{number}/1976",
        "street": "1 Harbor Drive",
        "city": "San Diego",
        "state": "CA",
        "postal_code": "92101",
        "county": "San Diego",
        "phone": "619-555-0100",
        "username": f"nora.quill{number}",
        "new_password": PASSWORD,
    }


def type_in(page: Page, person: dict[str, str]) -> None:
    """Fill in the fields of the page that is shown, and continue."""
    for name, value in person.items():
        if page.locator(f"#{name}").count():
            page.locator(f"#{name}").fill(value)
    page.locator("#continue").click()


def to_step(
    page: Page, demo: Running, step: str, fill: Fill = type_in, *, start: str | None = None
) -> dict[str, str]:
    """From the first page to one of `about`, `address`, `sign-in`, `check`, `mail`."""
    person = somebody()
    page.goto(start or f"{demo.address('signon')}/register")
    if step == "about":
        return person
    for reached in ("address", "sign-in", "check"):
        fill(page, person)
        expect(page).to_have_url(re.compile(f"/{reached}$"))
        if step == reached:
            return person
    page.locator("#confirm").click()
    expect_heading(page, "Open the link in your mail")
    return person


def open_mail(page: Page, demo: Running, person: dict[str, str]) -> None:
    """Open the mailed link."""
    page.goto(mailed_link(page, demo, person["email"], "Confirm your address"))
    expect_heading(page, "Open your PACER account")
