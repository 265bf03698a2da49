"""Linking: who may, what must be proved, and that one login becomes one right of one account."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from signon.accounts import foreign_hashes, password_work
from signon.accounts.hashing import Hasher
from signon.accounts.models import AccountKind, accounts
from signon.courts import changes
from signon.courts.go_live import announced
from signon.errors import BusyError, RefusedError
from signon.filing.legacy_logins import legacy_logins
from signon.filing.linking import conditions, linking, proving
from signon.filing.linking.linking import Linked
from signon.filing.linking.proving import Attempt
from signon.filing.models import link_proofs, rights, rights_history
from signon.filing.rights import filing_status
from signon.journeys.store import Journey
from signon.limits import counters
from signon.signin.session import Session
from tests.filing.conftest import DES, ORIGIN, House, line
from tests.infra.databases import ON_ONE


def reason(made: object) -> str:
    """The reason of what must be a refusal; every refusal is complete."""
    assert isinstance(made, RefusedError), made
    assert made.sentence
    assert made.next_step
    return made.reason


def go_live(house: House, court: str, when: str) -> None:
    """Set a court's date."""
    with house.database.writing() as unit:
        changes.change(unit, court, actor="system", go_live=announced(when), values={})


# ── The way that succeeds ────────────────────────────────────────────────────


def test_a_proved_and_confirmed_login_becomes_a_right(house: House):
    """The right has the login's roles, the history its first values, the audit both steps."""
    house.load("casb", line("jdoe", role="attorney;mediator"))
    session = house.fresh()
    assert house.link(session, "casb", "JDOE ") == Linked("jdoe", ("attorney", "mediator"))
    [right] = house.rows(rights)
    assert (right.account_id, right.court_id, right.login) == (session.account.id, "casb", "jdoe")
    assert (right.status, right.cases, right.admission) == ("active", None, "full")
    [event] = house.audited("filing:right:linked")
    assert event.account_id == session.account.id
    assert len(house.audited("filing:legacy_login:proved")) == 1
    [history] = house.rows(rights_history)
    assert (history.event_id, history.before) == (event.id, None)
    assert history.after["roles"] == ["attorney", "mediator"]
    with house.database.reading() as unit:
        found = filing_status.find(unit, session.account.id, house.court("casb"))
        assert found.claims()["ecf_permissions"] == ["all_documents", "mediation_reports"]


def test_an_attorney_with_cases_is_admitted_pro_hac_vice(house: House):
    """The limit to cases comes over with the login."""
    house.load("cacd", line("jdoe", cases="2:20-cv-01234"))
    house.link(house.fresh(), "cacd", "jdoe")
    [right] = house.rows(rights)
    assert (right.cases, right.admission) == (["2:20-cv-01234"], "pro_hac_vice")


