"""Whatever is done in whatever order: no role without an active right, never two of one kind."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import sampled_from
from sqlalchemy import select, update

from signon.accounts import status as account_status
from signon.accounts.directory import Account, by_id
from signon.accounts.models import accounts
from signon.audit.events import Event
from signon.courts.models import courts
from signon.errors import RefusedError, SignonError
from signon.filing.certificates import certification, expiries
from signon.filing.certificates.certification import WantedCertificate
from signon.filing.court import court_policy
from signon.filing.court.desk import EVERY, Desk
from signon.filing.legacy_logins.legacy_logins import by_login
from signon.filing.linking import name_reviews
from signon.filing.models import certifications
from signon.filing.models import rights as table
from signon.filing.rights import filing_status, rights, suspension, training, unlinking
from signon.filing.rights.filing_status import status_of
from signon.filing.rights.rights import COURT
from signon.journeys.store import Journey
from tests.filing.conftest import ORIGIN, House, line
from tests.infra.databases import ON_ONE
from tests.infra.drills import by_chance, often

PEOPLE, LOGINS = sampled_from(range(2)), sampled_from(range(2))
_NUMBERS = count(1)


class Court(RuleBasedStateMachine):
    """A court with two people and two legacy logins; who is who is new for every sequence."""

    house: House

    def __init__(self) -> None:
        super().__init__()
        house, number = self.house, next(_NUMBERS)
        with house.database.writing() as unit:
            unit.execute(update(table).values(ended_at=unit.now))
        self.people = [house.account(f"person{number}.{place}") for place in range(2)]
        names = [f"login{number}x{place}" for place in range(2)]
        house.load("casb", line(names[0]), line(names[1], first_name="Zoe", last_name="Roe"))
        with house.database.reading() as unit:
            found = [by_login(unit, "casb", name) for name in names]
        self.logins = [one for one in found if one]
        self.by_court: set[str] = set()
        """Rights that the court suspended and nobody has restored."""

    @initialize()
    def begin(self) -> None:
        """A live court where both have linked: most sequences are about rights that there are."""
        self.go_live(True)
        for place in range(2):
            self.link(place, place)

    # ── What people do ───────────────────────────────────────────────────────

    @rule(person=PEOPLE, login=LOGINS)
    def link(self, person: int, login: int) -> None:
        """With proof: whoever proved it confirms."""
        account = self.account(person)
        if not account.is_active:
            return
        session = self.house.session(self.house.sign_in(account))
        journey = self.house.prove(session, "casb", self.logins[login].login)
        if isinstance(journey, Journey):
            self.house.confirm(session, "casb", journey.id)

    @rule(person=PEOPLE)
    def undo(self, person: int) -> None:
        """Within a day or not."""
        account = self.account(person)
        if not account.is_active:
            return
        with suppress(RefusedError), self.house.database.writing() as unit:
            unlinking.undo(unit, account, self.house.court("casb"), source=ORIGIN)

    # ── What the court does ──────────────────────────────────────────────────

    @rule(person=PEOPLE)
    def unlink(self, person: int) -> None:
        """End it."""
        self.end(unlinking.unlink, person)

    @rule(person=PEOPLE)
    def suspend(self, person: int) -> None:
        """Suspend it."""
        if self.at_desk(suspension.suspend, person, "why"):
            self.by_court.add(self.right_of(person) or "")

    @rule(person=PEOPLE)
    def restore(self, person: int) -> None:
        """Restore it."""
        if self.at_desk(suspension.restore, person):
            self.by_court.discard(self.right_of(person) or "")

    @rule(person=PEOPLE)
    def accept(self, person: int) -> None:
        """A link under another name."""
        self.at_desk(
            name_reviews.accept,
            person,
        )

    @rule(person=PEOPLE)
    def reject(self, person: int) -> None:
        """The same."""
        self.end(name_reviews.reject, person)

    @rule(person=PEOPLE)
    def approve(self, person: int) -> None:
        """What the approval of a registration does."""
        account = self.account(person)
        where = self.house.court("casb")
        with self.house.database.writing() as unit:
            roles = ("limited_creditor",)
            waits = training.lacking(unit, where, account.id, roles)
            right = rights.new(
                unit,
                account.id,
                "casb",
                roles=roles,
                cases=None,
                admission=None,
                pending_for=(training.CERTIFICATION,) if waits else (),
            )
            rights.make(unit, right, Event.RIGHT_CHANGED, actor="clerk")

    @rule(
        person=PEOPLE,
        lasts=sampled_from([None, 5, 40]),
        role=sampled_from(["attorney", "limited_creditor"]),
    )
    def certify(self, person: int, lasts: int | None, role: str) -> None:
        """For good or for some days."""
        today = training.today(self.house.court("casb"), self.house.clock())
        until = None if lasts is None else today + timedelta(days=lasts)
        self.at_desk(
            lambda unit, desk, number: certification.record(
                unit, desk, WantedCertificate(number, role, today, until)
            ),
            person,
        )

    @rule(person=PEOPLE)
    def withdraw(self, person: int) -> None:
        """The newest certificate."""
        with self.house.database.reading() as unit:
            newest = unit.scalar(
                select(certifications.c.id)
                .where(
                    certifications.c.account_id == self.people[person].id,
                    certifications.c.withdrawn_at.is_(None),
                )
                .limit(1)
            )
        if newest:
            self.at_desk(
                lambda unit, desk, _number: certification.withdraw(unit, desk, newest, "why"),
                person,
            )

    @rule(login=LOGINS, state=sampled_from(["active", "disabled"]))
    def import_list(self, login: int, state: str) -> None:
        """The court's own list says something else of a login."""
        one = self.logins[login]
        names = {"first_name": one.first_name, "last_name": one.last_name}
        self.house.load(
            "casb", line(one.login, status=state, **names), may_shrink=lambda _changes: True
        )

    @rule(word=sampled_from(["link", "review"]))
    def review_names(self, word: str) -> None:
        """The court changes its policy."""
        with self.house.database.writing() as unit:
            values = {"name_mismatch": word}
            court_policy.change(unit, "casb", actor="system", values=values)

    # ── What happens ─────────────────────────────────────────────────────────

    @rule(days=sampled_from([1, 6, 41]))
    def expire(self, days: int) -> None:
        """Days pass, and the daily look comes."""
        self.house.clock.advance(days=days)
        for look in (expiries.rest_lapsed, expiries.let_go_on):
            with self.house.database.writing() as unit:
                look(unit, self.house.settings, {"casb": self.house.court("casb")}, "")

    @rule(person=PEOPLE)
    def disable(self, person: int) -> None:
        """An operator closes the account."""
        with suppress(SignonError), self.house.database.writing() as unit:
            account_status.disable(unit, self.people[person].number, reason="why", actor="operator")

    @rule(person=PEOPLE)
    def enable(self, person: int) -> None:
        """And opens it."""
        with self.house.database.writing() as unit:
            unit.execute(
                update(accounts)
                .where(accounts.c.id == self.people[person].id)
                .values(status="active")
            )

    @rule(live=sampled_from([True, True, False]))
    def go_live(self, live: bool) -> None:
        """The court's date moves."""
        when = self.house.clock() - timedelta(days=1) if live else None
        with self.house.database.writing() as unit:
            unit.execute(update(courts).where(courts.c.id == "casb").values(go_live=when))

    # ── What must be so ──────────────────────────────────────────────────────

    @invariant()
    def roles_come_from_an_active_right(self) -> None:
        """And the status always follows from what suspends and what is waited for."""
        where = self.house.court("casb")
        with self.house.database.reading() as unit:
            rows = unit.execute(select(*table.c)).all()
            open_rights = [row for row in rows if row.ended_at is None]
            for row in open_rights:
                assert row.status == status_of(row.suspended_by, row.pending_for)
                assert (row.id in self.by_court) == (COURT in row.suspended_by)
            for person in self.people:
                own = [row for row in open_rights if row.account_id == person.id]
                seen = filing_status.find(unit, person.id, where)
                if seen.roles or seen.permissions:
                    assert where.is_live(unit.now)
                    assert [row.status for row in own] == ["active"]
        assert self.by_court <= {row.id for row in open_rights}
        holders = Counter(row.account_id for row in open_rights)
        linked = Counter(row.legacy_login_id for row in open_rights if row.legacy_login_id)
        assert all(number == 1 for number in (*holders.values(), *linked.values()))

    # ── Between ──────────────────────────────────────────────────────────────

    def at_desk(self, act: Callable[..., Any], person: int, *given: str) -> bool:
        """A clerk's act; False when it was refused."""
        desk = Desk(self.house.court("casb"), "clerk", EVERY, self.house.settings)
        try:
            with self.house.database.writing() as unit:
                act(unit, desk, self.people[person].number, *given)
        except SignonError:
            return False
        return True

    def end(self, act: Callable[..., Any], person: int) -> None:
        """A clerk's act that ends the right; only this ends one that the court suspended."""
        right = self.right_of(person)
        if self.at_desk(act, person, "why"):
            self.by_court.discard(right or "")

    def account(self, person: int) -> Account:
        """As it is now."""
        with self.house.database.reading() as unit:
            found = by_id(unit, self.people[person].id)
        assert found is not None
        return found

    def right_of(self, person: int) -> str | None:
        """The person's open right."""
        with self.house.database.reading() as unit:
            found = rights.of_account(unit, self.people[person].id, "casb")
        return found.id if found else None


@by_chance
@ON_ONE
@pytest.mark.timeout(120)
def test_every_sequence(house: House):
    """Random sequences of everything that there is to do."""
    machine = type("CourtOfTheRun", (Court,), {"house": house})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=often(5),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
