"""Being signed in without signing in: most states of pages are about what comes after."""

from pathlib import Path
from time import monotonic
from typing import Any

from playwright.sync_api import Page

from tests.browser import walking
from tests.demo.running import Running

FRESH_SECONDS = 120
"""Well within the five minutes in which a sign-in counts as fresh."""
_Key = tuple[Path, str, str]
_SIGNED_IN: dict[_Key, tuple[float, list[Any]]] = {}


def sign_in(page: Page, demo: Running, purpose: str, court: str) -> None:
    """`walking.sign_in`, or what is left of it from an earlier state."""
    key = (demo.folder, purpose, court)
    if _taken_over(page, key):
        page.goto(demo.address(court))
        if page.locator("#logout").count():
            return
    walking.sign_in(page, demo, purpose, court)
    _keep(page, key)


def sign_in_as(page: Page, demo: Running, username: str, password: str) -> None:
    """`walking.sign_in_as`, or what is left of it from an earlier state."""
    key = (demo.folder, username, "")
    if _taken_over(page, key):
        page.goto(f"{demo.address('signon')}/login")
        if not page.locator("#login").count():
            return
    walking.sign_in_as(page, demo, username, password)
    _keep(page, key)


def take_over(page: Page, demo: Running, purpose: str) -> bool:
    """The sign-in at the provider of somebody whom `keep` was told of; False: there is none."""
    return _taken_over(page, (demo.folder, purpose, "provider"))


def keep(page: Page, demo: Running, purpose: str) -> None:
    """Let later states go on from here: an app shows a new code twice a minute and no oftener."""
    _keep(page, (demo.folder, purpose, "provider"))


def _taken_over(page: Page, key: _Key) -> bool:
    since, cookies = _SIGNED_IN.get(key, (0.0, []))
    if not cookies or monotonic() - since > FRESH_SECONDS:
        return False
    page.context.add_cookies(cookies)
    return True


def _keep(page: Page, key: _Key) -> None:
    _SIGNED_IN[key] = monotonic(), page.context.cookies()
