"""The staff is mailed what waits, as the court chose; a registration shows whom it may be."""

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signon.filing.registrations import intake_mails
from signon.notices import mail
from tests.court.conftest import CourtHouse
from tests.court.test_registering import CREDITOR, Filer
from tests.infra.databases import ON_ONE
from tests.infra.world import World


@pytest.fixture
def filer(world: World) -> Filer:
    """`c.creditor`."""
    world.account("c.creditor", first_name="Cora", last_name="Creditor")
    return Filer(world, "c.creditor")


def mailed(world: World) -> list[dict[str, Any]]:
    """What the staff was mailed."""
    return [one for one in world.queued(mail.KIND) if one["message"] == "staff_intake"]


def look(world: World) -> int:
    """The look of every hour."""
    return asyncio.run(intake_mails.tell_daily(world.database))


def test_once_a_day_in_the_courts_morning_with_ages(
    world: World, courthouse: CourtHouse, filer: Filer
):
    """To those who decide, by the account's number; a court at which nothing waits hears nothing."""
    for role in ("clerk", "administrator", "help_desk", "read_only"):
        courthouse.staff(role)
    assert look(world) == 0
    filer.submit(CREDITOR, organization="Harbor Credit Union")
    assert not mailed(world)
    sent = []
    for _ in range(48):
        world.clock.advance(hours=1)
        if look(world):
            sent.append(world.clock().astimezone(courthouse_zone()).hour)
    # the first look came at eight
    assert sent == [8, 7, 7]
    letters = mailed(world)
    assert len(letters) == 2 * len(sent)
    assert {one["to"].partition("@")[0] for one in letters} == {"clerk.casb", "administrator.casb"}
    [fact] = letters[-1]["values"]["facts"]
    assert filer.who.account.number in fact
    assert "has waited 2 days" in fact
    assert "Cora" not in str(letters)


def courthouse_zone() -> ZoneInfo:
    """Of `casb`."""
    return ZoneInfo("America/Los_Angeles")


@ON_ONE
def test_at_once_or_never_as_the_court_chose(world: World, courthouse: CourtHouse):
    """One mail a registration; or none."""
    courthouse.staff("clerk")
    for choice, count in (("each", 1), ("off", 1)):
        world.court_policy("casb", intake_mail=choice)
        world.account(f"clara.{choice}")
        Filer(world, f"clara.{choice}").submit(CREDITOR, organization="Harbor Credit Union")
        assert look(world) == 0
        assert len(mailed(world)) == count


@ON_ONE
def test_a_registration_shows_old_logins_and_how_to_reach_the_applicant(
    world: World, courthouse: CourtHouse
):
    """A match is no proof, and says what the two have in common."""
    world.legacy_logins("casb", ["jdoe"])
    world.change_account(world.account("a.attorney"), phone="202-555-0143", country="CA")
    filer = Filer(world, "a.attorney")
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    courthouse.staff("clerk")
    clerk = courthouse.sign_in("clerk.casb")
    page = " ".join(clerk.get(f"/court/casb/registrations/{there}").text.split())
    assert "Old logins of this court that may be theirs" in page
    assert "jdoe" in page
    assert "a match proves nothing" in page
    assert "202-555-0143" in page
    assert "Canada" in page


@ON_ONE
def test_a_registration_is_given_to_a_colleague(world: World, courthouse: CourtHouse, filer: Filer):
    """Who may decide; the queue shows it, and it decides nothing."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    for role in ("clerk", "help_desk"):
        courthouse.staff(role)
    courthouse.staff("clerk", username="second.clerk")
    clerk, at = courthouse.sign_in("clerk.casb"), f"/court/casb/registrations/{there}"
    clerk.get(at)
    form = next(one for one in clerk.page.forms if one.action.endswith("/assign"))
    wrong = clerk.submit(form, assigned_to=world.find("help.desk.casb").id).text
    assert "Choose somebody who may decide registrations." in wrong
    clerk.get(at)
    done = clerk.submit(form, assigned_to=world.find("second.clerk").id).text
    assert "Who looks after it is as it stands here now." in done
    assert "with second.clerk" in clerk.get("/court/casb/registrations").text
    assert clerk.get(f"{at}/approve").status_code == 200
    assert world.audited()[-1] == "filing:registration:assigned"


@ON_ONE
def test_several_registrations_are_given_to_a_colleague_at_once(
    world: World, courthouse: CourtHouse, filer: Filer
):
    """All or none: one's own among them keeps the others where they are."""
    world.account("second.clerk")
    there = [
        filer.submit(CREDITOR, organization="Harbor Credit Union"),
        Filer(world, "second.clerk").submit(CREDITOR, organization="Pier Credit Union"),
    ]
    for name in ("clerk.casb", "second.clerk"):
        courthouse.staff("clerk", username=name)
    clerk = courthouse.sign_in("clerk.casb")
    clerk.get("/court/casb/registrations?order=newest")
    bar = next(one for one in clerk.page.forms if "/registrations/assign?" in one.action)
    second = world.find("second.clerk").id
    refused = clerk.submit(bar, registration=there, assigned_to=second).text
    assert "Nobody looks after their own registration." in refused
    assert "with second.clerk" not in refused
    clerk.get("/court/casb/registrations?order=newest")
    assert "Choose at least one registration." in clerk.submit(bar, assigned_to=second).text
    clerk.get("/court/casb/registrations?order=newest")
    own = world.find("clerk.casb").id
    done = clerk.submit(bar, registration=there, assigned_to=own)
    assert done.text.count("with clerk.casb") == 2
    assert "order=newest" in str(done.url)
