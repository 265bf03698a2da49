"""What is so once an account is upgraded, and what keeps one from it."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from signon.accounts import sign_outs
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, account_changes, accounts, mailed_links
from signon.app import prunable
from signon.audit.models import events
from signon.errors import RefusedError
from signon.signin import session as sessions
from signon.upgrade.models import upgrades
from signon.upgrade.upgrading import Upgraded, Upgrading
from signon.web.visitor import Source
from tests.infra.browser import Browser
from tests.infra.databases import ON_BOTH
from tests.infra.world import PASSWORD, World
from tests.upgrade.conftest import (
    NEW_NAME,
    NEW_PASSWORD,
    OLD_NAME,
    PAGES,
    PERSON,
    SECURITY,
    go,
    signed_in,
    to_confirm,
)


def row(world: World, account: Account) -> Any:
    """The account's row."""
    with world.database.reading() as unit:
        return unit.execute(select(accounts).where(accounts.c.id == account.id)).one()


def rows(world: World, table: Any) -> list[Any]:
    """A table's rows."""
    with world.database.reading() as unit:
        return list(unit.execute(select(table)).all())


def mails(world: World, kind: str) -> list[dict[str, Any]]:
    """The mails of a kind that wait to be sent."""
    return [one for one in world.queued("mail") if one["message"] == kind]


def can_sign_in(world: World, username: str, password: str) -> bool:
    """Whether username and password open the door."""
    browser = world.browser()
    browser.get("/login")
    return browser.sign_in(username, password).status_code == 200


def test_an_upgraded_account(world: World, legacy: Account):
    """Everything entered counts, the old name and password do not, the search rights are as before."""
    other = signed_in(world)
    browser = signed_in(world)
    before = row(world, legacy)
    to_confirm(browser)
    assert row(world, legacy) == before
    done = browser.submit(browser.page.forms[0])
    assert "Your account is upgraded" in done.text
    now = row(world, legacy)
    assert now.upgraded_at == world.clock.now
    assert (now.username, now.first_name, now.date_of_birth) == (NEW_NAME, "Hal", date(1958, 2, 14))
    assert now.middle_name is None
    assert (now.county, now.country, now.phone) == ("San Diego", "US", "+16195550130")
    assert now.search_status == before.search_status == "active"
    assert (now.number, now.kind, now.user_type) == (before.number, "individual", "attorney")
    assert can_sign_in(world, NEW_NAME, NEW_PASSWORD)
    assert not can_sign_in(world, OLD_NAME, PASSWORD)
    assert not can_sign_in(world, NEW_NAME, PASSWORD)
    assert "Signed in as" not in other.get("/courts").text
    assert "needs no upgrade" in browser.get("/upgrade").text
    assert rows(world, upgrades) == []


def test_what_is_told_of_it(world: World, legacy: Account):
    """Old and new address get both mails, only the new one the link that confirms it;
    the old one is asked to agree.
    """
    browser = signed_in(world)
    to_confirm(browser, email="new@example.org")
    assert "new@example.org" in browser.page.text
    browser.submit(browser.page.forms[0])
    both = {f"{OLD_NAME}@example.org", "new@example.org"}
    assert {mail["to"] for mail in mails(world, "account_changed")} == both
    upgraded = mails(world, "account_upgraded")
    assert [mail["to"] for mail in upgraded] == [f"{OLD_NAME}@example.org"]
    assert upgraded[0]["values"]["username"] == NEW_NAME
    assert upgraded[0]["values"]["old_username"] == OLD_NAME
    assert [mail["to"] for mail in mails(world, "confirm_email")] == ["new@example.org"]
    asked = mails(world, "email_change_asked")
    assert [mail["to"] for mail in asked] == [f"{OLD_NAME}@example.org"]
    assert row(world, legacy).email == f"{OLD_NAME}@example.org"
    link = next(one for one in rows(world, mailed_links) if one.purpose == "confirm_email")
    assert link.email == "new@example.org"


