"""Losing every second factor: removed after a delay, in which whoever has not lost them stops it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from signon.accounts import history, own_data, repudiation
from signon.accounts.directory import Account, by_id
from signon.accounts.history import NO_PROOF
from signon.audit.events import Event
from signon.errors import InputError, NotFoundError, RefusedError
from signon.recovery import starting
from signon.signin import due_resets, factor_reset, factors, recovery_codes
from signon.web.visitor import Source
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.profile.conftest import Mailed

DELAY = timedelta(days=3)
OPERATOR = "olive.operator"


@pytest.fixture
def person(world: World) -> Account:
    """`a.attorney`, with an app of old, and recovery codes that are lost too."""
    made = world.account()
    world.enrol("a.attorney")
    world.clock.advance(hours=72)
    with world.database.writing() as unit:
        recovery_codes.keep(unit, made.id, recovery_codes.generate(world.settings))
    return made


def _ask(world: World, person: Account, reason: str = "Phone and paper burnt; called") -> Account:
    with world.database.writing() as unit:
        return factor_reset.ask(unit, world.settings, person.number, reason=reason, actor=OPERATOR)


def _carry_out(world: World) -> int:
    return asyncio.run(due_resets.carry_out(world.database, world.settings))


def _sign_in(world: World, *, code: bool = True) -> Browser:
    browser = world.browser()
    browser.get("/account")
    browser.sign_in("a.attorney", PASSWORD)
    if code:
        browser.submit(browser.page.forms[0], otp=world.code())
    return browser


def _now(world: World, person: Account) -> Account:
    with world.database.reading() as unit:
        found = by_id(unit, person.id)
    assert found is not None
    return found


def test_they_go_when_the_delay_is_over_and_not_before(
    world: World, person: Account, mailed: Mailed
):
    """All of them; whatever was signed in ends; the owner is mailed at both ends."""
    browser = _sign_in(world)
    mailed()
    assert _ask(world, person).factor_reset_due_at == world.clock() + DELAY
    (told,) = mailed()
    assert (told.message, told.to) == ("factor_reset", person.email)
    world.clock.advance(seconds=DELAY.total_seconds() - 1)
    assert _carry_out(world) == 0
    assert _now(world, person).has_factor
    world.clock.advance(seconds=1)
    assert _carry_out(world) == 1
    assert _carry_out(world) == 0
    with world.database.reading() as unit:
        assert not factors.of(unit, person.id).is_enrolled
        changes = history.changes(unit, person.id)
    assert [change.subject for change in changes[:2]] == ["factor_reset", "factor_reset"]
    assert changes[0].before == {"factors": ["Phone"]}
    browser.get("/account")
    assert "password" in browser.page.ids
    assert [one.message for one in mailed()] == ["account_changed"]
    assert world.audited()[-1] == Event.FACTOR_RESET_DONE
    assert "Your account" in _sign_in(world, code=False).page.text


def test_every_address_is_told_and_each_link_stops_it(
    world: World, person: Account, mailed: Mailed
):
    """One that was changed within thirty days too: the change may be the thief's. A new address
    is not asked.
    """
    for address in ("second@example.net", "thief@example.net"):
        with world.database.writing() as unit:
            own = own_data.lock(unit, person.id)
            own_data.store(unit, own, {"email": address})
            history.record(
                unit,
                person.id,
                "email",
                Event.EMAIL_CHANGED,
                actor=person.id,
                before={"email": own.account.email},
                after={"email": address},
            )
        world.clock.advance(hours=71)
    mailed()
    _ask(world, person)
    told = {one.to: one for one in mailed()}
    assert set(told) == {person.email}
    browser = world.browser()
    browser.get(told[person.email].link)
    assert _now(world, person).factor_reset_due_at is not None
    browser.submit(browser.page.forms[0])
    assert "stay as they are" in browser.page.text
    assert _now(world, person).factor_reset_due_at is None
    assert {one.message for one in mailed()} == {"account_changed"}
    world.clock.advance(seconds=DELAY.total_seconds())
    assert _carry_out(world) == 0
    assert _now(world, person).has_factor


@ON_ONE
def test_whoever_signs_in_with_a_factor_has_not_lost_it(
    world: World, person: Account, mailed: Mailed
):
    """That stops it, and the mail says so, because it may be somebody else's doing."""
    _ask(world, person)
    mailed()
    _sign_in(world, code=False)
    assert _now(world, person).factor_reset_due_at is not None
    _sign_in(world)
    assert _now(world, person).factor_reset_due_at is None
    (told,) = mailed()
    assert "Somebody signed in with a second factor" in told.values["change"]
    assert Event.FACTOR_RESET_STOPPED in world.audited()


