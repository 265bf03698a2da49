"""Making accounts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from signon.accounts import creation, credentials
from signon.accounts.creation import NewAccount
from signon.accounts.directory import Account, by_username
from signon.accounts.hashing import Hasher
from signon.accounts.models import AccountKind, SearchStatus, accounts
from signon.audit.models import events
from signon.config import Settings
from signon.crypto import KeyRing, UnsealError
from signon.db import Database
from signon.errors import InputError, RefusedError
from tests.accounts.making import PASSWORD, PERSON, make

TODAY = date(2026, 3, 2)
FIRM = NewAccount(AccountKind.FIRM, "byron-llp", "office@example.com", firm_name="Byron LLP")
SHARED = NewAccount(AccountKind.SHARED, "library", "library@example.com")
OPERATOR = NewAccount(AccountKind.OPERATOR, "operator", "ops@example.com")


def test_an_account_is_what_was_asked_for(wired: Database, settings: Settings):
    """It is active from its first moment, and the trail names it without personal data."""
    made = make(wired, settings)
    with wired.reading() as unit:
        assert by_username(unit, "ADA.Byron") == made
        event = unit.execute(select(events)).one()
    assert (made.display_name, made.is_active, len(made.number)) == ("Ada Byron", True, 7)
    assert (event.event, event.account_id) == ("accounts:account:created", made.id)
    assert event.detail == {"kind": "individual"}


@pytest.mark.parametrize(
    ("wanted", "created_on", "upgraded"),
    [
        (PERSON, date(2014, 8, 10), False),
        (PERSON, date(2014, 8, 11), True),
        (PERSON, None, True),
        (FIRM, date(2014, 8, 10), False),
        (FIRM, date(2014, 8, 11), True),
        (OPERATOR, date(2014, 8, 10), True),
        (SHARED, date(2014, 8, 10), False),
        (SHARED, None, False),
    ],
)
def test_the_day_before_august_11_2014_is_legacy(
    wanted: NewAccount, created_on: date | None, upgraded: bool
):
    """Individuals and firms made before that day are legacy; a shared account never is upgraded."""
    checked = creation.checked(replace(wanted, created_on=created_on), TODAY)
    assert checked.is_upgraded is upgraded
    assert checked.created_on == (created_on or TODAY)


def test_upgraded_at_follows(wired: Database, settings: Settings):
    """What the rule says is what stands in the table, for sign-in and claims to read."""
    legacy = make(wired, settings, replace(PERSON, created_on=date(2013, 1, 1), username="ab1234"))
    assert legacy.upgraded_at is None
    assert make(wired, settings).upgraded_at == wired.clock()


@pytest.mark.parametrize(
    ("wanted", "status"),
    [(PERSON, "active"), (SHARED, "active"), (FIRM, "inactive"), (OPERATOR, "inactive")],
)
def test_only_people_search(wired: Database, settings: Settings, wanted: NewAccount, status: str):
    """A firm's account pays for others, it does not search (domain facts 1.1)."""
    made = make(wired, settings, wanted)
    with wired.reading() as unit:
        stored = unit.scalar(select(accounts.c.search_status).where(accounts.c.id == made.id))
    assert stored == SearchStatus(status)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"last_name": None}, "last_name"),
        ({"last_name": "  "}, "last_name"),
        ({"date_of_birth": None}, "date_of_birth"),
        ({"date_of_birth": date(2026, 3, 3)}, "date_of_birth"),
        ({"date_of_birth": date(1815, 12, 10)}, "date_of_birth"),
        ({"created_on": date(2026, 3, 3)}, "created_on"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"first_name": "A\u202ebc"}, "first_name"),
        ({"email": "ada"}, "email"),
        ({"email": "ada@example"}, "email"),
        ({"email": "ada@exa mple.com"}, "email"),
        ({"email": "Ada <ada@example.com>"}, "email"),
        ({"email": "a@example.com\nBcc: b@example.com"}, "email"),
        ({"username": "ab1234"}, "username"),
        ({"username": "x" * 41}, "username"),
        ({"username": "ada byron"}, "username"),
        ({"username": "ada\tbyron"}, "username"),
        ({"username": "ádá.byron"}, "username"),
        ({"username": "ada,byron"}, "username"),
    ],
)
def test_wrong_fields_are_named(change: dict[str, Any], field: str):
    """The first field that is wrong is named, so that a form can show it."""
    with pytest.raises(InputError) as refused:
        creation.checked(replace(PERSON, **change), TODAY)
    assert refused.value.field == field


