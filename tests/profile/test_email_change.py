"""Another e-mail address: confirmed at the new one, and agreed to at the one before."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest

from signon.accounts import email_changes, mailed_links
from signon.accounts.directory import Account
from signon.accounts.email_changes import EmailChange
from signon.accounts.history import Proof
from signon.accounts.mailed_links import DeadLinkError, Purpose
from signon.accounts.own_data import OwnData
from signon.errors import BusyError, RefusedError
from signon.profile import email_change
from signon.profile.changes import Asker
from signon.web.visitor import Source
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.refusals import caught
from tests.infra.world import World
from tests.profile.conftest import Mail, Mailed

OLD, NEW = "a.attorney@example.org", "ada@new.example.org"
ORIGIN = Source("192.0.2.1", "a browser", "1")
WAIT = timedelta(hours=72)


@caught
def _ask(world: World, person: Account, address: str = NEW, *, factor_days: int = 0) -> Any:
    """With a second factor that is so many days old; 0: with none."""
    since = world.clock() - timedelta(days=factor_days) if factor_days else None
    asker = Asker(person, world.settings, Proof("a-session", since), ORIGIN)
    with world.database.writing() as unit:
        return email_change.ask(unit, asker, address)


@caught
def _spend(world: World, rule: Any, link: str) -> EmailChange | OwnData:
    token = link.partition("?token=")[2]
    with world.database.writing() as unit:
        found: EmailChange | OwnData = rule(unit, world.settings.issuer, token, source=ORIGIN)
        return found


def _carry_out(world: World) -> int:
    return asyncio.run(email_changes.carry_out(world.database, world.settings.issuer))


def _of(mails: list[Mail], message: str) -> Mail:
    (one,) = [one for one in mails if one.message == message]
    return one


def test_the_whole_way(world: World, person: Account, holder: Browser, mailed: Mailed):
    """Nothing changes until the new address is confirmed and the one before has agreed."""
    mailed()
    holder.get("/account/email")
    assert "3 days" in holder.page.text
    holder.submit(holder.page.forms[0], email=NEW)
    assert NEW in holder.page.text
    mails = mailed()
    assert sorted((one.message, one.to) for one in mails) == [
        ("confirm_email", NEW),
        ("email_change_asked", OLD),
    ]
    assert NEW not in str(_of(mails, "email_change_asked").values)

    elsewhere = world.browser()
    elsewhere.get(_of(mails, "confirm_email").link)
    elsewhere.submit(elsewhere.page.forms[0])
    assert "changes soon" in elsewhere.page.text
    assert world.find("a.attorney").email == OLD
    holder.get("/account/security")
    assert f"agree by the mail to {OLD}" in holder.page.text

    elsewhere.get(_path(_of(mails, "email_change_asked").values["agree_url"]))
    elsewhere.submit(elsewhere.page.forms[0])
    assert "Your e-mail address is changed" in elsewhere.page.text
    assert world.find("a.attorney").email == NEW
    told = {one.to: one for one in mailed()}
    assert set(told) == {OLD, NEW}
    assert told[OLD].values["not_me_url"]
    assert not told[NEW].values["not_me_url"], "a new address has no say"
    holder.get("/account/security")
    assert "This browser" in holder.page.text


def _path(url: str) -> str:
    return url.removeprefix("http://localhost:8000")


@ON_ONE
def test_the_old_address_may_agree_first(world: World, person: Account, mailed: Mailed):
    """The order of the two answers does not matter."""
    _ask(world, person)
    mails = mailed()
    agree = _of(mails, "email_change_asked").values["agree_url"]
    assert isinstance(_spend(world, email_changes.agree, agree), EmailChange)
    done = _spend(world, email_changes.confirm, _of(mails, "confirm_email").link)
    assert isinstance(done, OwnData)
    assert world.find("a.attorney").email == NEW


@ON_ONE
def test_a_settled_factor_stands_in_for_the_old_address(
    world: World, person: Account, mailed: Mailed
):
    """One that is new does not: a thief may have added it."""
    _ask(world, person, factor_days=4)
    (asked,) = mailed()
    assert isinstance(_spend(world, email_changes.confirm, asked.link), OwnData)
    _ask(world, person, "third@example.org", factor_days=2)
    assert {one.message for one in mailed()} >= {"email_change_asked"}


def test_who_lost_the_old_mailbox_waits(world: World, person: Account, mailed: Mailed):
    """Confirmed and not stopped, it comes by itself; not a second before its time."""
    _ask(world, person)
    link = _of(mailed(), "confirm_email").link
    assert isinstance(_spend(world, email_changes.confirm, link), EmailChange)
    world.clock.advance(seconds=WAIT.total_seconds() - 1)
    assert _carry_out(world) == 0
    world.clock.advance(seconds=1)
    assert _carry_out(world) == 1
    assert _carry_out(world) == 0
    assert world.find("a.attorney").email == NEW


def test_the_old_address_stops_it(world: World, person: Account, mailed: Mailed):
    """One button of the same page; nothing comes when its time is there."""
    _ask(world, person)
    mails = mailed()
    _spend(world, email_changes.confirm, _of(mails, "confirm_email").link)
    browser = world.browser()
    browser.get(_path(_of(mails, "email_change_asked").values["agree_url"]))
    browser.submit(browser.page.forms[1])
    assert "stays as it is" in browser.page.text
    assert world.audited()[-1] == "profile:email:stopped"
    world.clock.advance(seconds=WAIT.total_seconds())
    assert _carry_out(world) == 0
    assert world.find("a.attorney").email == OLD


@ON_ONE
def test_nobody_gets_an_address_that_was_not_confirmed(
    world: World, person: Account, mailed: Mailed
):
    """Agreement and time alone do nothing: a mistyped address gets no mail."""
    _ask(world, person)
    _spend(world, email_changes.agree, _of(mailed(), "email_change_asked").values["agree_url"])
    world.clock.advance(seconds=WAIT.total_seconds())
    assert _carry_out(world) == 0
    assert world.find("a.attorney").email == OLD


def test_a_later_request_replaces_the_earlier(world: World, person: Account, mailed: Mailed):
    """The link for a mistyped address works no more."""
    _ask(world, person, "typo@new.example.org", factor_days=4)
    (first,) = mailed()
    _ask(world, person, factor_days=4)
    (second,) = mailed()
    assert isinstance(_spend(world, email_changes.confirm, first.link), RefusedError)
    assert isinstance(_spend(world, email_changes.confirm, second.link), OwnData)
    assert world.find("a.attorney").email == NEW


@ON_ONE
def test_the_link_ends_with_its_time(world: World, person: Account, mailed: Mailed):
    """A day to confirm."""
    _ask(world, person)
    link = _of(mailed(), "confirm_email").link
    world.clock.advance(hours=24)
    late = _spend(world, email_changes.confirm, link)
    assert isinstance(late, RefusedError)
    assert late.reason == mailed_links.EXPIRED


def test_links_to_choose_a_password_end_with_the_address(
    world: World, person: Account, mailed: Mailed
):
    """Whoever reads the address before cannot open the account with an earlier mail."""
    with world.database.writing() as unit:
        token = mailed_links.issue(
            unit,
            Purpose.CHOOSE_PASSWORD,
            email=OLD,
            lasts=email_changes.CONFIRM_LASTS,
            account_id=person.id,
        )
    _ask(world, person, factor_days=4)
    _spend(world, email_changes.confirm, mailed()[0].link)
    with world.database.reading() as unit, pytest.raises(DeadLinkError):
        mailed_links.look(unit, Purpose.CHOOSE_PASSWORD, token)


def test_a_frozen_account_keeps_its_address(world: World, person: Account, mailed: Mailed):
    """Neither asked, nor confirmed, nor made by the clock; the link waits."""
    _ask(world, person)
    link = _of(mailed(), "confirm_email").link
    world.change_account(person, frozen_at=world.clock())
    assert isinstance(_ask(world, person), RefusedError)
    refused = _spend(world, email_changes.confirm, link)
    assert isinstance(refused, RefusedError)
    assert refused.reason == "frozen"
    world.change_account(person, frozen_at=None)
    assert isinstance(_spend(world, email_changes.confirm, link), EmailChange)
    world.change_account(person, frozen_at=world.clock())
    world.clock.advance(seconds=WAIT.total_seconds())
    assert _carry_out(world) == 0


def test_nobody_is_flooded_with_mail(world: World, person: Account):
    """Five an hour for an account, whatever addresses it names."""
    for number in range(email_changes.MAILS_AN_HOUR):
        _ask(world, person, f"ada{number}@new.example.org")
    with pytest.raises(BusyError):
        _ask(world, person)
    world.clock.advance(hours=1)
    assert _ask(world, person) == NEW


def test_of_confirmations_at_once_one_counts(world: World, person: Account, mailed: Mailed):
    """One change, whatever number of browsers press the button."""
    _ask(world, person, factor_days=4)
    (asked,) = mailed()
    found: list[Any] = []

    def press() -> None:
        found.append(_spend(world, email_changes.confirm, asked.link))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, OwnData) for one in found) == 1
    assert world.audited().count("profile:email:changed") == 1


@ON_ONE
def test_a_program_waits_too(world: World, person: Account, allow: Any, mailed: Mailed):
    """What it is proved with is the sign-in in which the person allowed it."""
    program = allow()
    mailed()
    answer = program.call("PATCH", "/me", json={"email": NEW})
    assert answer.json()["pending_email"] == NEW
    assert {one.message for one in mailed()} == {"confirm_email", "email_change_asked"}
