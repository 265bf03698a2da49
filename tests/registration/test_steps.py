"""The steps: what is asked, kept, refused, and taken up again."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from signon.accounts import person
from signon.accounts.hashing import HashingGate
from signon.accounts.models import accounts
from signon.app import prunable
from signon.errors import BusyError
from signon.registration import duplicates
from signon.registration.duplicates import Likeness
from signon.registration.models import registrations
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.registration.newcomer import ABOUT, PASSWORD, Newcomer


def _accounts(world: World) -> int:
    with world.database.reading() as unit:
        return len(unit.execute(select(accounts.c.id)).all())


def test_from_nothing_to_a_sign_in(newcomer: Newcomer, world: World):
    """Only the button behind the mailed link makes the account; it is an upgraded individual's."""
    assert "Open the link in your mail" in newcomer.register()
    assert "Apr 28, 1976" in newcomer.seen[-2]
    (mail,) = newcomer.mails()
    assert mail["to"] == ABOUT["email"]
    for _ in range(3):
        assert "Open the account" in newcomer.get(newcomer.link())
    assert _accounts(world) == 0
    page = newcomer.submit()
    assert "Your account is open" in page
    assert newcomer.path == "/register/confirm"
    with world.database.reading() as unit:
        row = unit.execute(select(accounts)).mappings().one()
    made = world.find("nora.quill")
    assert made.is_upgraded
    assert made.is_active
    assert made.number in page
    assert row["email_verified"] is True
    assert row["date_of_birth"].isoformat() == "1976-04-28"
    assert (row["user_type"], row["state"], row["county"]) == ("attorney", "CA", "San Diego")
    assert (row["phone"], row["country"]) == ("+16195550100", "US")
    newcomer.get("/login")
    newcomer.browser.sign_in("nora.quill", PASSWORD)
    assert "Signed in as nora.quill" in newcomer.browser.page.text
    events = world.audited()
    assert events.count("registration:link:mailed") == 1
    assert events.count("registration:account:made") == 1


def test_one_name(newcomer: Newcomer, world: World):
    """It is the last one: nothing else is asked, and the account is found and sorted by it."""
    newcomer.register(first_name="", last_name="Suharto")
    assert newcomer.mails()
    newcomer.get(newcomer.link())
    assert "None" not in newcomer.browser.page.text
    newcomer.submit()
    with world.database.reading() as unit:
        row = unit.execute(select(accounts)).mappings().one()
        again = {"email": row["email"], "last_name": "Suharto", "date_of_birth": "1976-04-28"}
        assert duplicates.likeness(unit, again) is Likeness.SAME
        assert person.profile({**row, "firm_name": None})["name"] == "Suharto"
        assert "given_name" not in person.profile(dict(row))
    assert (row["first_name"], row["name_key"], row["list_name"]) == (None, "suharto", "suharto")
    assert world.find("nora.quill").display_name == "Suharto"


@ON_ONE
def test_a_childs_date_of_birth_is_asked_once_more(newcomer: Newcomer):
    """The year is mistyped oftener than a child registers; nobody can change it later."""
    assert "you are" in newcomer.about(date_of_birth="4/28/2020")
    newcomer.submit(**{**ABOUT, "date_of_birth": "4/28/2020"})
    assert "street" in newcomer.browser.page.ids


def test_what_was_typed_comes_back_but_never_a_password(newcomer: Newcomer):
    """Every problem stands beside its field and in the summary."""
    page = newcomer.about(last_name="", email="nora@", date_of_birth="31/12/1976")
    assert newcomer.status == 400
    for name in ("last_name", "email", "date_of_birth"):
        assert f'href="#{name}"' in page
        assert f'id="{name}-error"' in page
    assert 'value="31/12/1976"' in page
    newcomer.submit(**ABOUT)
    page = newcomer.address(postal_code="9210", county="", phone="12")
    assert [name for name in ("postal_code", "county", "phone") if f"{name}-error" in page] == [
        "postal_code",
        "county",
        "phone",
    ]
    newcomer.address()
    page = newcomer.sign_in_data("nora", "tide")
    assert newcomer.status == 400
    assert 'value="nora"' in page
    assert "too short" in page
    assert "tide" not in page


@ON_ONE
def test_a_password_is_no_name_of_its_owner(newcomer: Newcomer):
    """The person's own words count, whatever digits stand around them."""
    newcomer.about()
    newcomer.address()
    page = newcomer.sign_in_data("nora.quill.esq", "nora.quill.esq1976")
    assert "your own name or address" in page
    assert "nora.quill.esq1976" not in page


@ON_ONE
def test_a_password_chosen_for_another_name_is_chosen_again(newcomer: Newcomer):
    """It was compared with the names of then."""
    newcomer.about()
    newcomer.address()
    newcomer.sign_in_data()
    newcomer.get(newcomer.path.replace("/check", "/about"))
    newcomer.submit(**{**ABOUT, "last_name": "Pier"})
    assert newcomer.path.endswith("/sign-in")