def test_both_addresses_hear_of_it(house: House):
    """The account's and the login's owner are told, once each, without a secret."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    house.link(session, "casb", "jdoe")
    mails = house.mails()
    assert {mail["to"] for mail in mails} == {session.account.email, "jdoe@court.example.com"}
    assert {mail["message"] for mail in mails} == {"link_made"}
    [values] = {str(mail["values"]) for mail in mails}
    assert "Mar 2, 2026, 7:00 AM PST" in values
    assert session.account.username not in mails[0]["values"].values()


def test_one_address_hears_of_it_once(house: House):
    """Where both addresses are the same, one mail is enough."""
    house.load("casb", line("jdoe", email="JANE.DOE1@mail.example.com"))
    house.link(house.fresh(), "casb", "jdoe")
    assert len(house.mails()) == 1


@ON_ONE
def test_the_first_right_announces_the_second_factor(house: House):
    """By mail, with how often it may wait; the second right says nothing new."""
    strict = house.settings.model_copy(update={"filer_second_factor": "required"})
    house = replace(house, settings=strict)
    house.load("casb", line("jdoe"))
    house.load("cacd", line("jdoe"))
    session = house.fresh()
    house.link(session, "casb", "jdoe")
    [told] = [mail for mail in house.mails() if mail["message"] == "factor_required"]
    assert told["to"] == session.account.email
    assert (told["values"]["skips_left"], told["values"]["blocks_all"]) == (3, False)
    house.link(session, "cacd", "jdoe")
    assert [mail["message"] for mail in house.mails()].count("factor_required") == 1


def test_a_weak_notation_links_like_any_other(house: House):
    """A DES password of old still proves its login once, out of its wrapping."""
    house.load("casb", line("jdoe", DES))
    session = house.fresh()
    made = house.prove(session, "casb", "jdoe", "secret99")
    assert isinstance(made, Journey)
    assert isinstance(house.confirm(session, "casb", made.id), Linked)


def test_the_legacy_login_stops_working(house: House):
    """Once linked it proves nothing to anybody, even with the right password."""
    house.load("casb", line("jdoe"))
    first = house.fresh()
    house.link(first, "casb", "jdoe")
    assert reason(house.prove(house.fresh("someone.else"), "casb", "jdoe")) == "login_taken"
    assert len(house.rows(link_proofs)) == 1
    with house.database.reading() as unit:
        [row] = legacy_logins.listed(unit, "casb")
    assert (row["status"], row["account_number"]) == ("linked", first.account.number)
    assert "password" not in row


def test_one_account_links_at_several_courts(house: House):
    """Once for each court."""
    house.load("casb", line("jdoe"))
    house.load("cacd", line("jdoe"))
    session = house.fresh()
    house.link(session, "casb", "jdoe")
    house.link(session, "cacd", "jdoe")
    assert {right.court_id for right in house.rows(rights)} == {"casb", "cacd"}


# ── Who may not ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "created_on", "expected"),
    [
        (AccountKind.SHARED, None, "account_not_individual"),
        (AccountKind.FIRM, None, "account_not_individual"),
        (AccountKind.OPERATOR, None, "account_not_individual"),
        (AccountKind.INDIVIDUAL, date(2014, 8, 10), "account_not_upgraded"),
    ],
)
def test_only_upgraded_individuals_link(
    house: House, kind: AccountKind, created_on: date | None, expected: str
):
    """Every other kind is refused with its own reason, and the refusal leaves a trace."""
    house.load("casb", line("jdoe"))
    session = house.session(house.sign_in(house.account("accounts1", kind, created_on)))
    assert reason(house.attempt(session, "casb", "jdoe")) == expected
    [event] = house.audited("filing:legacy_login:refused")
    assert (event.reason, event.account_id) == (expected, session.account.id)


def test_a_court_takes_over_its_filers_at_its_own_midnight(house: House):
    """One second before midnight in California it is refused with the date, then it is not."""
    house.load("casd", line("jdoe"))
    go_live(house, "casd", "2026-07-01T00:00")
    with house.database.writing() as unit:
        changes.change(unit, "casd", actor="system", values={"prepare": "off"})
    pacific = ZoneInfo("America/Los_Angeles")
    house.clock.set(datetime(2026, 6, 30, 23, 59, 59, tzinfo=pacific))
    session = house.fresh()
    refusal = house.attempt(session, "casd", "jdoe")
    assert reason(refusal) == "court_not_live"
    assert isinstance(refusal, RefusedError)
    assert "It starts on Jul 1, 2026." in refusal.sentence
    house.clock.set(datetime(2026, 7, 1, 7, 0, tzinfo=UTC))
    assert isinstance(house.attempt(session, "casd", "jdoe"), Attempt)


def test_a_court_without_a_date_says_so(house: House):
    """Not scheduled is refused too, without inventing a date."""
    refusal = house.attempt(house.fresh(), "akd", "jdoe")
    assert reason(refusal) == "court_not_live"
    assert isinstance(refusal, RefusedError)
    assert "No date is set" in refusal.sentence


def test_an_account_has_one_login_at_a_court(house: House):
    """A second login is refused, whichever it is."""
    house.load("casb", line("jdoe"), line("jdoe2"))
    session = house.fresh()
    house.link(session, "casb", "jdoe")
    refusal = house.attempt(session, "casb", "jdoe2")
    assert reason(refusal) == "already_linked"
    assert isinstance(refusal, RefusedError)
    assert "filing login jdoe" in refusal.sentence
    house.load("casb", line("jdoe", status="locked"), may_shrink=lambda _: True)
    refusal = house.attempt(session, "casb", "jdoe2")
    assert isinstance(refusal, RefusedError)
    assert refusal.sentence.endswith("The court has suspended it.")


def test_an_old_sign_in_is_asked_for_the_password_again(house: House):
    """Five minutes are fresh, a second more is not."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    house.clock.advance(seconds=300)
    assert isinstance(house.attempt(session, "casb", "jdoe"), Attempt)
    house.clock.advance(seconds=1)
    assert reason(house.attempt(session, "casb", "jdoe")) == conditions.SIGN_IN_AGAIN


