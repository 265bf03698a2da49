"""Which courts learn of a change, the event for those that subscribe, and a court's notices."""

import pytest
from sqlalchemy import select

from signon.accounts.directory import Account
from signon.filing.models import rights
from signon.filing.rights import notice_addresses
from signon.profile import disputes, taking_back
from signon.profile.taking_back import TakingBack
from tests.infra.browser import Browser
from tests.infra.world import World
from tests.profile.conftest import Mailed

NOTICES = "/account/courts/casb/notices"


def fields(browser: Browser):
    return browser.page.forms[0]


def stored(world: World) -> str | None:
    with world.database.reading() as unit:
        found: str | None = unit.execute(select(rights.c.notice_email)).scalar_one()
    return found


@pytest.mark.parametrize("subject", ["name", "address", "phone", "email"])
def test_a_form_names_the_courts_that_learn_of_it(
    subject: str, world: World, person: Account, holder: Browser
):
    """Those where the person has a right, and no other."""
    assert "None: you have filing rights at no court" in holder.get(f"/account/{subject}").text
    world.right(person)
    world.right(person, "cacd", ended_at=world.clock())
    page = holder.get(f"/account/{subject}").text
    assert "Bankruptcy Court for the Southern District of California" in page
    assert "Central District of California" not in page


def test_a_change_is_an_event_without_values(world: World, person: Account, holder: Browser):
    """Whose, and the names of what courts read; nothing when nothing of it changed."""
    holder.get("/account/phone")
    holder.submit(fields(holder), phone="+1 619 555 0142")
    holder.get("/account/client-code")
    holder.submit(fields(holder), client_code_required="1", client_code_pattern="")
    told = world.queued("account:changed")
    assert told == [{"accounts": [person.id], "fields": ["phone"]}]


def test_the_notices_of_a_court_go_elsewhere(
    world: World, person: Account, holder: Browser, mailed: Mailed
):
    """The person changes it and takes it back; the account's address and the one before are told."""
    world.right(person)
    mailed()
    for typed, expected, told in (
        ("docket@firm.example", "docket@firm.example", ["a.attorney@example.org"]),
        ("docket@firm.example", "docket@firm.example", []),
        ("", None, ["a.attorney@example.org", "docket@firm.example"]),
    ):
        holder.get(NOTICES)
        holder.submit(fields(holder), notice_email=typed)
        assert holder.response is not None
        assert holder.response.url.path == "/account/courts"
        if typed:
            confirm(world, mailed)
        assert stored(world) == expected
        assert sorted(mail.to for mail in mailed()) == told


def confirm(world: World, mailed: Mailed) -> None:
    """Follow the link that was mailed to an address, in a browser of its own, if there is one."""
    for letter in mailed():
        if letter.message == "confirm_notices":
            reader = world.browser()
            reader.get(str(letter.values["confirm_url"]).removeprefix(world.settings.issuer))
            reader.submit(reader.page.forms[0])


def test_an_address_counts_when_it_has_answered(
    world: World, person: Account, holder: Browser, mailed: Mailed
):
    """Until then the old one does, and the page says which is waited for; the link works once."""
    world.right(person, notice_email="old@firm.example")
    mailed()
    holder.get(NOTICES)
    holder.submit(fields(holder), notice_email="new@firm.example")
    (letter,) = mailed()
    assert (letter.to, letter.message) == ("new@firm.example", "confirm_notices")
    assert stored(world) == "old@firm.example"
    assert "We mailed a link to new@firm.example" in holder.get(NOTICES).text
    reader = world.browser()
    at = str(letter.values["confirm_url"]).removeprefix(world.settings.issuer)
    reader.get(at)
    assert stored(world) == "old@firm.example", "a mail scanner opens links too"
    reader.submit(reader.page.forms[0])
    assert stored(world) == "new@firm.example"
    assert "We mailed a link" not in holder.get(NOTICES).text
    assert reader.get(at).status_code == 403


def test_of_two_addresses_for_a_court_the_last_one_counts(
    world: World, person: Account, holder: Browser, mailed: Mailed
):
    """Whoever reads the mistyped one gets nothing by its link; what another court waits for stays."""
    world.right(person)
    world.right(person, "cacd", notice_email="cacd@firm.example")
    mailed()
    at_other = NOTICES.replace("casb", "cacd")
    for page, typed in (
        (at_other, "new.cacd@firm.example"),
        (NOTICES, "typo@fimr.example"),
        (NOTICES, "docket@firm.example"),
    ):
        holder.get(page)
        holder.submit(fields(holder), notice_email=typed)
    links = {one.to: str(one.values["confirm_url"]) for one in mailed()}
    reader = world.browser()
    at = links["typo@fimr.example"].removeprefix(world.settings.issuer)
    assert reader.get(at).status_code == 403
    assert "We mailed a link to docket@firm.example" in holder.get(NOTICES).text
    holder.submit(fields(holder), notice_email="")
    assert "We mailed a link" not in holder.get(NOTICES).text
    assert "We mailed a link to new.cacd@firm.example" in holder.get(at_other).text


def test_the_accounts_own_address_counts_at_once(
    world: World, person: Account, holder: Browser, mailed: Mailed
):
    """It is known."""
    world.right(person)
    holder.get(NOTICES)
    holder.submit(fields(holder), notice_email=person.email.upper())
    assert stored(world) is not None


@pytest.mark.parametrize("typed", ["nobody", "a@b@c", "x" * 300 + "@example.org"])
def test_what_is_no_address_is_refused(typed: str, world: World, person: Account, holder: Browser):
    """And what was typed stands there still."""
    world.right(person)
    holder.get(NOTICES)
    assert holder.submit(fields(holder), notice_email=typed).status_code == 400
    assert stored(world) is None


def test_without_a_right_there_are_no_notices(world: World, person: Account, holder: Browser):
    """It is said on a page."""
    holder.get(NOTICES)
    assert holder.submit(fields(holder), notice_email="a@b.example").status_code == 403
    assert "no filing rights" in holder.page.text


def test_an_old_sign_in_changes_nothing(world: World, person: Account, holder: Browser):
    """Whoever finds a browser open must not read the notices."""
    world.right(person)
    holder.get(NOTICES)
    form = fields(holder)
    world.clock.advance(seconds=301)
    holder.submit(form, notice_email="thief@example.net")
    assert stored(world) is None


def test_whoever_takes_the_account_back_gets_the_notices_back(
    world: World, person: Account, holder: Browser, mailed: Mailed
):
    """An operator undoes it with everything since."""
    world.right(person, notice_email="mine@firm.example")
    holder.get(NOTICES)
    mailed()
    holder.submit(fields(holder), notice_email="thief@example.net")
    confirm(world, mailed)
    assert stored(world) == "thief@example.net"
    with world.database.writing() as unit:
        (change,) = [
            one
            for one in disputes.disownable(unit, person)
            if one.subject == notice_addresses.NOTICES
        ]
        means = TakingBack(world.settings, world.ring)
        taking_back.take_back_for(unit, means, person.number, change.id, actor="the.operator")
    assert stored(world) == "mine@firm.example"
