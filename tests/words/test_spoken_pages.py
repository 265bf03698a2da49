"""With a catalogue that marks what it says, a page holds nothing else but names and values."""

import re

import pytest

from signon.accounts.directory import Account
from signon.config import SITE_NAME
from signon.courts.places import STATES
from tests.infra.browser import Browser
from tests.infra.world import PASSWORD, World
from tests.words.pseudo import Words, speak_in_marks

STRANGERS = (
    "/",
    "/help",
    "/login",
    "/nowhere",
    "/forgot-password",
    "/forgot-username",
    "/register",
    "/register/firm",
    "/courts",
    "/courts/casb",
    "/courts/casd",
    "/courts/casb/ready",
    "/login?journey=abcdefghijklmnopqrstuvwxyz",
    "/password?token=x",
)
OWN = (
    "/",
    "/account",
    "/account/courts",
    "/account/security",
    "/account/apps",
    "/account/activity",
    "/account/name",
    "/account/address",
    "/account/phone",
    "/account/email",
    "/account/username",
    "/account/password",
    "/account/client-code",
    "/account/factors",
    "/account/dispute",
    "/firm-invitations",
    "/upgrade",
    "/courts/casb/link",
    "/courts/casb/link/lost",
    "/courts/casb/ready",
    "/courts/casb/register",
    "/courts/casb/register/status",
    "/logout",
)
NAMES = re.compile(
    rf"{SITE_NAME}|(?:United States|District Court|Judicial Panel|Court of)\b[\w .,]*|[\w.@-]+\.(?:org|gov)|a\.attorney|Ada Attorney|Firefox|Linux"
    r"|\d+ \w{3} 2026(, \d+:\d\d [ap]\.m\. UTC)?"
)
"""Of courts, hosts and people, and dates: they are the same in every language, or said by Babel."""


KEPT = {"CM/ECF", "PACER", "Phone", "aattorney", *STATES.values()}
"""Values of this test, and what has no other name."""


def left(html: str) -> list[str]:
    """What a page says in English without having asked for it."""
    lines = [NAMES.sub("", line) for line in Words(html).left]
    return [
        line
        for line in lines
        if re.search(r"[A-Za-z]{3}", line) and line.removeprefix(", ") not in KEPT
    ]


def spanish(world: World, monkeypatch: pytest.MonkeyPatch) -> Browser:
    speak_in_marks(monkeypatch)
    browser = world.browser()
    browser.confirms_redaction = False
    browser.http.headers.update({"accept-language": "es", "user-agent": "Firefox Linux"})
    return browser


@pytest.mark.parametrize("path", STRANGERS)
def test_for_strangers(world: World, monkeypatch: pytest.MonkeyPatch, path: str):
    """Whoever is not signed in."""
    page = spanish(world, monkeypatch).get(path)
    assert page.headers["content-language"] == "es-US"
    assert left(page.text) == []


@pytest.mark.parametrize("path", ["/login", "/forgot-password", "/forgot-username", "/register"])
def test_with_nothing_typed(world: World, monkeypatch: pytest.MonkeyPatch, path: str):
    """What the fields lack."""
    browser = spanish(world, monkeypatch)
    browser.get(path)
    page = browser.submit(browser.page.forms[0])
    assert page.status_code == 400
    assert left(page.text) == []


def test_for_the_signed_in(world: World, ada: Account, monkeypatch: pytest.MonkeyPatch):
    """Every page that they can open, with one right at a court and one factor."""
    world.right(ada)
    world.enrol("a.attorney")
    browser = spanish(world, monkeypatch)
    browser.get("/login")
    wrong = browser.sign_in("a.attorney", "x")
    second = browser.sign_in("a.attorney", PASSWORD)
    assert left(wrong.text) + left(second.text) == []
    browser.submit(browser.page.forms[0], otp=world.code())
    found = {path: left(browser.get(path).text) for path in OWN}
    assert {path: lines for path, lines in found.items() if lines} == {}