@pytest.mark.parametrize("status", ["disabled", "locked"])
def test_a_login_that_the_court_closed_is_refused_to_whoever_knows_its_password(
    house: House, status: str
):
    """With the right password the reason is told, without it nothing is."""
    house.load("casb", line("jdoe", status=status))
    session = house.fresh()
    assert reason(house.prove(session, "casb", "jdoe", "wrong")) == proving.WRONG_LOGIN
    assert reason(house.prove(session, "casb", "jdoe")) == f"login_{status}"
    assert not house.rows(link_proofs)


# ── Passwords ────────────────────────────────────────────────────────────────


def test_unknown_logins_and_wrong_passwords_look_the_same(house: House):
    """Nobody learns which logins a court has, not even of a linked or closed one."""
    house.load("casb", line("jdoe"), line("taken"), line("closed", status="disabled"))
    house.link(house.fresh("other.person"), "casb", "taken")
    session = house.fresh()
    names = ("jdoe", "nobody", "taken", "closed")
    answers = [house.prove(session, "casb", name, "wrong") for name in names]
    assert {reason(one) for one in answers} == {proving.WRONG_LOGIN}
    assert len({one.told for one in answers if isinstance(one, RefusedError)}) == 1


def test_five_wrong_passwords_then_a_wait(house: House):
    """The sixth attempt is not even looked at, the right password included; then it is five anew."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    for _ in range(5):
        assert reason(house.prove(session, "casb", "jdoe", "wrong")) == proving.WRONG_LOGIN
    assert reason(house.attempt(session, "casb", "jdoe")) == "too_many_attempts"
    with house.database.reading() as unit:
        assert proving.wait_seconds(unit, session, house.court("casb")) == 900
    house.clock.advance(seconds=899)
    again = house.session(house.sign_in(session.account))
    assert reason(house.attempt(again, "casb", "jdoe")) == "too_many_attempts"
    house.clock.advance(seconds=1)
    for _ in range(5):
        assert reason(house.prove(again, "casb", "jdoe", "wrong")) == proving.WRONG_LOGIN
    assert reason(house.attempt(again, "casb", "jdoe")) == "too_many_attempts"


def test_the_wait_is_one_accounts_at_one_court(house: House):
    """Nobody can lock a login, or himself at another court, by guessing."""
    house.load("casb", line("jdoe"))
    house.load("cacd", line("jdoe"))
    session = house.fresh()
    for _ in range(5):
        house.prove(session, "casb", "jdoe", "wrong")
    assert isinstance(house.attempt(session, "cacd", "jdoe"), Attempt)
    assert isinstance(house.prove(house.fresh("somebody.else"), "casb", "jdoe"), Journey)


def test_a_right_password_does_not_buy_new_guesses(house: House):
    """Knowing one login must not reset the count of guesses at another."""
    house.load("casb", line("own"), line("victim"))
    session = house.fresh()
    for _ in range(4):
        house.prove(session, "casb", "victim", "wrong")
    assert isinstance(house.prove(session, "casb", "own"), Journey)
    assert reason(house.prove(session, "casb", "victim", "wrong")) == proving.WRONG_LOGIN
    assert reason(house.attempt(session, "casb", "own")) == "too_many_attempts"


def test_attempts_are_counted_before_they_are_hashed(house: House):
    """Twenty guesses at once are five guesses."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    made = [house.attempt(session, "casb", "jdoe") for _ in range(20)]
    assert len([one for one in made if isinstance(one, Attempt)]) == 5


def test_an_attempt_that_the_gate_turned_away_is_no_attempt(house: House):
    """A busy server does not make anybody wait."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    for _ in range(10):
        made = house.attempt(session, "casb", "jdoe")
        assert isinstance(made, Attempt)
        with house.database.writing() as unit:
            counters.undo(unit, made.counted.places)


def test_refusals_leave_no_trace_of_what_was_typed(house: House):
    """What is typed into a login field may be a password."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    house.prove(session, "casb", "my own password", "wrong password")
    [event] = house.audited("filing:legacy_login:refused")
    assert (event.reason, event.detail) == (proving.WRONG_LOGIN, {})


# ── The proof ────────────────────────────────────────────────────────────────