@ON_ONE
def test_a_factor_that_was_new_stops_nothing(world: World, person: Account):
    """Whoever stole the account may have added it."""
    with world.database.writing() as unit:
        factors.remove_all(unit, person.id)
    world.enrol("a.attorney")
    world.clock.advance(hours=71)
    _ask(world, person)
    world.clock.advance(hours=2)
    _sign_in(world)
    assert _now(world, person).factor_reset_due_at is not None


@ON_ONE
def test_it_stands_on_the_account_s_page(world: World, person: Account):
    """A session from before sees it there, and stops it by a button."""
    browser = _sign_in(world)
    _ask(world, person)
    browser.get("/account")
    assert "Your second factors will be removed" in browser.page.text
    keep = next(form for form in browser.page.forms if form.action.endswith("/keep-now"))
    browser.submit(keep)
    assert "Your second factors stay as they are." in browser.page.text
    assert _now(world, person).factor_reset_due_at is None


@ON_ONE
def test_this_was_not_me_stops_it_too(world: World, person: Account, mailed: Mailed):
    """A frozen account's factors stay, and none can be asked away until it is thawed."""
    _ask(world, person)
    with world.database.writing() as unit:
        account = by_id(unit, person.id)
        assert account is not None
        repudiation.freeze(unit, account, unit.now, proof=NO_PROOF, source=Source())
    world.clock.advance(seconds=DELAY.total_seconds())
    assert _carry_out(world) == 0
    assert _now(world, person).has_factor
    with pytest.raises(RefusedError, match="thaw it first"):
        _ask(world, person)


@ON_ONE
def test_what_cannot_be_asked(world: World, person: Account):
    """Without a reason, twice, for nobody, for whom there is nothing to remove."""
    with pytest.raises(InputError):
        _ask(world, person, reason="  ")
    _ask(world, person)
    with pytest.raises(RefusedError, match="already"):
        _ask(world, person)
    with world.database.writing() as unit, pytest.raises(NotFoundError):
        factor_reset.ask(unit, world.settings, "0000000", reason="x", actor=OPERATOR)
    with pytest.raises(RefusedError, match="no second factor"):
        _ask(world, world.account("without.one"))
    with world.database.writing() as unit:
        factor_reset.stop_by_operator(unit, world.settings, person.number, actor=OPERATOR)
        with pytest.raises(RefusedError):
            factor_reset.stop_by_operator(unit, world.settings, person.number, actor=OPERATOR)


@ON_ONE
def test_a_disabled_account_keeps_them(world: World, person: Account):
    """The delay is over, but nobody uses the account: what was asked is forgotten."""
    _ask(world, person)
    world.change_account(person, status="disabled")
    world.clock.advance(seconds=DELAY.total_seconds())
    assert _carry_out(world) == 0
    assert _now(world, person).has_factor
    assert _now(world, person).factor_reset_due_at is None


def test_of_many_at_the_last_moment_one_decides(world: World, person: Account):
    """Stopping and carrying out race; the loser finds nothing to do."""
    _ask(world, person)
    world.clock.advance(seconds=DELAY.total_seconds())

    def race(number: int) -> bool:
        with world.database.writing() as unit:
            if number % 2:
                return due_resets.reset(unit, world.settings, person.id)
            return factor_reset.stop(
                unit, world.settings.issuer, person.id, actor=person.id, reason="race"
            )

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(race, range(10))) == 1


@ON_ONE
def test_a_recovered_password_alone_never_gets_there(world: World, person: Account, mailed: Mailed):
    """A new password by mail, and the sign-in still asks for the factor."""
    mailed()
    with world.database.writing() as unit:
        starting.start(unit, world.settings, person.number, actor=OPERATOR)
    (told,) = mailed()
    browser = world.browser()
    browser.get(told.values["url"])
    browser.submit(browser.page.forms[0], new_password="another fourteen lanterns")
    browser.get("/login")
    browser.sign_in("a.attorney", "another fourteen lanterns")
    assert "otp" in browser.page.ids
    with world.database.reading() as unit:
        assert factors.of(unit, person.id).recovery_codes_left == recovery_codes.COUNT