def test_a_firm_needs_its_name():
    """The firm's name is what courts and members know it by."""
    with pytest.raises(InputError, match="firm name is missing"):
        creation.checked(replace(FIRM, firm_name=None), TODAY)


def test_old_accounts_keep_their_six_characters():
    """Two letters and four digits was the old form; shared accounts may have it still."""
    old = replace(PERSON, username="ab1234", created_on=date(2010, 5, 1))
    assert creation.checked(old, TODAY).username == "ab1234"
    assert creation.checked(replace(SHARED, username="ab1234"), TODAY).username == "ab1234"


def test_names_are_tidied():
    """Doubled white space goes, and letters are composed as everybody else composes them."""
    tidy = creation.checked(replace(PERSON, first_name=" Zoe\u0308  Ann "), TODAY)
    assert tidy.first_name == "Zoë Ann"


def test_a_username_is_taken_in_every_case(wired: Database, settings: Settings):
    """Usernames that differ only in case are one, and nothing is left of the second."""
    make(wired, settings)
    with pytest.raises(RefusedError) as refused:
        make(wired, settings, replace(PERSON, username="Ada.BYRON"))
    assert refused.value.reason == "username_taken"
    with wired.reading() as unit:
        assert len(unit.execute(select(events.c.id)).all()) == 1


def test_a_taken_number_is_drawn_again(wired: Database, settings: Settings):
    """Collisions are the constraint's business and nobody's trouble."""
    draws = iter(["1234567", "1234567", "1234567", "7654321"])
    first = make(wired, settings, draw=lambda: next(draws))
    second = make(wired, settings, replace(PERSON, username="second.one"), draw=lambda: next(draws))
    assert (first.number, second.number) == ("1234567", "7654321")


def test_no_free_number_is_said(wired: Database, settings: Settings):
    """Rather than trying for ever."""
    make(wired, settings, draw=lambda: "1234567")
    with pytest.raises(RefusedError, match="No free account number"):
        make(wired, settings, replace(PERSON, username="second.one"), draw=lambda: "1234567")


def test_a_race_for_one_name_has_one_winner(wired: Database, settings: Settings):
    """Eight at once, in different case: one account, seven refusals."""
    names = [
        "".join(c.upper() if i & 1 << n else c for n, c in enumerate("adabyron")) for i in range(8)
    ]

    def attempt(name: str) -> Account | str:
        try:
            return make(wired, settings, replace(PERSON, username=name))
        except RefusedError as refused:
            return refused.reason

    with ThreadPoolExecutor(8) as threads:
        ended = list(threads.map(attempt, names))
    assert ended.count("username_taken") == 7


def test_a_race_for_one_number_has_no_loser(wired: Database, settings: Settings):
    """Eight accounts that draw the same number first all get one of their own."""

    def attempt(index: int) -> str:
        draws = iter(["1234567", *(f"200000{n}" for n in range(index, index + 9))])
        wanted = replace(PERSON, username=f"racer.no.{index}")
        return make(wired, settings, wanted, draw=lambda: next(draws)).number

    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(attempt, range(8)))
    assert len(found) == 8
    assert "1234567" in found


def test_the_password_opens_for_its_account_only(
    wired: Database, settings: Settings, ring: KeyRing
):
    """The Argon2id hash is sealed: read from the table it is nothing, moved it does not open."""
    made = make(wired, settings)
    other = make(wired, settings, replace(PERSON, username="second.one"))
    with wired.reading() as unit:
        mine, theirs = (credentials.find(unit, a.username) for a in (made, other))
    assert mine is not None
    assert theirs is not None
    assert mine.sealed is not None
    assert b"$argon2" not in mine.sealed
    stored = credentials.unseal(ring, mine)
    assert Hasher(settings).verify(stored, PASSWORD)
    with pytest.raises(UnsealError):
        credentials.unseal(ring, replace(mine, account=theirs.account))