def test_a_proof_is_good_for_one_account_session_court_and_journey(house: House):
    """Nobody else can confirm it, from nowhere else, and it stays good for its owner."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")
    stranger = house.fresh("someone.else")
    other_session = house.session(house.sign_in(session.account))
    assert reason(house.confirm(stranger, "casb", journey)) == linking.PROOF_GONE
    assert reason(house.confirm(other_session, "casb", journey)) == linking.PROOF_GONE
    assert reason(house.confirm(session, "cacd", journey)) == linking.PROOF_GONE
    assert reason(house.confirm(session, "casb", "another")) == linking.PROOF_GONE
    assert not house.rows(rights)
    assert isinstance(house.confirm(session, "casb", journey), Linked)


def test_a_proof_ends(house: House):
    """After ten minutes, or once cancelled, it is worth nothing."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    expired = house.proved(session, "casb", "jdoe")
    house.clock.advance(seconds=600)
    again = Session(**{**_fields(session), "auth_time": house.clock.now})
    assert reason(house.confirm(again, "casb", expired)) == linking.PROOF_GONE
    cancelled = house.proved(again, "casb", "jdoe")
    with house.database.writing() as unit:
        proving.drop_proof(unit, again, house.court("casb"), cancelled)
    assert reason(house.confirm(again, "casb", cancelled)) == linking.PROOF_GONE


def test_confirming_twice_answers_the_same(house: House):
    """A double click is one link and one mail each, and no error."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")
    first = house.confirm(session, "casb", journey)
    assert house.confirm(session, "casb", journey) == first == Linked("jdoe", ("attorney",))
    assert len(house.rows(rights)) == 1
    assert len(house.mails()) == 2


def test_a_spent_proof_makes_no_second_right(house: House):
    """After the right has ended, the old proof does not bring it back."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")
    house.confirm(session, "casb", journey)
    with house.database.writing() as unit:
        unit.execute(update(rights).values(ended_at=unit.now))
    assert reason(house.confirm(session, "casb", journey)) == linking.PROOF_GONE


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("court", "court_not_live"),
        ("upgrade", "account_not_upgraded"),
        ("stale", conditions.SIGN_IN_AGAIN),
        ("login", "login_disabled"),
    ],
)
def test_everything_is_checked_again_at_the_end(house: House, change: str, expected: str):
    """What changed between the two pages counts."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")
    if change == "court":
        go_live(house, "casb", "2027-01-01")
    elif change == "stale":
        house.clock.advance(seconds=301)
    elif change == "login":
        house.load("casb", line("jdoe", status="disabled"))
    else:
        with house.database.writing() as unit:
            unit.execute(update(accounts).values(upgraded_at=None))
        session = Session(
            **{**_fields(session), "account": _account(house, session.account.number)}
        )
    assert reason(house.confirm(session, "casb", journey)) == expected
    assert not house.rows(rights)


def _fields(session: Session) -> dict[str, Any]:
    return {name: getattr(session, name) for name in Session.__slots__}


def _account(house: House, number: str) -> Any:
    from signon.accounts import directory

    with house.database.reading() as unit:
        return directory.by_number(unit, number)


# ── Races ────────────────────────────────────────────────────────────────────


def _at_once(jobs: list[Any]) -> list[Any]:
    """Run the jobs in threads that start together; a busy database is asked again."""
    barrier, answers = threading.Barrier(len(jobs)), []

    def run(job: Any) -> None:
        barrier.wait()
        for _ in range(20):
            try:
                answers.append(job())
            except BusyError:
                continue
            return

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_twenty_accounts_racing_for_one_login_have_one_winner(house: House):
    """The constraint decides; the others are told that it is taken, and the link stands."""
    house.load("casb", line("jdoe"))
    sessions = [house.fresh(f"racer-{number:03}") for number in range(20)]
    journeys = [house.proved(session, "casb", "jdoe") for session in sessions]
    answers = _at_once(
        [
            lambda session=session, journey=journey: house.confirm(session, "casb", journey)
            for session, journey in zip(sessions, journeys, strict=True)
        ]
    )
    assert len(answers) == 20
    assert len([one for one in answers if isinstance(one, Linked)]) == 1
    assert {one.reason for one in answers if isinstance(one, RefusedError)} == {"login_taken"}
    [right] = house.rows(rights)
    assert right.ended_at is None
    assert len(house.audited("filing:right:linked")) == 1
    assert len(house.mails()) == 2


def test_one_account_racing_for_twenty_logins_gets_one(house: House):
    """Two tabs cannot give an account two rights at a court."""
    house.load("casb", *[line(f"login{number}") for number in range(20)])
    session = house.fresh()
    journeys = [house.proved(session, "casb", f"login{number}") for number in range(20)]
    answers = _at_once(
        [lambda journey=journey: house.confirm(session, "casb", journey) for journey in journeys]
    )
    assert len([one for one in answers if isinstance(one, Linked)]) == 1
    assert {one.reason for one in answers if isinstance(one, RefusedError)} == {"already_linked"}
    assert len(house.rows(rights)) == 1


def test_twenty_clicks_at_once_are_one_link(house: House):
    """Every click is answered with the link."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    journey = house.proved(session, "casb", "jdoe")
    answers = _at_once([lambda: house.confirm(session, "casb", journey)] * 20)
    assert answers == [Linked("jdoe", ("attorney",))] * 20
    assert len(house.rows(rights)) == 1
    assert len(house.mails()) == 2


