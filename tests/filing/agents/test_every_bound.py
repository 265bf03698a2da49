"""Whatever is done in whatever order: an agent never files outside the right nor the bounds."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update

from signon.accounts.models import accounts
from signon.errors import SignonError
from signon.filing.agents import acting, pairs
from signon.filing.agents.bounds import Bounds, allowed
from signon.filing.agents.pairs import Pair
from signon.filing.models import rights
from signon.filing.rights import filing_status
from signon.filing.rights.filing_status import EcfStatus, FilingStatus
from signon.filing.roles import Permission, Role, in_order, permissions_of
from signon.limits.models import counters
from tests.filing.agents.conftest import Agency
from tests.infra.databases import ON_ONE
from tests.infra.drills import by_chance, often

TODAY = date(2026, 3, 2)
CASES = ("26-00001", "26-00002", "26-00003")
SOME_CASES = st.none() | st.lists(st.sampled_from(CASES), unique=True).map(tuple)
ROLES = st.sets(st.sampled_from(list(Role))).map(in_order)
BOUNDS = st.builds(
    Bounds,
    st.none() | st.lists(st.sampled_from([str(one) for one in Permission]), unique=True).map(tuple),
    SOME_CASES,
    st.none() | st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3)),
    st.booleans(),
)


@given(ROLES, SOME_CASES, st.sampled_from(list(EcfStatus)), BOUNDS)
@settings(max_examples=300, deadline=None)
def test_what_is_left_is_in_both(
    roles: tuple[Role, ...], cases: tuple[str, ...] | None, status: EcfStatus, bounds: Bounds
):
    """The pure function: in the right, in the bounds, and nothing of a right that is not in force."""
    held = FilingStatus("casb", status, roles=roles, permissions=permissions_of(roles), cases=cases)
    found = allowed(held, bounds, TODAY)
    if found is None:
        return
    assert status is EcfStatus.ACTIVE
    assert set(found.permissions) <= set(held.permissions)
    assert set(found.permissions) <= set(bounds.permissions or found.permissions)
    for limit in (held.cases, bounds.cases):
        assert limit is None or (found.cases is not None and set(found.cases) <= set(limit))
    assert found.permissions
    assert found.cases != ()
    assert bounds.ends_on is None or bounds.ends_on >= TODAY


PRINCIPALS = st.sampled_from(["attorney", "trustee"])


class Doing(RuleBasedStateMachine):
    """Two principals and an agent with one session, and everything that may happen to them."""

    agency: Agency

    def __init__(self) -> None:
        super().__init__()
        agency = self.agency
        self.people = {"attorney": agency.attorney, "trustee": agency.trustee}
        for who in self.people.values():
            self.change_right(who.id, status="active", cases=None, suspended_by=[])
            self.stop(who.id, None)
        self.pairs = {name: self.active(name) for name in self.people}
        self.session = agency.sign_in()[1]

    def active(self, name: str) -> Pair:
        with self.agency.database.writing() as unit:
            unit.execute(counters.delete())
            found = pairs.of_principal(unit, self.people[name].id)
        for one in found:
            if one.ended_at is None:
                self.agency.end(self.people[name], one)
        return self.agency.active(self.people[name])

    def change_right(self, account_id: str, **values: Any) -> None:
        with self.agency.database.writing() as unit:
            unit.execute(update(rights).where(rights.c.account_id == account_id).values(**values))

    @rule(name=PRINCIPALS, cases=SOME_CASES, status=st.sampled_from(["active", "suspended"]))
    def the_right_changes(self, name: str, cases: tuple[str, ...] | None, status: str) -> None:
        self.change_right(
            self.people[name].id, cases=None if cases is None else list(cases), status=status
        )

    @rule(name=PRINCIPALS, is_frozen=st.booleans())
    def the_account_is_stopped_or_not(self, name: str, is_frozen: bool) -> None:
        self.stop(self.people[name].id, self.agency.world.clock() if is_frozen else None)

    def stop(self, account_id: str, at: datetime | None) -> None:
        with self.agency.database.writing() as unit:
            one = accounts.c.id == account_id
            unit.execute(update(accounts).where(one).values(frozen_at=at))

    @rule(name=PRINCIPALS, cases=SOME_CASES, may_pay=st.booleans())
    def the_bounds_change(self, name: str, cases: tuple[str, ...] | None, may_pay: bool) -> None:
        with suppress(SignonError):
            asked = {"cases": list(cases) if cases else None, "may_pay": may_pay}
            self.agency.bound(self.people[name], self.pairs[name], **asked)

    @rule(name=PRINCIPALS)
    def the_agent_chooses(self, name: str) -> None:
        self.agency.choose(self.session, self.pairs[name])

    @rule(name=PRINCIPALS)
    def it_ends_and_begins_anew(self, name: str) -> None:
        self.agency.end(self.people[name], self.pairs[name])
        with suppress(AssertionError):
            self.pairs[name] = self.active(name)

    @invariant()
    def nothing_is_outside(self) -> None:
        agency = self.agency
        with agency.database.reading() as unit:
            court = agency.court()
            own = filing_status.find(unit, agency.agent.id, court)
            them = acting.principals(unit, agency.agent.id, court, self.session.id)
            told = acting.claims(own, them)
            chosen = acting.chosen_of(them)
            if chosen is None:
                assert told["ecf_permissions"] == []
                assert "ecf_acting_for" not in told
                return
            held = filing_status.find(unit, chosen.account_id, court)
        bounds = agency.pair(chosen.pair_id).bounds
        assert agency.pair(chosen.pair_id).ended_at is None
        assert set(told["ecf_permissions"]) <= set(held.permissions)
        cases = told.get("ecf_cases")
        for limit in (held.cases, bounds.cases):
            assert limit is None or (cases is not None and set(cases) <= set(limit))


@by_chance
@ON_ONE
def test_random_sequences(agency: Agency):
    """Changes of rights, stopped accounts, bounds, choices and ends in any order."""
    run_state_machine_as_test(
        type("Doings", (Doing,), {"agency": agency}),
        settings=settings(
            max_examples=often(6),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
