"""Having lost every second factor, and asking for their removal at the sign-in."""

import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from signon.accounts.directory import Account, by_id
from signon.accounts.models import AccountKind, accounts
from signon.audit.events import Event
from signon.audit.models import events
from signon.recovery import answering
from signon.signin import due_resets, enrolment, factor_reset, recovery_codes
from tests.infra.browser import Browser
from tests.infra.world import APP, PASSWORD, World
from tests.profile.conftest import Mailed

DELAY = timedelta(days=3)
NEW = "seventeen purple lanterns"


@pytest.fixture
def person(world: World) -> Account:
    """`a.attorney`, with an app of old."""
    made = world.account()
    world.enrol("a.attorney")
    world.clock.advance(days=30)
    return made


def _at_second_step(
    world: World, browser: Browser | None = None, password: str = PASSWORD
) -> Browser:
    browser = browser or world.browser()
    browser.get("/login")
    browser.sign_in("a.attorney", password)
    assert "otp" in browser.page.ids, browser.page.text
    return browser


def _lost(browser: Browser) -> Browser:
    """The page for whoever has no code at hand."""
    assert browser.response is not None
    browser.get(str(browser.response.url).replace("/login/mfa?", "/login/mfa/lost?"))
    return browser


def _ask(world: World, browser: Browser | None = None, password: str = PASSWORD) -> Browser:
    browser = _lost(_at_second_step(world, browser, password))
    browser.submit(browser.page.forms[0], lost="1", ask_removal="1")
    return browser


def _now(world: World, person: Account) -> Account:
    with world.database.reading() as unit:
        found = by_id(unit, person.id)
    assert found is not None
    return found


def _carry_out(world: World) -> int:
    return asyncio.run(due_resets.carry_out(world.database, world.settings))


def _choose_by_mail(world: World, person: Account) -> None:
    with world.database.writing() as unit:
        url = answering.link_address(unit, "", person, timedelta(minutes=30))
    browser = world.browser()
    browser.get(url)
    browser.submit(browser.page.forms[0], new_password=NEW)
    assert "Your password is changed" in browser.page.text


def test_it_waits_and_is_told_and_then_they_are_gone(world: World, person: Account, mailed: Mailed):
    """The state is on the page; filing stays closed until there is a factor again."""
    mailed()
    browser = _ask(world)
    assert "They will be removed on" in browser.page.text
    assert _now(world, person).factor_reset_due_at == world.clock() + DELAY
    (told,) = mailed()
    assert (told.message, told.values["is_own"]) == ("factor_reset", True)
    assert "They will be removed on" in _at_second_step(world).page.text
    world.clock.advance(seconds=DELAY.total_seconds() - 1)
    assert _carry_out(world) == 0
    world.clock.advance(seconds=1)
    assert _carry_out(world) == 1
    alone = world.browser()
    alone.get("/login")
    assert "Welcome" in alone.sign_in("a.attorney", PASSWORD).text
    blocked = _blocked_at(world, person)
    assert blocked == world.clock()
    world.enrol("a.attorney")
    assert _blocked_at(world, person) is None


def test_an_operators_removal_leaves_filing_open(world: World, person: Account):
    """They have looked at the person."""
    with world.database.writing() as unit:
        factor_reset.ask(unit, world.settings, person.number, reason="called back", actor="olive")
    world.clock.advance(days=3)
    assert _carry_out(world) == 1
    assert _blocked_at(world, person) is None


def test_it_has_to_be_said(world: World, person: Account):
    """Without the tick nothing begins."""
    browser = _lost(_at_second_step(world))
    form = browser.page.forms[0]
    del form.fields["lost"]
    answer = browser.submit(form, ask_removal="1")
    assert answer.status_code == 400
    assert "Check the box" in answer.text
    assert _now(world, person).factor_reset_due_at is None


def test_a_stolen_mailbox_alone_is_not_enough(world: World, person: Account):
    """A password that came by mail begins nothing, however old it is, until a factor was used."""
    _choose_by_mail(world, person)
    world.clock.advance(days=40)
    browser = _ask(world, password=NEW)
    assert browser.response is not None
    assert browser.response.status_code == 403
    assert "chosen by a mailed link" in browser.page.text
    assert _now(world, person).factor_reset_due_at is None
    # its owner had the phone after that, and has lost it since
    owner = _at_second_step(world, password=NEW)
    owner.submit(owner.page.forms[0], otp=world.code())
    world.clock.advance(seconds=60)
    _ask(world, password=NEW)
    assert _now(world, person).factor_reset_due_at is not None


