"""Old logins of whoever registers anew; giving an approval back; roles that a court lacks."""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import select

from signon.accounts.hashing import Hasher
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court.desk import Desk
from signon.filing.legacy_logins import importing
from signon.filing.legacy_logins.importing import Means
from signon.filing.models import rights
from signon.filing.registration_types import RegistrationType
from signon.filing.registrations import deciding, matches, queue
from signon.filing.registrations.answers import AskedFor
from signon.filing.registrations.matches import KIND, OldLoginNotices
from signon.filing.registrations.registrations import State
from signon.filing.roles import Role
from signon.outbox import events
from tests.court.conftest import CourtHouse
from tests.court.test_registering import CREDITOR, Filer, approve, claims
from tests.infra.world import World

ATTORNEY = AskedFor(RegistrationType.E_FILE, Role.ATTORNEY)
HEADER = "login,password_hash,first_name,last_name,bar_id,email,role,status"


def load(world: World, *lines: str) -> None:
    """Logins on file at casb: `login,first,last,bar,email`."""
    means = Means(world.database, world.ring, Hasher(world.settings), 1)
    rows, strong = [], Hasher(world.settings).hash("nobody knows")
    for line in lines:
        login, rest = line.split(",", 1)
        rows.append(f'{login},"{strong}",{rest},attorney,active')
    importing.run(means, "casb", "\n".join([HEADER, *rows]).encode())


def deliver(world: World) -> None:
    """Let what waits for the look be looked at."""

    async def once() -> None:
        await events.deliver_due(world.database, OldLoginNotices(world.database).handlers())

    asyncio.run(once())


def told(world: World) -> list[str]:
    return sorted(
        one["to"] for one in world.queued("mail") if one["message"] == "old_login_matched"
    )


@pytest.fixture
def on_file(world: World) -> None:
    """Six logins, of which some are Ada's."""
    load(
        world,
        "byboth,Ada,Attorney,CA 123456,old@firm.example",
        "bybar,A.,Lovelace,123456,bar@firm.example",
        "byname,ADA,Attorney,,name@firm.example",
        "bymail,Some,Body,,A.Attorney@example.org",
        "other,Grace,Hopper,CA123457,other@firm.example",
        "cousin,Bob,Attorney,NV123456,cousin@firm.example",
    )


@pytest.mark.usefixtures("on_file")
@pytest.mark.parametrize("is_proved", [True, False])
def test_the_clerk_sees_what_is_the_same(courthouse: CourtHouse, world: World, is_proved: bool):
    """Address (once it was proved), bar number however it is written, name; the nearest first."""
    account = world.account()
    world.change_account(account, email_verified=is_proved)
    registration = Filer(world, "a.attorney").submit(ATTORNEY, state_bars="ca 0123-456\nNY 99")
    desk = courthouse.staff("clerk")
    with world.database.reading() as unit:
        file = queue.file(unit, desk, registration)
        found = matches.of_registration(unit, file.registration, file.applicant)
    seen = {one.login.login: one.in_words for one in found}
    assert next(iter(seen)) == "byboth"
    assert seen == {
        "byboth": "same bar number, same name",
        "bybar": "same bar number",
        "byname": "same name",
        **({"bymail": "same address"} if is_proved else {}),
    }
    page = courthouse.sign_in("clerk.casb").get(f"/court/casb/registrations/{registration}").text
    assert "bar number CA 123456: same bar number, same name, not linked" in " ".join(page.split())


@pytest.mark.usefixtures("on_file")
def test_the_address_on_file_is_told_and_nobody_else(world: World):
    """After the answer; not whose name alone is the same; twice a day at most."""
    world.account()
    filer = Filer(world, "a.attorney")
    registration = filer.submit(ATTORNEY, state_bars="CA 123456")
    assert world.queued(KIND) == [{"registration": registration, "account": filer.who.account.id}]
    assert told(world) == []
    deliver(world)
    assert told(world) == ["bar@firm.example", "old@firm.example"]
    for number in range(3):
        world.account(f"stranger{number}", first_name="Mal", last_name="Lory")
        Filer(world, f"stranger{number}").submit(ATTORNEY, state_bars="CA 123456")
        deliver(world)
    assert told(world) == ["bar@firm.example"] * 2 + ["old@firm.example"] * 2


@pytest.mark.usefixtures("on_file")
def test_the_applicant_reads_the_same_whatever_is_on_file(courthouse: CourtHouse, world: World):
    """Bar numbers are public: nothing on a page tells whether one is on file."""
    pages = []
    for username, bar in (("a.attorney", "CA 123456"), ("b.attorney", "CA 999999")):
        world.account(username, first_name="Bea", last_name="Browser")
        Filer(world, username).submit(ATTORNEY, state_bars=bar)
        browser = courthouse.sign_in(username)
        page = browser.get("/courts/casb/register/status").text
        pages.append(page.replace(bar, "").replace(username, ""))
    words = [" ".join(page.split("<main")[1].split("</main")[0].split()) for page in pages]
    hidden = [re.sub(r'value="[^"]{40,}"', "", part) for part in words]
    assert hidden[0] == hidden[1]
    hint = courthouse.sign_in("b.attorney").get("/courts/cacd/register/what").text
    assert "Did this court ever give you a filing login?" in hint


# ── An approval given back ───────────────────────────────────────────────────


