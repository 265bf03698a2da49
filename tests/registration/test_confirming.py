"""The mail and its link: who is told what, and what the link makes."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from signon.accounts import directory, finding, usernames
from signon.accounts.directory import email_key
from signon.accounts.models import AccountKind, AccountStatus, accounts
from signon.limits import counters
from signon.registration.confirming import FINISHES
from tests.infra.databases import ON_BOTH, ON_ONE
from tests.infra.world import World
from tests.registration.newcomer import ABOUT, PASSWORD, Newcomer

SAME: dict[str, Any] = {
    "first_name": "nora",
    "last_name": "QUILL",
    "email": "Nora.Quill@example.org",
    "date_of_birth": date(1976, 4, 28),
}


def plain(pages: list[str]) -> list[str]:
    """Pages without what differs by chance."""
    chance = r'name="csrf_token" value="[^"]*"|/register/[a-z2-7]{26}'
    return [re.sub(chance, "", page) for page in pages]


@ON_ONE
@pytest.mark.parametrize(
    ("known", "message", "warns"),
    [
        ({"email": "a@example.net"}, "registration_confirm", 0),
        (SAME | {"first_name": "Norah"}, "registration_confirm", 1),
        (SAME | {"date_of_birth": date(1976, 4, 27)}, "registration_confirm", 1),
        (SAME | {"email": "quill@example.org"}, "registration_confirm", 1),
        (SAME | {"email": "q@example.org", "first_name": "N"}, "registration_confirm", 0),
        (SAME | {"email": "nora.quill+old@example.org"}, "registration_exists", 0),
        (SAME, "registration_exists", 0),
    ],
)
def test_only_the_mail_tells_of_an_account(
    world: World, newcomer: Newcomer, known: dict[str, Any], message: str, warns: int
):
    """Two of name, birth date and address warn, three lead to recovery; the pages are the same."""
    before = Newcomer(world, world.browser())
    before.register(username="taken.name")
    world.account("taken.name", **known)
    newcomer.register(username="taken.name")
    mail = newcomer.mails()[-1]
    assert mail["message"] == message
    assert mail["values"].get("may_exist", 0) == warns
    assert plain(newcomer.seen) == plain(before.seen)


def test_somebody_who_got_the_account_meanwhile(newcomer: Newcomer, world: World):
    """The link looks again: there is no second account, and the page leads to recovery."""
    newcomer.register()
    world.account("older.account", **SAME)
    newcomer.get(newcomer.link())
    page = newcomer.submit()
    assert "You have an account already" in page
    assert "/forgot-password" in page
    with world.database.reading() as unit:
        assert len(unit.execute(select(accounts.c.id)).all()) == 1


@ON_BOTH
def test_a_tagged_address_is_held_for_review(newcomer: Newcomer, world: World):
    """`a+tag@x` counts as `a@x`: the account waits for an operator and cannot sign in."""
    world.account("olive.operator", AccountKind.OPERATOR, first_name="Olive")
    newcomer.register(email="nora+pacer@example.org")
    assert newcomer.mails()[0]["values"]["is_held"] == 1
    newcomer.get(newcomer.link())
    assert "being reviewed" in newcomer.submit()
    made = world.find("nora.quill")
    assert made.status is AccountStatus.HELD
    with world.database.reading() as unit:
        reason = unit.scalar(select(accounts.c.status_reason).where(accounts.c.id == made.id))
        waiting = finding.waiting(unit)
    assert reason == "review registration hold"
    assert [one.number for one in waiting] == [made.number]
    told = newcomer.mails()[-1]
    assert (told["message"], told["to"]) == ("account_held", "olive.operator@example.org")
    assert told["values"]["account_url"].endswith(f"/operators/accounts/{made.number}")
    newcomer.get("/login")
    newcomer.browser.sign_in("nora.quill", PASSWORD)
    assert newcomer.status == 403


def test_a_link_opened_again_shows_what_it_made(newcomer: Newcomer, world: World):
    """In any browser, and the button pressed on an old page makes nothing more."""
    newcomer.register()
    other = Newcomer(world, world.browser())
    other.get(newcomer.link())
    newcomer.get(newcomer.link())
    assert "Your account is open" in other.submit(password=PASSWORD)
    assert "Your account is open" in newcomer.submit()
    assert "Your account is open" in newcomer.get(newcomer.link())
    assert "registration is complete" in newcomer.get("/register/" + _id(newcomer))
    with world.database.reading() as unit:
        assert len(unit.execute(select(accounts.c.id)).all()) == 1


def _id(newcomer: Newcomer) -> str:
    found = re.search(r"/register/([a-z2-7]{26})/", "".join(newcomer.seen))
    assert found is not None
    return found.group(1)


@ON_ONE
@pytest.mark.parametrize(
    ("token", "hours", "said"),
    [("nothing-of-ours", 0, "not one of ours"), (None, 25, "has expired")],
)
def test_a_link_that_does_not_work(
    newcomer: Newcomer, world: World, token: str | None, hours: int, said: str
):
    """One sentence, and the next step; nothing is made."""
    newcomer.register()
    link = newcomer.link()
    world.clock.advance(hours=hours)
    page = newcomer.get(f"/register/confirm?token={token}" if token else link)
    assert newcomer.status == 400
    assert said in page
    assert 'href="/register"' in page


def test_a_link_makes_what_was_confirmed_and_nothing_else(newcomer: Newcomer):
    """After a change the data must be confirmed anew; the new mail's link works."""
    newcomer.register()
    old = newcomer.link()
    newcomer.get(f"/register/{_id(newcomer)}/address")
    newcomer.address()
    assert "changed after this mail" in newcomer.get(old)
    newcomer.get(f"/register/{_id(newcomer)}")
    assert newcomer.path.endswith("/check")
    newcomer.submit()
    assert "Open the account" in newcomer.get(newcomer.mails()[-1]["values"]["confirm_url"])