def test_what_is_written_down(world: World, legacy: Account):
    """History has before and after, the audit event the names of the fields, nothing the password."""
    browser = signed_in(world)
    to_confirm(browser)
    browser.submit(browser.page.forms[0])
    change = next(one for one in rows(world, account_changes) if one.subject == "upgrade")
    assert (change.before["username"], change.after["username"]) == (OLD_NAME, NEW_NAME)
    assert change.before["upgraded_at"] is None
    event = next(one for one in rows(world, events) if one.event == "accounts:account:upgraded")
    assert "username" in event.detail["fields"]
    assert NEW_NAME not in json.dumps(event.detail)


def test_what_was_entered_is_sealed(world: World, legacy: Account):
    """Whoever reads the database reads neither names nor passwords in it."""
    browser = signed_in(world)
    to_confirm(browser)
    (kept,) = rows(world, upgrades)
    assert kept.step == "confirm"
    opened = world.ring.open(kept.entered, f"upgrade:{legacy.id}").decode()
    assert "Coronado" in opened
    assert NEW_PASSWORD not in opened
    assert "$argon2id$" in opened
    assert b"Coronado" not in bytes(kept.entered)


@pytest.mark.parametrize("taken", range(len(PAGES) + 1))
def test_it_goes_on_in_another_browser(world: World, legacy: Account, taken: int):
    """Interrupted after any step, the next visit opens the page that comes next."""
    browser = signed_in(world)
    browser.get("/upgrade")
    for page in PAGES[:taken]:
        go(browser, page)
    other = signed_in(world)
    other.get("/upgrade")
    assert f"Step {taken + 1} of 5" in other.page.text
    for page in PAGES[taken:]:
        go(other, page)
    assert "Your account is upgraded" in other.submit(other.page.forms[0]).text
    assert row(world, legacy).first_name == "Hal"


def ready(world: World, old_name: str, **changes: str) -> Browser:
    """A legacy person of that name who has only to confirm."""
    world.account(old_name, created_on=date(2009, 5, 4))
    browser = signed_in(world, old_name)
    to_confirm(browser, **changes)
    return browser


def finish_at_once(world: World, browsers: list[Browser]) -> list[Upgraded | str]:
    """Confirm in several threads at the same moment."""
    upgrading = Upgrading(world.ring, world.settings)
    tokens = [browser.http.cookies["signon_session"] for browser in browsers]
    with world.database.reading() as unit:
        found = [sessions.current(unit, token, world.settings) for token in tokens]
    barrier = Barrier(len(found))

    def finish(session: Any) -> Upgraded | str:
        barrier.wait()
        try:
            with world.database.writing() as unit:
                return upgrading.finish(unit, session, Source())
        except RefusedError as error:
            return error.reason

    with ThreadPoolExecutor(len(found)) as pool:
        return list(pool.map(finish, found))


@ON_BOTH
def test_two_at_once_are_one_upgrade(world: World, legacy: Account):
    """The second finds nothing to do; there is one event, one history entry, one set of mails."""
    browsers = [signed_in(world), signed_in(world)]
    to_confirm(browsers[0])
    ends = finish_at_once(world, browsers)
    assert [end for end in ends if not isinstance(end, Upgraded)] == ["nothing_to_do"]
    assert row(world, legacy).username == NEW_NAME
    upgraded = [one for one in rows(world, events) if one.event == "accounts:account:upgraded"]
    assert len(upgraded) == 1
    assert len(mails(world, "account_upgraded")) == 1


@ON_BOTH
def test_one_name_for_two_at_once(world: World):
    """The constraint gives it to one; for the other nothing at all has happened."""
    browsers = [
        ready(world, "aa1111", username="same.name1"),
        ready(world, "bb2222", username="Same.Name1"),
    ]
    ends = finish_at_once(world, browsers)
    assert [end for end in ends if not isinstance(end, Upgraded)] == ["username_taken"]
    left = [one for one in rows(world, accounts) if one.upgraded_at is None]
    assert len(left) == 1
    assert left[0].username in {"aa1111", "bb2222"}
    assert [one.account_id for one in rows(world, upgrades)] == [left[0].id]
    loser = browsers[0 if left[0].username == "aa1111" else 1]
    again = loser.submit(loser.page.forms[0])
    assert again.status_code == 409
    assert "is taken" in loser.page.text
    assert loser.page.forms[0].fields["username"].casefold() == "same.name1"
    go(loser, SECURITY)
    assert "Your account is upgraded" in loser.submit(loser.page.forms[0]).text