def test_an_approval_is_given_back_and_approved_anew(courthouse: CourtHouse, world: World):
    """The right ends and the court is told; the applicant corrects; the next approval gives another."""
    account = world.account("c.creditor")
    world.court_policy("casb", training="none")
    filer, desk = Filer(world, "c.creditor"), courthouse.staff("clerk")
    registration = filer.submit(CREDITOR, organization="Harbor Credit Union")
    approve(world, desk, registration, roles=["limited_creditor"])
    with world.database.writing() as unit:
        _give_back(unit, desk, registration, "The wrong creditor was named.")
    assert claims(world, "c.creditor")["ecf_status"] == "pending"
    assert [one["accounts"] for one in world.queued("rights:reduced")] == [[account.id]]
    with world.database.reading() as unit:
        file = queue.file(unit, desk, registration)
    assert (file.registration.state, file.registration.decided_at) == (State.RETURNED, None)
    mails = [one["values"] for one in world.queued("mail") if one["message"] == "registration_step"]
    assert mails[-1]["court_says"] == ["The wrong creditor was named."]
    again = filer.submit(CREDITOR, organization="Harbour Credit Union")
    assert again == registration
    approve(world, desk, registration, roles=["limited_creditor"])
    assert claims(world, "c.creditor")["ecf_status"] == "active"
    with world.database.reading() as unit:
        found = unit.execute(
            select(rights.c.registration_id)
            .where(rights.c.account_id == account.id)
            .order_by(rights.c.ended_at.is_(None))
        )
        assert list(found.scalars()) == [None, registration]


def test_what_ended_already_is_not_given_back(courthouse: CourtHouse, world: World):
    """And neither twice, nor by the applicant's own hand."""
    world.account("c.creditor")
    filer, desk = Filer(world, "c.creditor"), courthouse.staff("clerk")
    registration = filer.submit(CREDITOR, organization="Harbor Credit Union")
    approve(world, desk, registration, roles=["limited_creditor"])
    own = courthouse.staff("clerk", username="c.creditor")
    reasons = []
    for who in (own, desk, desk):
        try:
            with world.database.writing() as unit:
                _give_back(unit, who, registration, "By mistake.")
        except RefusedError as error:
            reasons.append(error.reason)
    assert reasons == ["own_registration", "decided_meanwhile"]


def test_only_whoever_saw_the_approval_gives_it_back(courthouse: CourtHouse, world: World):
    """A colleague who returns what was pending for them takes nothing away."""
    world.account("c.creditor")
    desk = courthouse.staff("clerk")
    registration = Filer(world, "c.creditor").submit(CREDITOR, organization="Harbor Credit Union")
    with world.database.reading() as unit:
        seen = queue.file(unit, desk, registration).registration.version
    approve(world, desk, registration, roles=["limited_creditor"])
    for version in (None, seen):
        with pytest.raises(RefusedError) as refused, world.database.writing() as unit:
            deciding.return_(unit, desk, registration, "Incomplete.", version=version)
        assert refused.value.reason == "decided_meanwhile"


def _give_back(unit: Unit, desk: Desk, registration: str, message: str) -> None:
    there = queue.file(unit, desk, registration).registration
    deciding.return_(unit, desk, registration, message, version=there.version)


def test_the_page_of_an_approved_one_gives_it_back(courthouse: CourtHouse, world: World):
    """A clerk's; help desk and readers see no such thing."""
    world.account("c.creditor")
    registration = Filer(world, "c.creditor").submit(CREDITOR, organization="Harbor")
    approve(world, courthouse.staff("clerk"), registration, roles=["limited_creditor"])
    courthouse.staff("help_desk")
    here = f"/court/casb/registrations/{registration}"
    assert "Give it back" not in courthouse.sign_in("help.desk.casb").get(here).text
    browser = courthouse.sign_in("clerk.casb")
    assert "Give it back to the applicant" in browser.get(here).text
    assert "The filing rights end" in browser.get(f"{here}/return").text
    browser.submit(browser.page.forms[0], return_message="Wrong person.")
    assert claims(world, "c.creditor")["ecf_status"] == "pending"


# ── What a court lacks, and what cannot be used ──────────────────────────────


def test_a_role_that_the_court_lacks_is_named_with_what_to_do(courthouse: CourtHouse, world: World):
    """Pro se at a bankruptcy court: at the counter."""
    world.court_policy("casb", roles="attorney,trustee,limited_creditor")
    courthouse.person("a.attorney")
    browser = courthouse.sign_in("a.attorney")
    assert "counter of the clerk" not in browser.get("/courts/nysb/register/what").text
    page = browser.get("/courts/casb/register/what").text
    assert "Self-represented (pro se)" in page
    assert "counter of the clerk" in page


@pytest.mark.parametrize(
    ("given", "heading"),
    [
        ({}, "Courts where you file"),
        ({"status": "suspended", "suspended_by": ["court"]}, "Courts where you cannot file now"),
        ({"roles": ["filing_agent"], "admission": None}, "Courts where you cannot file now"),
    ],
)
def test_a_right_that_cannot_be_used_is_not_called_one(
    given: dict[str, Any], heading: str, courthouse: CourtHouse, world: World
):
    """In the account, on the home page and in the list of what is needed."""
    world.right(courthouse.person("a.attorney"), **given)
    browser = courthouse.sign_in("a.attorney")
    page = browser.get("/account/courts").text
    assert heading in page
    assert ("Courts where you file" in page) is (heading == "Courts where you file")
    may = heading == "Courts where you file"
    assert ("You can file" in browser.get("/").text) is may
    assert ("Yes, you can file here" in browser.get("/courts/casb/ready").text) is may
