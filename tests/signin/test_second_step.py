"""The second step of a sign-in: what it accepts, how often, and what it never is."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from sqlalchemy import insert, select

from signon.accounts import sign_outs
from signon.accounts.directory import Account
from signon.audit.events import Event
from signon.audit.models import events
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import RefusedError
from signon.signin import enrolment, factors, mfa, recovery_codes, session, totp
from signon.signin.models import AuthenticatorKind, authenticators, sessions
from signon.web.visitor import Source
from tests.infra.browser import Browser
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_BOTH, ON_ONE
from tests.infra.world import PASSWORD, World

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(clock: FrozenClock, steps: int = 0) -> str:
    """What the app shows now, or so many steps later."""
    return str(pyotp.TOTP(SECRET).generate_otp(int(clock().timestamp()) // 30 + steps))


@pytest.fixture
def world(settings: Settings, wired: Database, clock: FrozenClock) -> Iterator[World]:
    """A served provider."""
    made = World.make(settings, wired, clock)
    with made.http:
        yield made


@pytest.fixture
def account(world: World) -> Account:
    """Somebody with a password and nothing else."""
    return world.account("ada.byron")


@pytest.fixture
def browsers(world: World, account: Account) -> Callable[[], Browser]:
    """As many browsers as a test wants."""
    return world.browser


@pytest.fixture
def browser(browsers: Callable[[], Browser]) -> Browser:
    """One of them."""
    return browsers()


def path(browser: Browser) -> str:
    """Where it stands."""
    assert browser.response is not None
    return browser.response.url.path


def status(browser: Browser) -> int:
    """The last answer's."""
    assert browser.response is not None
    return browser.response.status_code


@pytest.fixture
def enrolled(wired: Database, ring: KeyRing, account: Account, clock: FrozenClock) -> Account:
    """The account with an app, enrolled a minute ago."""
    with wired.writing() as unit:
        enrolment.add_app(unit, ring, account.id, SECRET, "My phone", code_at(clock))
    clock.advance(seconds=60)
    return account


@pytest.fixture
def codes(wired: Database, settings: Settings, account: Account) -> tuple[str, ...]:
    """The account's recovery codes."""
    new = recovery_codes.generate(settings)
    with wired.writing() as unit:
        recovery_codes.keep(unit, account.id, new)
        factors.note(unit, account.id)
    return new.codes


def at_second_step(browser: Browser) -> Browser:
    """A browser whose password was right."""
    browser.get("/login")
    browser.sign_in("ada.byron", PASSWORD)
    assert path(browser) == "/login/mfa"
    return browser


def _sessions(database: Database) -> list[tuple[str, list[str]]]:
    with database.reading() as unit:
        return [(row.acr, row.amr) for row in unit.execute(select(sessions.c.acr, sessions.c.amr))]


def _events(database: Database) -> list[str]:
    with database.reading() as unit:
        return list(unit.execute(select(events.c.event).order_by(events.c.seq)).scalars())


def test_a_right_password_alone_is_no_session(enrolled: Account, browser: Browser, wired: Database):
    """Half a sign-in opens nothing: not the account, and no other page."""
    at_second_step(browser)
    assert _sessions(wired) == []
    browser.get("/")
    assert "Sign in" in browser.page.text


def test_an_apps_code_completes_it(
    enrolled: Account, browser: Browser, wired: Database, clock: FrozenClock
):
    """The session says how: aal/2, by password and one-time code (RFC 8176)."""
    at_second_step(browser)
    browser.submit(browser.page.forms[0], otp=code_at(clock))
    assert path(browser) == "/"
    assert _sessions(wired) == [
        ("http://idmanagement.gov/ns/assurance/aal/2", ["pwd", "otp", "mfa"])
    ]
    assert Event.FACTOR_ACCEPTED in _events(wired)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phones_clock_may_be_a_step_off(
    enrolled: Account, browser: Browser, clock: FrozenClock, steps: int
):
    """One step of thirty seconds before and after (RFC 6238 section 5.2)."""
    at_second_step(browser)
    browser.submit(browser.page.forms[0], otp=code_at(clock, steps))
    assert path(browser) == "/"


@pytest.mark.parametrize("steps", [-2, 2])
def test_two_steps_off_are_too_many(
    enrolled: Account, browser: Browser, clock: FrozenClock, steps: int
):
    """Refused with the words for every wrong code."""
    at_second_step(browser)
    browser.submit(browser.page.forms[0], otp=code_at(clock, steps))
    assert status(browser) == 403
    assert "not right" in browser.page.text


def test_a_code_is_accepted_once(
    enrolled: Account, browsers: Callable[[], Browser], clock: FrozenClock
):
    """Also in another sign-in of the same person (RFC 6238 section 5.2)."""
    first, second = at_second_step(browsers()), at_second_step(browsers())
    first.submit(first.page.forms[0], otp=code_at(clock))
    second.submit(second.page.forms[0], otp=code_at(clock))
    assert (path(first), status(second)) == ("/", 403)


@ON_BOTH
def test_of_twenty_with_one_code_one_wins(
    enrolled: Account, wired: Database, ring: KeyRing, clock: FrozenClock
):
    """A guarded statement decides, not a look before it."""

    def accept(_: int) -> bool:
        with wired.writing() as unit:
            return totp.accept(unit, ring, enrolled.id, code_at(clock)) is not None

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(accept, range(20))) == 1


