"""Naming, accepting, declining, bounds and ends: each rule, and each refusal with its sentence."""

from datetime import timedelta
from typing import Any

import pytest

from signon.accounts import history, status
from signon.accounts.models import AccountKind
from signon.errors import InputError, NotFoundError
from signon.filing.agents import ending, naming, pairs, record
from signon.filing.agents.models import agent_pairs
from signon.filing.agents.naming import NewAgent
from signon.filing.agents.pairs import LASTS, Pair, PairState, Side
from signon.filing.agents.party import Party
from signon.profile import taking_back
from signon.profile.taking_back import TakingBack
from tests.filing.agents.conftest import Agency, reason


def state(agency: Agency, pair: Pair) -> PairState:
    return agency.pair(pair.id).state(agency.court(), agency.world.clock())


def test_naming_and_accepting(agency: Agency):
    """The agent is mailed; the principal learns who it is when they accept, and both are mailed."""
    named = agency.name(agency.attorney, may_pay=True)
    assert isinstance(named, Pair)
    assert (named.agent_words, state(agency, named)) == ("Agent", PairState.OFFERED)
    assert agency.mailed(agency.agent) == [
        f"Account {agency.attorney.number} asks you to file for it as a filing agent."
    ]
    made = agency.accept(named)
    assert isinstance(made, Pair)
    assert (made.agent_words, state(agency, made)) == ("Alex Agent", PairState.ACTIVE)
    for one in (agency.attorney, agency.agent):
        numbers = agency.agent.number, agency.attorney.number
        told = "Account {} is now a filing agent of account {}.".format(*numbers)
        assert told in agency.mailed(one)
    with agency.database.reading() as unit:
        assert [one.after and one.after["may_pay"] for one in record.history(unit, made.id)] == [
            True,
            True,
        ]


@pytest.mark.parametrize(
    "wrong", [{"account_number": "9999999"}, {"last_name": "Other"}], ids=["number", "name"]
)
def test_nothing_is_learned_about_whom_it_does_not_reach(agency: Agency, wrong: dict[str, Any]):
    """A right name and a wrong one look the same to the principal; nobody gets a mail."""
    right, missed = agency.name(agency.attorney), agency.name(agency.trustee, **wrong)
    assert isinstance(right, Pair)
    assert isinstance(missed, Pair)
    seen = [(one.kept, one.agent_words, one.is_accepted) for one in (right, missed)]
    assert seen[0][0] == seen[1][0] == PairState.OFFERED
    assert seen[0][2] == seen[1][2] is False
    assert missed.agent is None
    assert len(agency.mailed(agency.agent)) == 1


def test_a_pair_waits_until_the_agent_holds_the_role(agency: Agency):
    """Visibly: it acts from then on."""
    other = agency.world.account("new.agent", first_name="New", last_name="Agent")
    named = agency.name(agency.attorney, other)
    assert isinstance(named, Pair)
    assert isinstance(agency.accept(named, other), Pair)
    assert state(agency, named) is PairState.WAITING
    agency.world.right(other, login="nagent", roles=["filing_agent"], admission=None)
    assert state(agency, named) is PairState.ACTIVE


def test_declining_silently_looks_like_no_answer(agency: Agency):
    """And leaves the place taken, as an offer does; whoever declined sees that they did."""
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    assert agency.decline(named) is None
    assert state(agency, named) is PairState.OFFERED
    seen = agency.pair(named.id).state_for_agent(agency.court(), agency.world.clock())
    assert seen is PairState.DECLINED
    assert reason(agency.name(agency.attorney)) == "already_named"
    assert reason(agency.accept(named)) == "offer_over"
    assert "declined" not in "".join(agency.mailed(agency.attorney))


def test_declining_aloud(agency: Agency):
    """The principal is told, and may name them again."""
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    assert agency.decline(named, tells=True) is None
    assert state(agency, named) is PairState.DECLINED
    assert agency.mailed(agency.attorney) == [
        f"Account {agency.agent.number} declined to be your filing agent."
    ]
    assert isinstance(agency.name(agency.attorney), Pair)


def test_an_offer_that_was_left_makes_way(agency: Agency):
    """It is over after two weeks."""
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    agency.world.clock.advance(seconds=LASTS.total_seconds())
    assert state(agency, named) is PairState.ENDED
    assert reason(agency.accept(named)) == "offer_over"
    assert isinstance(agency.name(agency.attorney), Pair)


# ── Refusals ─────────────────────────────────────────────────────────────────


