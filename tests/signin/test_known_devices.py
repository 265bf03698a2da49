"""Browsers that an account knows: what they spare their owner, and how they are forgotten."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from signon import drivers, opaque_tokens
from signon.accounts import credentials, repudiation, sign_outs, status
from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.notices import mail
from signon.recovery import answering
from signon.signin import attempts, factors, known_devices, recovery_codes
from signon.signin.known_devices import TRIES
from signon.web.visitor import Source
from tests.infra.browser import Browser
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_BOTH, ON_ONE
from tests.infra.world import PASSWORD, World

NAME = "ada.byron"
DEVICE = "a browser's cookie"
OTHER = "another browser's cookie"
NEW_PASSWORD = "four grey herons by the weir"
FEW = {"login_failures_cap": 8}
"""A cap that is reached before the test is over."""
DAYS = 90


@pytest.fixture
def world(
    settings: Settings, wired: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A provider whose outbox is emptied by the test alone."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    made = World.make(settings.model_copy(update=FEW), wired, clock)
    with made.http:
        yield made


@pytest.fixture
def account(world: World) -> Account:
    """Somebody with a password and nothing else."""
    return world.account(NAME)


def sign_in(browser: Browser, password: str = PASSWORD, name: str = NAME) -> int:
    """From an open page to the answer's status."""
    browser.get("/login")
    return browser.sign_in(name, password).status_code


def signs_in(browser: Browser, world: World, *, has_factor: bool) -> bool:
    """Whether the right password, and the code, leads in; then out again."""
    sign_in(browser)
    if has_factor:
        if path(browser) != "/login/mfa":
            return False
        world.clock.advance(seconds=30)
        browser.submit(browser.page.forms[0], otp=world.code())
    if path(browser) != "/":
        return False
    browser.get("/logout")
    browser.submit(browser.page.forms[0])
    return True


def path(browser: Browser) -> str:
    """Where it stands."""
    assert browser.response is not None
    return browser.response.url.path


def choose_by_mail(browser: Browser, world: World, account: Account) -> None:
    """Open a mailed link in this browser and choose `PASSWORD` by it."""
    with world.database.writing() as unit:
        lasts = answering.HOUR
        link = answering.link_address(unit, world.settings.issuer, account, lasts)
    browser.get(link.removeprefix(world.settings.issuer))
    browser.submit(browser.page.forms[0], new_password=PASSWORD)
    assert path(browser) == "/recover/done"


def mailed(world: World, message: str) -> list[dict[str, Any]]:
    """The mails of a kind, oldest first."""
    queued = world.queued(mail.KIND)
    return [one["values"] for one in queued if one["message"] == message]


# ── What it spares its owner ─────────────────────────────────────────────────


@pytest.mark.parametrize("has_factor", [False, True])
def test_an_attacker_does_not_keep_the_owner_out(world: World, account: Account, has_factor: bool):
    """Waits and the cap are for strangers; a mailed link opens any other browser of the owner."""
    if has_factor:
        world.enrol(NAME)
    home, new, attacker = world.browser(), world.browser(), world.browser()
    assert signs_in(home, world, has_factor=has_factor)
    answers = []
    for _ in range(FEW["login_failures_cap"] + 1):
        answers += [sign_in(attacker, "wrong"), sign_in(attacker, "wrong")]
        assert signs_in(home, world, has_factor=has_factor)
        world.clock.advance(hours=1)
    assert {403, 429} == set(answers)
    assert not signs_in(new, world, has_factor=has_factor), "the cap is for strangers"
    assert signs_in(home, world, has_factor=has_factor)

    choose_by_mail(new, world, account)
    for _ in range(6):
        sign_in(attacker, "wrong")
    assert sign_in(attacker, "wrong") == 429
    assert signs_in(new, world, has_factor=has_factor)


def test_wrong_codes_of_who_knows_the_password_do_not_either(world: World, account: Account):
    """They are counted across restarted sign-ins, and none of that holds up a known device."""
    world.enrol(NAME)
    home, attacker = world.browser(), world.browser()
    assert signs_in(home, world, has_factor=True)
    for _ in range(6):
        sign_in(attacker)
        attacker.submit(attacker.page.forms[0], otp="000000")
    assert attacker.response is not None
    assert attacker.response.status_code == 429
    assert signs_in(home, world, has_factor=True)
    (queued,) = world.queued(attempts.KIND)
    with world.database.writing() as unit:
        attempts.tell(unit, world.ring, queued)
    (told,) = mailed(world, "sign_in_attempts")
    assert (told["attempts"], told["knows_password"]) == (attempts.CODES, 1)


