"""Another e-mail address: confirmed at the new one, undone from the old one."""

import threading
from typing import Any

import pytest

from signon.accounts import mailed_links
from signon.accounts.directory import Account
from signon.accounts.mailed_links import Purpose
from signon.accounts.own_data import OwnData
from signon.errors import BusyError, Refusal
from signon.profile import email_change
from signon.profile.changes import Asker
from signon.web.visitor import Origin
from tests.infra.browser import Browser
from tests.infra.world import World
from tests.profile.conftest import Mailed

OLD, NEW = "a.attorney@example.org", "ada@new.example.org"
ORIGIN = Origin("192.0.2.1", "a browser", "1")


def _ask(world: World, person: Account, address: str = NEW) -> Any:
    asker = Asker(person.id, world.settings.issuer, ORIGIN)
    with world.database.writing() as unit:
        return email_change.ask(unit, asker, address)


def _spend(world: World, rule: Any, link: str) -> OwnData | Refusal:
    token = link.partition("?token=")[2]
    with world.database.writing() as unit:
        found: OwnData | Refusal = rule(unit, world.settings.issuer, token, origin=ORIGIN)
        return found


def test_the_whole_way_and_back(world: World, person: Account, holder: Browser, mailed: Mailed):
    """Nothing changes until the button at the new address; the old one takes it back."""
    mailed()
    holder.get("/account/email")
    holder.submit(holder.page.forms[0], email=NEW)
    assert NEW in holder.page.text
    (asked,) = mailed()
    assert (asked.message, asked.to) == ("confirm_email", NEW)
    assert world.find("a.attorney").email == OLD

    elsewhere = world.browser()
    elsewhere.get(asked.link)
    assert world.find("a.attorney").email == OLD
    elsewhere.submit(elsewhere.page.forms[0])
    assert "Your e-mail address is changed" in elsewhere.page.text
    assert world.find("a.attorney").email == NEW
    mails = mailed()
    assert sorted((one.message, one.to) for one in mails) == [
        ("account_changed", OLD),
        ("account_changed", NEW),
        ("email_changed", OLD),
    ]
    holder.get("/account")
    assert "this browser" in holder.page.text

    (back,) = [one for one in mails if one.message == "email_changed"]
    assert NEW not in str(back.values)
    assert NEW.rpartition("@")[2] not in str(back.values)
    elsewhere.get(back.link)
    assert world.find("a.attorney").email == NEW
    elsewhere.submit(elsewhere.page.forms[0])
    assert "what it was before" in elsewhere.page.text
    restored = world.find("a.attorney")
    assert (restored.email, restored.frozen_at) == (OLD, None)
    assert sorted(one.to for one in mailed()) == [OLD, NEW]
    assert world.audited()[-1] == "profile:email:restored"


def test_a_later_request_replaces_the_earlier(world: World, person: Account, mailed: Mailed):
    """The link for a mistyped address works no more."""
    _ask(world, person, "typo@new.example.org")
    (first,) = mailed()
    _ask(world, person)
    (second,) = mailed()
    assert isinstance(_spend(world, email_change.confirm, first.link), Refusal)
    assert isinstance(_spend(world, email_change.confirm, second.link), OwnData)
    assert world.find("a.attorney").email == NEW


def test_links_end_with_their_time(world: World, person: Account, mailed: Mailed):
    """A day to confirm, ten days to take back."""
    _ask(world, person)
    (asked,) = mailed()
    world.clock.advance(hours=24)
    late = _spend(world, email_change.confirm, asked.link)
    assert isinstance(late, Refusal)
    assert late.reason == mailed_links.EXPIRED
    _ask(world, person)
    assert isinstance(_spend(world, email_change.confirm, mailed()[0].link), OwnData)
    (back,) = [one for one in mailed() if one.message == "email_changed"]
    world.clock.advance(hours=240)
    late = _spend(world, email_change.undo, back.link)
    assert isinstance(late, Refusal)
    assert late.reason == mailed_links.EXPIRED


def test_the_first_address_is_the_stronger(world: World, person: Account, mailed: Mailed):
    """Whoever took the account on to a third address cannot keep the first from taking it back,
    and cannot undo that from the second.
    """
    _ask(world, person)
    _spend(world, email_change.confirm, mailed()[0].link)
    (first,) = [one for one in mailed() if one.message == "email_changed"]
    _ask(world, person, "third@example.org")
    _spend(world, email_change.confirm, mailed()[0].link)
    (second,) = [one for one in mailed() if one.message == "email_changed"]
    assert isinstance(_spend(world, email_change.undo, first.link), OwnData)
    assert world.find("a.attorney").email == OLD
    assert isinstance(_spend(world, email_change.undo, second.link), Refusal)
    assert world.find("a.attorney").email == OLD


def test_links_to_choose_a_password_end_with_the_address(
    world: World, person: Account, mailed: Mailed
):
    """Whoever reads the address before cannot open the account with an earlier mail."""
    with world.database.writing() as unit:
        token = mailed_links.issue(
            unit,
            Purpose.CHOOSE_PASSWORD,
            email=OLD,
            lasts=email_change.CONFIRM_LASTS,
            account_id=person.id,
        )
    _ask(world, person)
    _spend(world, email_change.confirm, mailed()[0].link)
    with world.database.reading() as unit:
        assert isinstance(mailed_links.look(unit, Purpose.CHOOSE_PASSWORD, token), Refusal)


def test_a_frozen_account_keeps_its_address(world: World, person: Account, mailed: Mailed):
    """Neither asked, nor confirmed, nor undone; the links wait for the operators."""
    _ask(world, person)
    (asked,) = mailed()
    world.change_account(person, frozen_at=world.clock())
    assert isinstance(_ask(world, person), Refusal)
    refused = _spend(world, email_change.confirm, asked.link)
    assert isinstance(refused, Refusal)
    assert refused.reason == "frozen"
    world.change_account(person, frozen_at=None)
    assert isinstance(_spend(world, email_change.confirm, asked.link), OwnData)


def test_nobody_is_flooded_with_mail(world: World, person: Account):
    """Five an hour for an account, whatever addresses it names."""
    for number in range(email_change.MAILS_AN_HOUR):
        _ask(world, person, f"ada{number}@new.example.org")
    with pytest.raises(BusyError):
        _ask(world, person)
    world.clock.advance(hours=1)
    assert _ask(world, person) == NEW


def test_of_confirmations_at_once_one_counts(world: World, person: Account, mailed: Mailed):
    """One change, one undo link, whatever number of browsers press the button."""
    _ask(world, person)
    (asked,) = mailed()
    found: list[Any] = []

    def press() -> None:
        found.append(_spend(world, email_change.confirm, asked.link))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, OwnData) for one in found) == 1
    assert [one.message for one in mailed()].count("email_changed") == 1
    assert world.audited().count("profile:email:changed") == 1