def test_no_password_is_kept_and_nothing_in_clear(newcomer: Newcomer, world: World):
    """What was typed is sealed; of the password there is a hash within the seal."""
    newcomer.about()
    newcomer.address()
    newcomer.sign_in_data()
    with world.database.reading() as unit:
        row = unit.execute(select(registrations)).mappings().one()
    opened = world.ring.open(row["sealed"], f"registration:{row['id']}")
    assert b"$argon2id$" in opened
    assert PASSWORD.encode() not in opened
    assert b"Quill" not in bytes(row["sealed"])


def test_it_goes_on_where_it_stopped_in_its_own_browser_only(newcomer: Newcomer, world: World):
    """Each step is kept before the next is shown; another browser is shown nothing of it."""
    newcomer.about()
    address = newcomer.path
    newcomer.browser.get("/courts")
    resume = re.search(r'href="(/register/[a-z2-7]{26})"', newcomer.get("/register"))
    assert resume is not None
    newcomer.get(resume.group(1))
    assert newcomer.path == address
    newcomer.get(address.replace("/address", "/mail"))
    assert newcomer.path == address
    stranger = Newcomer(world, world.browser())
    page = stranger.get(address)
    assert stranger.status == 404
    assert "not open in this browser" in page
    stranger.get("/register")
    stranger.browser.submit(stranger.browser.page.forms[0], **ABOUT)
    own = stranger.browser.page.forms[0]
    own.action = address
    response = stranger.browser.submit(own, city="Elsewhere")
    assert response.status_code in {400, 404}


def test_a_kill_between_two_steps_loses_nothing(newcomer: Newcomer, world: World):
    """Each step is answered by another process; they share the database and nothing else."""
    newcomer.about()
    for step in (newcomer.address, newcomer.sign_in_data, newcomer.submit):
        with world.another_process() as http:
            http.cookies.update(newcomer.browser.http.cookies)
            newcomer.browser.http = http
            newcomer.get(newcomer.path)
            step()
    assert newcomer.path.endswith("/mail")


@ON_ONE
def test_steps_are_not_skipped(newcomer: Newcomer):
    """The check and the mail wait for everything before them."""
    newcomer.about()
    at = newcomer.path
    for later in ("sign-in", "check", "mail"):
        newcomer.get(at.replace("address", later))
        assert newcomer.path == at
    assert newcomer.get(at.replace("address", "nowhere"))
    assert newcomer.status == 404


def test_a_step_that_is_sent_too_early_is_not_kept(newcomer: Newcomer):
    """It leads to the one that is due, and is asked for again in its turn."""
    newcomer.about()
    at, form = newcomer.path, newcomer.browser.page.forms[0]
    for later in ("sign-in", "check", "mail"):
        early = replace(form, action=at.replace("address", later))
        newcomer.browser.submit(early, username="nora.quill", new_password=PASSWORD)
        assert newcomer.path == at
    newcomer.address()
    assert newcomer.path == at.replace("address", "sign-in")
    assert newcomer.mails() == []


@ON_ONE
def test_a_busy_moment_loses_nothing(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch):
    """The form is there again, with what was typed and when to send it."""

    async def refuse(*_: object) -> str:
        raise BusyError("Many people are signing in right now.", retry_after=2)

    newcomer.about()
    newcomer.address()
    with monkeypatch.context() as busy:
        busy.setattr(HashingGate, "run", refuse)
        page = newcomer.sign_in_data()
    assert newcomer.status == 503
    assert "Many people" in page
    assert newcomer.browser.page.forms[0].fields["username"] == "nora.quill"
    assert newcomer.browser.response is not None
    assert newcomer.browser.response.headers["retry-after"]
    newcomer.sign_in_data()
    assert newcomer.path.endswith("/check")


def test_cancel_removes_what_was_entered(newcomer: Newcomer, world: World):
    """Nothing stays behind, and the person is back at the start."""
    newcomer.about()
    newcomer.address()
    newcomer.sign_in_data()
    newcomer.cancel()
    assert newcomer.path == "/"
    with world.database.reading() as unit:
        assert unit.execute(select(registrations.c.id)).all() == []


@pytest.mark.parametrize("hours", [47, 49])
def test_only_what_took_too_long_is_pruned(newcomer: Newcomer, world: World, hours: int):
    """Two days after the last step it goes, not before."""
    newcomer.about()
    world.clock.advance(hours=hours)
    with world.database.writing() as unit:
        assert prunable(world.settings)["registrations"](unit, 10) == (hours > 48)


@ON_ONE
def test_a_password_s_rules_are_shown_and_followed(newcomer: Newcomer):
    """The page names the rules, and allows the one script that follows them."""
    newcomer.about()
    page = newcomer.address()
    assert "15 to 128 characters" in page
    assert newcomer.browser.response is not None
    policy = newcomer.browser.response.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    script = re.search(r'src="(/static/[0-9a-f]+/password.js)"', page)
    assert script is not None
    assert "javascript" in newcomer.browser.get(script.group(1)).headers["content-type"]
    newcomer.get("/register")
    assert "script-src" not in newcomer.browser.response.headers["content-security-policy"]
