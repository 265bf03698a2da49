"""Guesses at a court's old passwords: counted by what is attacked, told to whom it concerns."""

from itertools import count
from typing import Any

import pytest
from sqlalchemy import update

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.courts import changes, staff
from signon.courts.staff import StaffRole
from signon.errors import RefusedError, WaitError
from signon.filing.linking import guess_notices, proving
from signon.filing.linking.proving import Attempt
from signon.filing.models import link_proofs
from signon.journeys.store import Journey
from signon.limits.models import counters
from signon.outbox.models import outbox
from signon.signin.session import Session
from signon.web.visitor import Source
from tests.filing.conftest import House, line
from tests.filing.test_linking import _at_once, reason
from tests.infra import queued
from tests.infra.databases import ON_ONE

CAP = 20


def elsewhere(number: int) -> Source:
    """Somebody in a network of his own."""
    return Source(f"198.51.{number // 250}.{number % 250}", "test", "request")


class Crowd:
    """Accounts without end, each in a network of its own, for one guess each."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._numbers = count(1)

    def guess(
        self, login: str, times: int = 1, password: str = "wrong", court: str = "casb"
    ) -> Any:
        """Guess, each time from another account; answers what the last one was told."""
        made: Any = None
        for number in (next(self._numbers) for _ in range(times)):
            session = self._house.fresh(f"crowd.{number:04}")
            made = self._house.prove(session, court, login, password, elsewhere(number))
        return made


@pytest.fixture
def crowd(house: House) -> Crowd:
    return Crowd(house)


def owner(house: House, email: str, *, verified: bool = True) -> Session:
    """An account with that address, just signed in."""
    account = house.account("the.owner")
    values = {"email": email, "email_verified": verified}
    with house.database.writing() as unit:
        unit.execute(update(accounts).where(accounts.c.id == account.id).values(**values))
    return house.session(house.sign_in(account))


def post(house: House) -> list[dict[str, Any]]:
    """Look for the logins that were reported, and take the mails about guesses."""
    with house.database.writing() as unit:
        waiting = [one for one in queued.rows(unit) if one.kind == guess_notices.KIND]
        for one in waiting:
            guess_notices.tell(unit, house.ring, queued.payload(unit, one))
        sent = [queued.payload(unit, one) for one in queued.rows(unit) if one.kind == "mail"]
        mails = [one for one in sent if one["message"] == "login_attempts"]
        unit.execute(outbox.delete())
    return mails


def works(house: House, username: str, role: StaffRole) -> Account:
    """One of `casb`'s staff."""
    account = house.account(username)
    with house.database.writing() as unit:
        staff.add(unit, "casb", username, role, actor="system")
        unit.execute(outbox.delete())
    return account


# ── What is bounded ──────────────────────────────────────────────────────────


def test_accounts_without_end_do_not_guess_without_end(house: House, crowd: Crowd):
    """After twenty wrong ones by twenty accounts the right password proves nothing either."""
    house.load("casb", line("jdoe"), line("other"))
    crowd.guess("jdoe", CAP)
    assert reason(crowd.guess("JDoe ", password="old Secret 1")) == proving.WRONG_LOGIN
    assert not house.rows(link_proofs)
    assert isinstance(crowd.guess("other", password="old Secret 1"), Journey)


def test_the_right_password_begins_the_count_anew(house: House, crowd: Crowd):
    """It bounds guesses in a row."""
    house.load("casb", line("jdoe"))
    for _ in range(2):
        crowd.guess("jdoe", CAP - 1)
        assert isinstance(crowd.guess("jdoe", password="old Secret 1"), Journey)