def test_a_stolen_cookie_has_ten_guesses(world: World, account: Account):
    """Then it is any browser's, until its next right password; the owner has the mailed link."""
    home, thief = world.browser(), world.browser()
    sign_in(home)
    thief.http.cookies.set("signon_device", home.http.cookies["signon_device"])
    answers = [sign_in(thief, "wrong") for _ in range(TRIES + 6)]
    # the fifth of a stranger is refused with the wait that it has brought about
    assert answers == [403] * (TRIES + 4) + [429] * 2
    world.clock.advance(seconds=30)
    home.http.cookies.delete("signon_session")
    assert sign_in(home) == 200
    assert [sign_in(thief, "wrong") for _ in range(TRIES)] == [403] * TRIES


def test_codes_in_a_stolen_browser_end_too(world: World, account: Account):
    """Ten wrong codes of its own, then those of the account with their waits."""
    world.enrol(NAME)
    home = world.browser()
    assert signs_in(home, world, has_factor=True)
    sign_in(home)
    for _ in range(TRIES + 5):
        home.submit(home.page.forms[0], otp="000000")
    assert home.response is not None
    assert home.response.status_code == 429


def test_a_mailed_link_brings_no_tries_of_the_codes(world: World, account: Account):
    """Whoever reads the mail could come with a new browser again and again."""
    world.enrol(NAME)
    reader = world.browser()
    choose_by_mail(reader, world, account)
    sign_in(reader)
    for _ in range(5):
        reader.submit(reader.page.forms[0], otp="000000")
    assert reader.response is not None
    assert reader.response.status_code == 429
    world.clock.advance(seconds=30)
    reader.submit(reader.page.forms[0], otp=world.code())
    reader.get("/logout")
    reader.submit(reader.page.forms[0])
    sign_in(reader)
    for _ in range(TRIES):
        reader.submit(reader.page.forms[0], otp="000000")
        assert reader.response.status_code == 403


def test_only_a_whole_sign_in_makes_a_browser_known(world: World, account: Account):
    """A right password that stops before the second factor does not."""
    world.enrol(NAME)
    attacker = world.browser()
    sign_in(attacker)
    assert path(attacker) == "/login/mfa"
    with world.database.reading() as unit:
        device = attacker.http.cookies["signon_device"]
        assert known_devices.find(unit, account.id, device) is None


# ── That nothing tells whose name it is ──────────────────────────────────────