def test_a_taken_username_is_told_to_the_address_s_owner_only(newcomer: Newcomer, world: World):
    """Nothing is lost: the same link takes another username."""
    world.account("nora.quill", email="other@example.net")
    newcomer.register()
    page = newcomer.get(newcomer.link())
    assert "That username is taken" in page
    assert "taken" in newcomer.submit(username="NORA.quill")
    assert "8 to 40" in newcomer.submit(username="nora")
    assert "Your account is open" in newcomer.submit(username="nora.quill.esq")
    assert world.find("nora.quill.esq").email == ABOUT["email"]


def test_a_username_that_is_held_for_somebody_makes_no_account(newcomer: Newcomer, world: World):
    """It is refused like a taken one; nobody signs in under it, and the attempt counts."""
    owner = world.account("nora.new", email="other@example.net")
    with world.database.writing() as unit:
        usernames.hold(unit, owner.id, "nora.quill")
    newcomer.register()
    newcomer.get(newcomer.link())
    assert "taken" in newcomer.submit()
    with world.database.reading() as unit:
        assert directory.by_username(unit, "nora.quill") is None
        assert counters.look(unit, FINISHES, counters.key(email_key(ABOUT["email"]))).count == 1
    assert "Your account is open" in newcomer.submit(username="nora.quill.esq")


def test_usernames_are_not_tried_out_without_end(newcomer: Newcomer, world: World):
    """Twenty a day for an address."""
    world.account("nora.quill", email="other@example.net")
    newcomer.register()
    newcomer.get(newcomer.link())
    for _ in range(20):
        assert "taken" in newcomer.submit(username="nora.quill")
    newcomer.submit(username="nora.quill.esq")
    assert newcomer.status == 429


@ON_BOTH
def test_five_mails_an_hour_to_an_address(newcomer: Newcomer, world: World):
    """And five to all its tagged forms; later it goes on."""
    newcomer.register()
    for _ in range(6):
        assert "We send the mail again" in newcomer.submit()
    assert len(newcomer.mails()) == 5
    other = Newcomer(world, world.browser())
    for number in range(5):
        assert "Open the link" in other.register(email=f"Nora.Quill+{number}@example.org")
    assert "without the part behind the plus" in other.register(email="nora.quill+6@example.org")
    assert other.status == 429
    assert len(newcomer.mails()) == 10
    world.clock.advance(hours=1.01)
    newcomer.submit()
    assert len(newcomer.mails()) == 11


@ON_ONE
def test_registrations_of_a_network_are_bounded(newcomer: Newcomer, world: World):
    """What was typed stays on the page."""
    for _ in range(world.settings.registrations_per_network):
        newcomer.about()
    page = newcomer.about(first_name="Onemore")
    assert newcomer.status == 429
    assert "Onemore" in page
    assert newcomer.browser.response is not None
    assert newcomer.browser.response.headers["retry-after"]