@ON_ONE
def test_one_persons_logins_at_many_courts_are_one(house: House, crowd: Crowd):
    """By the address on file: who guesses at all of them gets what three logins allow."""
    shared = {"email": "Docket@firm.example"}
    logins = ["one", "two", "three", "four"]
    house.load("casb", *(line(login, **shared) for login in logins))
    house.load("cacd", line("jdoe", email="docket@firm.example"), line("other"))
    for login in logins:
        crowd.guess(login, CAP * 3 // 4)
    assert reason(crowd.guess("jdoe", password="old Secret 1", court="cacd")) == "wrong_login"
    assert isinstance(crowd.guess("other", password="old Secret 1", court="cacd"), Journey)


@ON_ONE
def test_one_network_with_many_accounts_has_to_wait(house: House):
    """As many guesses as twenty names may have; then the rest of a quarter of an hour."""
    house.load("casb", *(line(f"login{number}") for number in range(101)))
    for number in range(100):
        house.prove(house.fresh(f"crowd.{number:04}"), "casb", f"login{number}", "wrong")
    held = house.attempt(house.fresh(), "casb", "login100")
    assert isinstance(held, WaitError)
    assert held.seconds == 900
    assert isinstance(
        house.attempt(house.fresh("far.away"), "casb", "login100", elsewhere(1)), Attempt
    )
    mine = owner(house, "login100@court.example.com")
    assert isinstance(house.prove(mine, "casb", "login100"), Journey)


def test_nobody_shuts_out_the_owner(house: House, crowd: Crowd):
    """An account whose verified address is the one on file has its own count, bounded like the other."""
    house.load("casb", line("jdoe"))
    crowd.guess("jdoe", CAP + 10)
    mine = owner(house, "JDoe@court.example.com")
    assert isinstance(house.prove(mine, "casb", "jdoe"), Journey)


@ON_ONE
def test_an_address_that_was_never_proved_is_nobodys(house: House, crowd: Crowd):
    """Or whoever writes it down would have guesses of his own."""
    house.load("casb", line("jdoe"))
    crowd.guess("jdoe", CAP)
    mine = owner(house, "jdoe@court.example.com", verified=False)
    assert reason(house.prove(mine, "casb", "jdoe")) == proving.WRONG_LOGIN


def test_the_owners_own_guesses_are_bounded_too(house: House):
    """Somebody may sit in the owner's account."""
    house.load("casb", line("jdoe"))
    mine = owner(house, "jdoe@court.example.com")
    for number in range(CAP):
        if number % 4 == 0:
            house.clock.advance(seconds=901)
            mine = house.session(house.sign_in(mine.account))
        assert reason(house.prove(mine, "casb", "jdoe", "wrong")) == proving.WRONG_LOGIN
    house.clock.advance(seconds=901)
    mine = house.session(house.sign_in(mine.account))
    assert reason(house.prove(mine, "casb", "jdoe")) == proving.WRONG_LOGIN


def test_guesses_of_many_accounts_at_once_are_counted_one_by_one(house: House):
    """The count comes before the hash, so a crowd that comes at once gets no more."""
    house.load("casb", line("jdoe"))
    sessions = [house.fresh(f"crowd.{number:04}") for number in range(CAP + 4)]
    made = _at_once(
        [
            lambda session=session, number=number: house.attempt(
                session, "casb", "jdoe", elsewhere(number)
            )
            for number, session in enumerate(sessions)
        ]
    )
    assert len([one for one in made if isinstance(one, Attempt)]) == CAP + 4
    assert len([one for one in made if one.counted.is_off]) == 4


@ON_ONE
def test_an_attempt_that_has_to_wait_counts_nowhere(house: House, crowd: Crowd):
    """One account that goes on asking does not use up the login's bound."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    for _ in range(5):
        house.prove(session, "casb", "jdoe", "wrong")
    for _ in range(CAP):
        assert reason(house.attempt(session, "casb", "jdoe")) == "too_many_attempts"
    assert isinstance(crowd.guess("jdoe", password="old Secret 1"), Journey)


@ON_ONE
def test_unknown_logins_are_counted_like_known_ones(house: House, crowd: Crowd):
    """In as many places, by the same events, and nothing that was typed stands there."""
    house.load("casb", line("jdoe"))
    rows = []
    for login in ("jdoe", "nobody"):
        crowd.guess(login, 6)
        found = [(row.bucket, row.hits) for row in house.rows(counters)]
        events = [row.kind for row in house.rows(outbox)]
        rows.append((sorted(found), events))
        assert login not in repr(house.rows(counters)) + repr(house.rows(outbox))
        with house.database.writing() as unit:
            unit.execute(counters.delete())
            unit.execute(outbox.delete())
    assert rows[0] == rows[1]


# ── Who hears of it ──────────────────────────────────────────────────────────


def test_five_failures_are_told_to_the_holder_and_the_desk(house: House, crowd: Crowd):
    """Once a day each, however many guess; the court's activity has the login."""
    works(house, "the.admin", StaffRole.ADMINISTRATOR)
    works(house, "help.desk", StaffRole.HELP_DESK)
    works(house, "the.clerk", StaffRole.CLERK)
    house.load("casb", line("jdoe"))
    crowd.guess("jdoe", 4)
    assert post(house) == []
    crowd.guess("jdoe")
    told = post(house)
    assert sorted(one["to"] for one in told) == [
        "help.desk@mail.example.com",
        "jdoe@court.example.com",
        "the.admin@mail.example.com",
    ]
    assert told[0]["values"]["guesses"] == 5
    [event] = house.audited("filing:legacy_login:suspected")
    assert (event.court_id, event.reason) == ("casb", guess_notices.GUESSED)
    crowd.guess("jdoe", 5)
    assert post(house) == []
    house.clock.advance(days=1, seconds=1)
    crowd.guess("jdoe")
    assert len(post(house)) == 3


@ON_ONE
def test_one_notice_a_day_for_an_address_and_for_a_desk(house: House, crowd: Crowd):
    """Whoever attacks a hundred logins does not fill mailboxes; each is in the court's activity."""
    with house.database.writing() as unit:
        changes.change(unit, "casb", values={"help_email": "help@casb.example"}, actor="system")
    shared = {"email": "docket@firm.example"}
    house.load("casb", line("one", **shared), line("two", **shared), line("three"))
    for login in ("one", "two", "three"):
        crowd.guess(login, 5)
    told = [one["to"] for one in post(house)]
    assert sorted(told) == ["docket@firm.example", "help@casb.example", "three@court.example.com"]
    assert len(house.audited("filing:legacy_login:suspected")) == 3


@ON_ONE
def test_the_owners_own_failures_are_told_to_the_owner_alone(house: House):
    """A forgetful owner is nothing that a court's desk has to hear of."""
    works(house, "help.desk", StaffRole.HELP_DESK)
    house.load("casb", line("jdoe"))
    mine = owner(house, "jdoe@court.example.com")
    for _ in range(5):
        house.prove(mine, "casb", "jdoe", "wrong")
    assert [one["to"] for one in post(house)] == ["jdoe@court.example.com"]
    assert not house.audited("filing:legacy_login:suspected")


def test_the_right_password_of_a_linked_login_is_told(house: House, crowd: Crowd):
    """To its holder, at both addresses, and to the court, by the account's number."""
    works(house, "help.desk", StaffRole.HELP_DESK)
    house.load("casb", line("jdoe"))
    holder = house.fresh()
    house.link(holder, "casb", "jdoe")
    post(house)
    assert reason(crowd.guess("jdoe", password="old Secret 1")) == "login_taken"
    told = post(house)
    assert sorted(one["to"] for one in told) == [
        "help.desk@mail.example.com",
        "jane.doe1@mail.example.com",
        "jdoe@court.example.com",
    ]
    assert {one["values"]["knows_password"] for one in told} == {1}
    assert all(len(one["values"]["account_number"]) == 7 for one in told)
    crowd.guess("jdoe", password="old Secret 1")
    assert post(house) == []
    [*_, event] = house.audited("filing:legacy_login:suspected")
    assert event.reason == guess_notices.TAKEN


@ON_ONE
def test_a_wrong_password_of_a_linked_login_is_not_told_as_the_right_one(
    house: House, crowd: Crowd
):
    """Nobody is frightened by a guess."""
    house.load("casb", line("jdoe"))
    house.link(house.fresh(), "casb", "jdoe")
    post(house)
    assert isinstance(crowd.guess("jdoe"), RefusedError)
    assert post(house) == []