class Statements:
    """Counts what is sent to the database."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent: list[str] = []
        for driver in (drivers.SqliteDriver, drivers.PostgresqlDriver):
            self._count(monkeypatch, driver, "run")
        for name in ("execute", "scalar"):
            self._count(monkeypatch, Connection, name)

    def _count(self, monkeypatch: pytest.MonkeyPatch, whose: Any, name: str) -> None:
        send = getattr(whose, name)

        def counted(this: Any, statement: Any, *rest: Any, **more: Any) -> Any:
            self.sent.append(str(getattr(statement, "_statement", statement)))
            return send(this, statement, *rest, **more)

        monkeypatch.setattr(whose, name, counted)

    def of(self, act: Callable[[], object]) -> list[str]:
        """Those of an act."""
        self.sent.clear()
        act()
        return list(self.sent)


def test_an_unknown_name_is_answered_alike(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
):
    """In a browser that another account knows: the same words, status and statements, always."""
    world.account("somebody.else")
    browser = world.browser()
    sign_in(browser, name="somebody.else")
    browser.http.cookies.delete("signon_session")
    statements = Statements(monkeypatch)
    known: list[object] = []
    unknown: list[object] = []
    for _ in range(attempts.PASSWORDS + 2):
        for name, answers in ((NAME, known), ("nobody.at.all", unknown)):
            browser.get("/login")
            sent = statements.of(partial(browser.sign_in, name, "wrong"))
            assert browser.response is not None
            text = browser.page.text.replace(name, "")
            answers.append((browser.response.status_code, text, sent))
        world.clock.advance(hours=1)
    assert known == unknown
    assert len(world.queued(attempts.KIND)) == 2
    for queued in world.queued(attempts.KIND):
        with world.database.writing() as unit:
            attempts.tell(unit, world.ring, queued)
    assert [one["attempts"] for one in mailed(world, "sign_in_attempts")] == [attempts.PASSWORDS]


def post(browser: Browser, path: str, **typed: str) -> None:
    """Send the form that is shown and go nowhere."""
    browser.http.post(
        path,
        data={**browser.page.forms[0].fields, **typed},
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )


def test_what_a_sign_in_costs(world: World, account: Account, monkeypatch: pytest.MonkeyPatch):
    """As docs/performance.md says: in a new browser, in a known one, in that on another day."""
    browser, statements, counts = world.browser(), Statements(monkeypatch), []
    typed = {"username": NAME, "password": PASSWORD}
    for seconds in (1, 1, 2 * 86400):
        world.clock.advance(seconds=seconds)
        browser.get("/login")
        counts.append(len(statements.of(partial(post, browser, "/login", **typed))))
        browser.http.cookies.delete("signon_session")
    # SQLite writes an audit event in four, and ends a step of a sign-in in three
    more = 5 if world.database.is_sqlite else 0
    assert [count - more for count in counts] == [7, 5, 6]

    world.enrol(NAME)
    assert signs_in(browser, world, has_factor=True)
    browser.get("/login")
    first = statements.of(partial(post, browser, "/login", **typed))
    browser.sign_in(NAME, PASSWORD)
    world.clock.advance(seconds=30)
    second = statements.of(partial(post, browser, "/login/mfa", otp=world.code()))
    # the last is what demands ask; on the way to a court the authorization request reads that
    assert (len(first) - more, len(second) - more) == (4, 7)


# ── How it is forgotten ──────────────────────────────────────────────────────


Act = Callable[[Unit, KeyRing, Account], object]


def _new_password(unit: Unit, ring: KeyRing, account: Account) -> None:
    credentials.replace_password(unit, ring, account, "a hash", actor=account.id)


def _not_me(unit: Unit, _ring: KeyRing, account: Account) -> None:
    repudiation.freeze(unit, account, unit.now, proof=NO_PROOF, source=Source())


def _disabled_and_enabled(unit: Unit, ring: KeyRing, account: Account) -> None:
    status.disable(unit, account.number, reason="left", actor="system")
    status.enable(unit, ring, account.number, actor="system")


FORGETTING: dict[str, Act] = {
    "a new password": _new_password,
    "this was not me": _not_me,
    "signing out everywhere": lambda unit, _, who: sign_outs.sign_out_everywhere(unit, who.id),
    "disabling": _disabled_and_enabled,
}


@pytest.mark.parametrize("act", FORGETTING.values(), ids=FORGETTING)
def test_what_forgets_every_browser(world: World, account: Account, act: Act):
    """Each moves the account's `valid_from`, and the next sign-in in one is of a new browser."""
    device = opaque_tokens.digest(DEVICE)
    with world.database.writing() as unit:
        assert known_devices.remember(unit, account.id, device, world.settings, with_factor=False)
    with world.database.writing() as unit:
        assert known_devices.find(unit, account.id, DEVICE)
        assert not known_devices.find(unit, account.id, OTHER)
    world.clock.advance(seconds=1)
    with world.database.writing() as unit:
        act(unit, world.ring, account)
        assert known_devices.find(unit, account.id, DEVICE) is None
        assert known_devices.with_credential(unit, NAME, DEVICE)[1] is None
        assert known_devices.remember(unit, account.id, device, world.settings, with_factor=False)
        assert known_devices.find(unit, account.id, DEVICE)


def test_a_browser_is_known_for_ninety_days_after_its_last_sign_in(world: World, account: Account):
    """Signing in prolongs that, written down once a day at most."""
    device = opaque_tokens.digest(DEVICE)

    def known() -> bool:
        with world.database.reading() as unit:
            return known_devices.find(unit, account.id, DEVICE) is not None

    for is_new in (True, False):
        with world.database.writing() as unit:
            assert (
                known_devices.remember(unit, account.id, device, world.settings, with_factor=False)
                is is_new
            )
        world.clock.advance(days=DAYS, seconds=-1)
        assert known()
    world.clock.advance(seconds=1)
    assert not known()
    with world.database.writing() as unit:
        assert known_devices.remember(unit, account.id, device, world.settings, with_factor=False)


def test_ending_the_other_sessions_forgets_the_other_browsers(world: World, account: Account):
    """This one stays known."""
    home, library = world.browser(), world.browser()
    sign_in(library)
    home.get("/account/security")
    home.sign_in(NAME, PASSWORD)
    form = next(one for one in home.page.forms if one.action == "/account/sessions/end-others")
    home.submit(form)
    with world.database.reading() as unit:
        known = [
            known_devices.find(unit, account.id, one.http.cookies["signon_device"]) is not None
            for one in (home, library)
        ]
    assert known == [True, False]