def test_an_upgrade_left_alone_goes(world: World, legacy: Account):
    """What was entered is not kept for ever; the account stays what it is."""
    browser = signed_in(world)
    browser.get("/upgrade")
    go(browser, PERSON)
    with world.database.writing() as unit:
        assert prunable(world.settings)["upgrades"](unit, 10) == 0
    world.clock.now += timedelta(seconds=world.settings.upgrade_seconds)
    with world.database.writing() as unit:
        assert prunable(world.settings)["upgrades"](unit, 10) == 1
    assert row(world, legacy).upgraded_at is None


def test_what_somebody_else_has_begun_does_not_count(world: World, legacy: Account):
    """Whoever takes the account back starts anew: no name, address or password is left in it."""
    browser = signed_in(world)
    to_confirm(browser)
    with world.database.reading() as unit:
        session = sessions.current(unit, browser.http.cookies["signon_session"], world.settings)
    world.clock.advance(seconds=1)
    with world.database.writing() as unit:
        sign_outs.sign_out_everywhere(unit, legacy.id)
    with world.database.writing() as unit:
        assert session is not None
        with pytest.raises(RefusedError):
            Upgrading(world.ring, world.settings).finish(unit, session, Source())
    # at the very moment of the sign-out the outbox would take the owner for one of the others
    world.clock.advance(seconds=1)
    owner = signed_in(world)
    owner.get("/upgrade/confirm")
    assert "Step 1 of 5" in owner.page.text
    go(owner, PERSON)
    assert "Step 2 of 5" in owner.page.text


def test_another_name_asks_for_the_password_again(world: World, legacy: Account):
    """It was looked at beside the names that were entered then."""
    browser = signed_in(world)
    to_confirm(browser)
    browser.get("/upgrade/person")
    go(browser, {**PERSON, "last_name": "Lantern"})
    browser.get("/upgrade/confirm")
    assert "Username and password" in browser.page.text
    assert "Step 3 of 5" in browser.page.text


def test_a_firm_has_a_shorter_way(world: World):
    """Its administrator's date of birth, the county, a name and a password (domain facts 1.6)."""
    firm = world.account("ff2008", AccountKind.FIRM, created_on=date(2008, 1, 1))
    world.enrol("ff2008")
    browser = signed_in(world, "ff2008")
    browser.get("/upgrade")
    go(browser, {"date_of_birth": "1960-07-01", "county": "Kings"})
    go(browser, {**SECURITY, "username": "firm.ff2008"})
    assert "Your account is upgraded" in browser.submit(browser.page.forms[0]).text
    now = row(world, firm)
    assert (now.username, now.date_of_birth, now.county) == (
        "firm.ff2008",
        date(1960, 7, 1),
        "Kings",
    )
    assert now.firm_name == "Attorney & Daughters"
    assert now.search_status == "inactive"


def test_a_frozen_account_is_not_upgraded(world: World, legacy: Account):
    """Frozen between the last page and the confirmation, it stays as it is and says why."""
    browser = signed_in(world)
    to_confirm(browser)
    with world.database.writing() as unit:
        unit.execute(update(accounts).values(frozen_at=unit.now))
    refused = browser.submit(browser.page.forms[0])
    assert refused.status_code == 403
    assert "not made by its owner" in browser.page.text
    assert row(world, legacy).upgraded_at is None


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        (AccountKind.SHARED, 403, "Register an account of your own"),
        (AccountKind.OPERATOR, 200, "nothing to do"),
        (AccountKind.INDIVIDUAL, 200, "nothing to do"),
    ],
)
def test_who_has_nothing_to_upgrade(world: World, kind: AccountKind, status: int, words: str):
    """Shared accounts are told what to do instead; upgraded ones and operators that all is well."""
    world.account("some.body", kind, **({"firm_name": "F"} if kind is AccountKind.SHARED else {}))
    if kind is AccountKind.OPERATOR:
        world.enrol("some.body")
    browser = signed_in(world, "some.body")
    assert browser.get("/upgrade").status_code == status
    assert words in browser.page.text
    assert browser.get("/upgrade/security").status_code == status