def test_recovery_codes_work_once_and_however_typed(
    codes: tuple[str, ...], browsers: Callable[[], Browser], wired: Database
):
    """Small letters and blanks do not matter; the second time it is not right."""
    first = at_second_step(browsers())
    first.submit(first.page.forms[0], otp=f" {codes[3].lower().replace('-', ' ')} ")
    assert path(first) == "/"
    again = at_second_step(browsers())
    again.submit(again.page.forms[0], otp=codes[3])
    assert status(again) == 403
    assert Event.RECOVERY_CODE_USED in _events(wired)
    assert "You have 9 left." in " ".join(again.page.text.split())


@ON_BOTH
def test_of_twenty_with_one_recovery_code_one_wins(
    codes: tuple[str, ...], account: Account, wired: Database, settings: Settings
):
    """The same for recovery codes."""
    with wired.reading() as unit:
        salt = recovery_codes.salt_of(unit, account.id)
    assert salt is not None
    hashed = recovery_codes.digest(settings, salt, codes[0])

    def spend(_: int) -> bool:
        with wired.writing() as unit:
            return recovery_codes.spend(unit, account.id, hashed) is not None

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(spend, range(20))) == 1


def test_a_new_set_ends_the_old_one(
    codes: tuple[str, ...], account: Account, browser: Browser, wired: Database, settings: Settings
):
    """Ten new ones, and none of the old ten works."""
    with wired.writing() as unit:
        recovery_codes.keep(unit, account.id, recovery_codes.generate(settings))
    at_second_step(browser)
    browser.submit(browser.page.forms[0], otp=codes[0])
    assert status(browser) == 403


def test_wrong_codes_wait_also_in_a_new_sign_in(
    enrolled: Account, browsers: Callable[[], Browser], clock: FrozenClock
):
    """Starting anew gains nothing: the account's codes are counted, not the page's."""
    statuses = []
    for _ in range(5):
        browser = at_second_step(browsers())
        browser.submit(browser.page.forms[0], otp="000000")
        statuses.append(status(browser))
    assert statuses == [403, 403, 403, 403, 429]
    fresh = at_second_step(browsers())
    fresh.submit(fresh.page.forms[0], otp=code_at(clock))
    assert status(fresh) == 429
    assert fresh.response is not None
    assert fresh.response.headers["retry-after"] == "30"
    clock.advance(seconds=31)
    fresh.submit(fresh.page.forms[0], otp=code_at(clock))
    assert path(fresh) == "/"


def test_it_belongs_to_its_browser_and_its_ten_minutes(
    enrolled: Account, browsers: Callable[[], Browser], clock: FrozenClock
):
    """Whoever has the address alone is sent to the first step, and so is who was too slow."""
    first, thief = at_second_step(browsers()), browsers()
    assert first.response is not None
    address = str(first.response.url)
    thief.get("/login")
    thief.get(address)
    assert path(thief) == "/login"
    clock.advance(seconds=601)
    first.submit(first.page.forms[0], otp=code_at(clock))
    assert path(first) == "/login"


def test_a_new_password_ends_the_half(
    enrolled: Account, browser: Browser, wired: Database, clock: FrozenClock
):
    """What `valid_from` ends includes sign-ins that are under way."""
    at_second_step(browser)
    clock.advance(seconds=1)
    with wired.writing() as unit:
        sign_outs.sign_out_everywhere(unit, enrolled.id)
    browser.submit(browser.page.forms[0], otp=code_at(clock))
    assert path(browser) == "/login"


@ON_BOTH
def test_no_more_than_five_apps(wired: Database, ring: KeyRing, account: Account):
    """An account has five at most (domain facts 2), also when more are added at once."""

    def add(_: int) -> bool:
        with suppress(RefusedError), wired.writing() as unit:
            code = str(pyotp.TOTP(SECRET).generate_otp(int(unit.now.timestamp()) // 30))
            enrolment.add_app(unit, ring, account.id, SECRET, "App", code)
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, range(8))) == 5
    with wired.writing() as unit, pytest.raises(RefusedError, match="Remove one first"):
        enrolment.require_room(unit, account.id, AuthenticatorKind.TOTP)


@ON_ONE
def test_no_more_than_twenty_passkeys(wired: Database, account: Account):
    """The twenty-first is refused before a mail is sent for it."""
    with wired.writing() as unit:
        for number in range(20):
            row = {
                "id": f"key{number}",
                "account_id": account.id,
                "kind": "passkey",
                "nickname": "Key",
                "credential_id": bytes([number]),
                "created_at": unit.now,
            }
            unit.execute(insert(authenticators), row)
        with pytest.raises(RefusedError, match="20 passkeys"):
            enrolment.require_room(unit, account.id, AuthenticatorKind.PASSKEY)


def test_the_codes_are_those_of_the_standard():
    """RFC 6238 appendix B, cut to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    at = datetime.fromtimestamp(1111111109, UTC)
    assert totp.matching_step(secret, "081804", at) == 1111111109 // 30
    assert totp.matching_step(secret, "081805", at) is None


@ON_ONE
def test_a_passkey_alone_keeps_the_client_code(
    wired: Database, settings: Settings, account: Account
):
    """Whoever confirms a session by it was not asked for a code, and has not taken it back."""
    how: dict[str, Any] = {"settings": settings, "source": Source()}
    with wired.writing() as unit:
        first = session.start(unit, account, previous=None, client_code="4711", **how)
        previous = session.current(unit, first, settings)
        second = mfa.sign_in_by_passkey(
            unit,
            account,
            ("swk", "user", "mfa"),
            factor_since=unit.now,
            half=None,
            device="",
            previous=previous,
            **how,
        )
        again = session.current(unit, second.token, settings)
    assert again is not None
    assert (again.client_code, again.acr) == ("4711", session.AAL2)