@ON_ONE
def test_changing_the_password_keeps_this_browser(world: World, account: Account):
    """Its owner has just typed the old one here, and hears of no new browser tomorrow."""
    home = world.browser()
    home.get("/account/password")
    home.sign_in(NAME, PASSWORD)
    world.clock.advance(seconds=1)
    home.get("/account/password")
    home.submit(home.page.forms[0], current_password=PASSWORD, password=NEW_PASSWORD)
    with world.database.reading() as unit:
        assert known_devices.find(unit, account.id, home.http.cookies["signon_device"])


# ── What its owner is told ───────────────────────────────────────────────────


def test_a_new_browser_is_told_of_once(world: World, account: Account):
    """Not the first of all; by mail, with the browser's name and "this was not me"."""
    home, other = world.browser(), world.browser()
    other.http.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Gecko Firefox/140.0"
    for browser in (home, other, home, other):
        sign_in(browser)
        browser.http.cookies.delete("signon_session")
        world.clock.advance(seconds=1)
    (told,) = mailed(world, "new_device")
    assert told["browser"] == "Firefox on Windows"
    assert told["account_number"] == account.number
    other.get(told["not_me_url"].removeprefix(world.settings.issuer))
    assert "Take your account back" in other.page.text


def test_a_browser_s_own_words_are_mailed_to_nobody(world: World, account: Account):
    """Whoever signs in chooses what it says of itself."""
    home, other = world.browser(), world.browser()
    other.http.headers["user-agent"] = "https://evil.test/pay"
    for browser in (home, other):
        sign_in(browser)
        world.clock.advance(seconds=1)
    (told,) = mailed(world, "new_device")
    assert told["browser"] == "A browser that we do not know"


@ON_ONE
def test_the_first_sign_in_of_all_is_no_news_with_a_factor_either(world: World, account: Account):
    """Its first half is no sign-in before it."""
    world.enrol(NAME)
    first = world.browser()
    sign_in(first)
    world.clock.advance(seconds=30)
    first.submit(first.page.forms[0], otp=world.code())
    assert path(first) == "/"
    assert mailed(world, "new_device") == []
    world.clock.advance(seconds=30)
    assert signs_in(world.browser(), world, has_factor=True)
    assert len(mailed(world, "new_device")) == 1


@ON_ONE
def test_programs_that_are_new_each_time_fill_no_mailbox(world: World, account: Account):
    """Five mails a day say it."""
    for _ in range(8):
        world.clock.advance(seconds=1)
        sign_in(world.browser())
    assert len(mailed(world, "new_device")) == 5


@ON_BOTH
def test_two_tabs_of_a_new_browser_are_one(world: World, account: Account):
    """Signed in at the same moment: one learns that it is new."""
    device = opaque_tokens.digest(DEVICE)

    def remember(_: int) -> bool:
        with world.database.writing() as unit:
            # they come at moments that differ, if by little
            unit.now = world.clock.advance(seconds=0.001)
            return known_devices.remember(
                unit, account.id, device, world.settings, with_factor=False
            )

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(remember, range(8))) == 1


@ON_ONE
def test_a_used_recovery_code_is_told(world: World, account: Account):
    """Whoever uses one has lost an app, or is not the owner."""
    new = recovery_codes.generate(world.settings)
    with world.database.writing() as unit:
        recovery_codes.keep(unit, account.id, new)
        factors.note(unit, account.id)
    browser = world.browser()
    sign_in(browser)
    browser.submit(browser.page.forms[0], otp=new.codes[0])
    (told,) = mailed(world, "account_changed")
    assert told["change"] == "A recovery code was used to sign in. 9 of them are left."


def test_the_account_says_what_has_failed(world: World, account: Account):
    """Since the sign-in before this session, however often it was confirmed meanwhile."""
    world.enrol(NAME)
    home, attacker = world.browser(), world.browser()
    assert signs_in(home, world, has_factor=True)
    world.clock.advance(hours=1)
    for _ in range(3):
        sign_in(attacker, "wrong")
    sign_in(attacker)
    attacker.submit(attacker.page.forms[0], otp="000000")
    world.clock.advance(hours=1)
    sign_in(home)
    home.submit(home.page.forms[0], otp=world.code())
    home.get("/account/security")
    assert "4 failed attempts since your last sign-in, on Mar 2, 2026" in home.page.text
    home.get("/account/activity")
    assert "A sign-in with your username failed: the password was wrong" in home.page.text
    assert "The second step of a sign-in failed: the app’s code was wrong" in home.page.text
    world.clock.advance(hours=1)
    later = world.browser()
    sign_in(later)
    later.submit(later.page.forms[0], otp=world.code())
    later.get("/account/security")
    assert "failed attempt" not in later.page.text