def test_an_agent_of_an_agent(agency: Agency):
    refused = agency.name(agency.agent, agency.attorney)
    assert reason(refused) == "no_principal"
    assert "files for others" in str(refused)


def test_oneself(agency: Agency):
    assert reason(agency.name(agency.attorney, agency.attorney)) == "own_account"


@pytest.mark.parametrize(
    ("kind", "told"), [(AccountKind.SHARED, "shared"), (AccountKind.INDIVIDUAL, "upgraded")]
)
def test_a_shared_or_legacy_account_cannot_accept(agency: Agency, kind: AccountKind, told: str):
    """The principal learns nothing of it; whoever it is about is told why."""
    other = agency.world.account("other.one1", kind, last_name="Other")
    agency.world.change_account(other, upgraded_at=None)
    other = agency.world.find("other.one1")
    named = agency.name(agency.attorney, other)
    assert isinstance(named, Pair)
    refused = agency.accept(named, other)
    assert reason(refused) == "not_for_this_account"
    assert told in str(refused)
    assert state(agency, named) is PairState.OFFERED


def test_a_firm_cannot_accept(agency: Agency):
    """A firm has no last name, so nobody is found; if it had one, it could not accept."""
    firm = agency.world.account("the.firm11", AccountKind.FIRM)
    agency.world.change_account(firm, last_name="Firm")
    firm = agency.world.find("the.firm11")
    named = agency.name(agency.attorney, firm)
    assert isinstance(named, Pair)
    assert reason(agency.accept(named, firm)) == "not_for_this_account"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"status": "suspended"}, "no filing right in force"),
        ({"roles": ["court_reporter"], "admission": None}, "one for which nobody else"),
    ],
    ids=["suspended", "role"],
)
def test_a_principal_without_a_fit_right(agency: Agency, given: dict[str, Any], told: str):
    other = agency.world.account("other.one1")
    agency.world.right(other, login="other", **given)
    refused = agency.name(other)
    assert reason(refused) == "no_principal"
    assert told in str(refused)


def test_a_permission_or_case_that_the_principal_lacks(agency: Agency):
    assert (
        reason(agency.name(agency.attorney, permissions=["transcripts"])) == "permission_not_held"
    )
    other = agency.world.account("other.one1")
    agency.world.right(other, login="other", cases=["26-00001"])
    assert reason(agency.name(other, cases=["26-00002"])) == "permission_not_held"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"court": "nowhere"}, "court"),
        ({"account_number": "12"}, "account_number"),
        ({"last_name": " "}, "last_name"),
        ({"last_name": "Pay at https://evil.test"}, "last_name"),
        ({"permissions": []}, "permissions"),
        ({"permissions": ["everything"]}, "permissions"),
        ({"cases": []}, "cases"),
        ({"cases": ["no case"]}, "cases"),
    ],
)
def test_what_cannot_be_named(agency: Agency, given: dict[str, Any], field: str):
    with pytest.raises(InputError) as refused:
        agency.name(agency.attorney, **given)
    assert refused.value.field == field


def test_a_last_day_that_is_over(agency: Agency):
    over = (agency.world.clock() - timedelta(days=2)).date()
    with pytest.raises(InputError):
        agency.name(agency.attorney, ends_on=over)


def test_courts_without_agents(agency: Agency):
    """A district court has none; a bankruptcy court may have said so."""
    agency.world.right(agency.attorney, "cacd")
    assert reason(agency.name(agency.attorney, court="cacd")) == "court_has_no_agents"
    agency.world.court_policy("casb", agents="off")
    assert reason(agency.name(agency.attorney)) == "court_has_no_agents"


def test_accepting_what_was_withdrawn(agency: Agency):
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    assert isinstance(agency.end(agency.attorney, named), Pair)
    refused = agency.accept(named)
    assert reason(refused) == "offer_over"
    assert "withdrawn" in str(refused)


def test_accepting_other_bounds_than_were_read(agency: Agency):
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    assert isinstance(agency.bound(agency.attorney, named, may_pay=True), Pair)
    assert reason(agency.accept(named, version=named.version)) == "bounds_changed"
    assert isinstance(agency.accept(named, version=named.version + 1), Pair)


def test_somebody_elses(agency: Agency):
    """Foreign pairs are no pairs."""
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    assert reason(agency.accept(named, agency.trustee)) == "not_found"
    assert reason(agency.end(agency.trustee, named)) == "not_found"
    assert reason(agency.bound(agency.trustee, named)) == "not_found"
    with agency.database.reading() as unit, pytest.raises(NotFoundError):
        pairs.at_court(unit, agency.court("nysb"), named.id)