def test_a_password_by_mail_stops_what_the_one_before_began(
    world: World, person: Account, mailed: Mailed
):
    """Whoever has the mailbox does not take over a removal that is under way."""
    _ask(world)
    mailed()
    world.clock.advance(days=1)
    _choose_by_mail(world, person)
    assert _now(world, person).factor_reset_due_at is None
    assert [one.message for one in mailed()] == ["account_changed", "account_changed"]
    world.clock.advance(seconds=1)
    with world.database.writing() as unit:
        factor_reset.ask(unit, world.settings, person.number, reason="called back", actor="olive")
    _choose_by_mail(world, person)
    assert _now(world, person).factor_reset_due_at is not None, "an operator's goes on"


def test_an_old_factor_stops_it(world: World, person: Account):
    """By a sign-in, as an operator's."""
    _ask(world)
    browser = _at_second_step(world)
    browser.submit(browser.page.forms[0], otp=world.code())
    assert _now(world, person).factor_reset_due_at is None
    assert world.audited().count(Event.FACTOR_RESET_STOPPED) == 1


def test_a_known_device_stops_it(world: World, person: Account):
    """With the password alone, in a browser that has shown a factor before; no other one can."""
    home = _at_second_step(world)
    home.submit(home.page.forms[0], otp=world.code())
    home.get("/logout")
    home.submit(home.page.forms[0], logout="1")
    stranger = _lost(_at_second_step(world))
    form = stranger.page.forms[0]
    stranger.submit(form, lost="1", ask_removal="1")
    assert "keep_factors" not in stranger.page.ids
    assert stranger.submit(form, keep_factors="1").status_code == 403
    assert _now(world, person).factor_reset_due_at is not None
    _lost(_at_second_step(world, home))
    home.submit(home.page.forms[0], keep_factors="1")
    assert _now(world, person).factor_reset_due_at is None


def test_it_is_begun_three_times_a_month_at_most(world: World, person: Account):
    """Whoever knows the password does not fill the owner's mailbox for ever."""
    for _ in range(3):
        _ask(world)
        with world.database.writing() as unit:
            factor_reset.stop(unit, "", person.id, actor=person.id)
    assert "3 times within 30 days" in _ask(world).page.text


def test_an_operator_asks_another_one(world: World):
    """Their accounts reach everybody's."""
    world.account("a.attorney", AccountKind.OPERATOR)
    world.enrol("a.attorney")
    assert "Another operator has to begin that" in _ask(world).page.text


def test_the_ways_that_are_left_are_named(world: World, person: Account):
    """Every app by its name, and how many recovery codes."""
    with world.database.writing() as unit:
        recovery_codes.keep(unit, person.id, recovery_codes.generate(world.settings))
        enrolment.keep_app(unit, world.ring, person.id, APP, "Tablet at the office", None)
    text = " ".join(_lost(_at_second_step(world)).page.text.split())
    assert "Tablet at the office" in text
    assert "10 are left" in text


def test_without_half_a_sign_in_it_is_the_first_step(world: World, person: Account):
    """Nobody learns what an account has by naming it."""
    browser = world.browser()
    browser.get("/login/mfa/lost?half=x")
    assert "password" in browser.page.ids


@pytest.mark.parametrize(
    ("steps", "reason"), [(10, "totp_clock"), (-19, "totp_clock"), (60, "wrong_totp")]
)
def test_a_code_of_another_time_is_told_to_the_help_desk_alone(
    world: World, person: Account, steps: int, reason: str
):
    """The page is the same for every wrong code, and asks to look at the clock in any case."""
    browser = _at_second_step(world)
    assert "minutes and seconds" in browser.page.text
    at = int(world.clock().timestamp()) // 30 + steps
    browser.submit(browser.page.forms[0], otp=str(pyotp.TOTP(APP).generate_otp(at)))
    far = browser.page.text
    browser.submit(browser.page.forms[0], otp="000000")
    assert browser.page.text == far
    with world.database.reading() as unit:
        found = unit.execute(events.select().where(events.c.event == Event.FACTOR_REFUSED))
        assert [row.reason for row in found] == [reason, "wrong_totp"]


def _blocked_at(world: World, person: Account) -> object:
    with world.database.reading() as unit:
        return unit.scalar(select(accounts.c.filing_blocked_at).where(accounts.c.id == person.id))