def test_twenty_wrong_guesses_at_once_are_five(house: House):
    """Parallel guesses are counted one by one."""
    house.load("casb", line("jdoe"))
    session = house.fresh()
    answers = _at_once([lambda: house.attempt(session, "casb", "jdoe")] * 20)
    assert len([one for one in answers if isinstance(one, Attempt)]) == 5
    first = next(one for one in answers if isinstance(one, Attempt))
    how: dict[str, Any] = {"ring": house.ring, "settings": house.settings, "source": ORIGIN}
    with house.database.writing() as unit, pytest.raises(RefusedError):
        proving.fail(unit, session, house.court("casb"), first, **how)


# ── What it costs ────────────────────────────────────────────────────────────


def test_every_refused_login_runs_the_same_hashes(house: House, monkeypatch: pytest.MonkeyPatch):
    """Unknown, strong, wrapped, past its bound: whatever the court's list brought, once each."""
    bcrypt10 = "$2b$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"
    house.load("casb", line("dear", bcrypt10), line("weak", DES), line("strong"))
    house.load("cacd", line("only"))
    with house.database.reading() as unit:
        in_use = legacy_logins.works_in_use(unit, "casb")
        assert legacy_logins.works_in_use(unit, "cacd") == {"argon2id:m=8,t=1,p=1"}
    assert in_use == {
        "bcrypt:cost=10",
        "des-crypt:|argon2id:m=8,t=1,p=1",
        "argon2id:m=8,t=1,p=1",
    }
    ran: list[str] = []
    foreign, own = foreign_hashes.verify, Hasher.verify

    def foreign_verify(stored: str, password: str, hasher: Any) -> bool:
        ran.append(str(password_work.of(stored)))
        return foreign(stored, password, hasher)

    def own_verify(self: Hasher, stored: str | None, password: str) -> bool:
        if stored is None or stored.startswith("$argon2id$"):
            ran.append(str(password_work.of(stored)) if stored else self.work)
        return own(self, stored, password)

    monkeypatch.setattr(foreign_hashes, "verify", foreign_verify)
    monkeypatch.setattr(Hasher, "verify", own_verify)
    session = house.fresh()
    seen = []
    for login in ("dear", "weak", "strong", "nobody"):
        made = house.attempt(session, "casb", login)
        assert isinstance(made, Attempt)
        ran.clear()
        assert not proving.matches(made, "wrong", house.ring, house.hasher, in_use)
        seen.append(sorted(ran))
    made = house.attempt(session, "casb", "strong")
    assert isinstance(made, Attempt)
    off = replace(made, counted=replace(made.counted, is_off=True))
    ran.clear()
    assert not proving.matches(off, "old Secret 1", house.ring, house.hasher, in_use)
    assert [*seen, sorted(ran)] == [sorted({*in_use, house.hasher.work})] * 5


@ON_ONE
def test_a_court_cannot_bring_hashes_that_cost_too_much(house: House):
    """Refused by line, with why; the old ones that a file replaces do not count."""
    bcrypt13 = "$2b$13$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"
    report = house.load("casb", line("fine"), line("dear", bcrypt13.replace("$13$", "$14$")))
    [bad] = report.bad_lines
    assert bad.line == 3
    assert "too dear" in bad.reason
    assert not house.load("casb", line("one", bcrypt13)).bad_lines
    assert not house.load("casb", line("one", bcrypt13.replace("$13$", "$12$"))).bad_lines
    assert house.load("casb", line("two", bcrypt13)).bad_lines