def test_naming_is_counted(agency: Agency):
    """Nobody names without end."""
    for number in range(naming.NAMED_A_DAY):
        assert isinstance(agency.name(agency.attorney, account_number=f"{number:07}"), Pair)
    assert reason(agency.name(agency.attorney)) == "too_many_agents"


def test_a_stopped_account_names_nobody(agency: Agency):
    """Whoever holds it; ending gives nothing away and goes on."""
    made = agency.active(agency.attorney)
    agency.world.change_account(agency.attorney, frozen_at=agency.world.clock())
    stopped = agency.world.find("ada.attorney")
    with agency.database.writing() as unit, pytest.raises(Exception, match="stopped"):
        naming.name(
            unit,
            Party(stopped),
            NewAgent(court="casb", account_number="0000001", last_name="Agent"),
        )
    assert reason(agency.bound(stopped, made)) == "frozen"
    assert isinstance(agency.end(stopped, made), Pair)


def test_ending(agency: Agency):
    """Either side, at once, with a reason that both read; once."""
    for by, side in ((agency.attorney, Side.PRINCIPAL), (agency.agent, Side.AGENT)):
        made = agency.active(agency.attorney)
        ended = agency.end(by, made, side)
        assert isinstance(ended, Pair)
        assert (ended.kept, ended.ended_by, ended.reason) == (
            PairState.ENDED,
            side.value,
            "Left the office",
        )
        assert reason(agency.end(by, made, side)) == "pair_over"
    reasons = [one["values"].get("reason") for one in agency.world.queued("mail")]
    assert reasons.count("Left the office") == 4


def test_no_words_of_strangers_are_mailed(agency: Agency):
    """Neither names nor addresses: accounts by their numbers, and a reason in plain words."""
    made = agency.active(agency.attorney)
    party, why = Party(agency.attorney), "See https://evil.test"
    with agency.database.writing() as unit, pytest.raises(InputError):
        ending.end_own(unit, party, made.id, Side.PRINCIPAL, why)
    agency.end(agency.attorney, made)
    told = str(agency.world.queued("mail"))
    assert "Ada" not in told
    assert "Alex" not in told


def test_every_step_is_an_event_about_both(agency: Agency):
    """With both accounts in it; of an offer nobody is told who was found."""
    from sqlalchemy import select

    from signon.audit.models import events

    made = agency.active(agency.attorney)
    agency.bound(agency.attorney, made, may_pay=True)
    agency.end(agency.attorney, made)
    with agency.database.reading() as unit:
        rows = unit.execute(
            select(events.c.event, events.c.account_id, events.c.detail, events.c.court_id)
            .where(events.c.event.like("filing:agent:%"))
            .order_by(events.c.seq)
        ).all()
    principal, agent = agency.attorney.id, agency.agent.id
    assert [(row.event.rpartition(":")[2], row.account_id) for row in rows] == [
        ("named", principal),
        ("accepted", agent),
        ("accepted", principal),
        ("bounds_changed", principal),
        ("bounds_changed", agent),
        ("ended", principal),
        ("ended", agent),
    ]
    assert "agent" not in rows[0].detail
    for row in rows[1:]:
        assert (row.detail["principal"], row.detail["agent"]) == (principal, agent)
        assert row.court_id == "casb"


def test_a_disabled_account_is_not_found(agency: Agency):
    with agency.database.writing() as unit:
        status.disable(unit, agency.agent.number, reason="test", actor="system")
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    assert named.agent is None
    with agency.database.reading() as unit:
        from sqlalchemy import func, select

        count = select(func.count()).select_from(agent_pairs)
        assert unit.scalar(count) == 1


def test_taking_an_account_back_ends_what_was_given_away(agency: Agency):
    """Whom a thief named in the owner's name files for nobody any more; the court is told."""
    made = agency.active(agency.attorney)
    with agency.database.reading() as unit:
        moment = unit.now - timedelta(days=1)
        (change,) = history.since(unit, agency.attorney.id, moment)
    means = TakingBack(agency.world.settings, agency.world.ring)
    agency.world.clock.advance(seconds=60)
    with agency.database.writing() as unit:
        taking_back.take_back_for(
            unit, means, agency.attorney.number, change.id, actor="the.operator"
        )
    found = agency.pair(made.id)
    assert (found.kept, found.ended_by) == (PairState.ENDED, "principal")
    assert found.reason == taking_back.AGENTS_ENDED
    assert [one["pairs"] for one in agency.world.queued("agents:withdrawn")] == [[made.id]]
