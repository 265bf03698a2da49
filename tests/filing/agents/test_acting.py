"""For whom an agent acts: what courts are told, at what moment, and whom nothing is asked of."""

from collections.abc import Callable
from typing import Any

import pytest

from signon.accounts import repudiation, status
from signon.accounts.history import NO_PROOF
from signon.audit.events import Event
from signon.db import Unit
from signon.filing.agents.acting import Principal
from signon.filing.agents.models import acting_choices
from signon.filing.agents.pairs import Pair, Side
from signon.filing.rights import rights
from tests.filing.agents.conftest import ORIGIN, Agency, reason
from tests.infra.asked import asked
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD
from tests.oidc.relying_party import RelyingParty, Tokens

SCOPE = "openid ecf"


def court_of(agency: Agency, **given: Any) -> RelyingParty:
    """The court's system, in a browser of its own."""
    world = agency.world
    secret = world.client(**given)
    return RelyingParty(
        world.browser(), world.clock, "casb-cmecf", secret, "https://ecf.casb.test/callback", SCOPE
    )


def signed_in(rp: RelyingParty, username: str = "alex.agent") -> Tokens:
    rp.begin()
    rp.browser.sign_in(username, PASSWORD)
    return rp.tokens()


def told(rp: RelyingParty, tokens: Tokens) -> dict[str, Any]:
    """The `ecf` claims at UserInfo, the same as at introspection and in a refreshed ID token."""
    info = rp.userinfo(tokens.access_token).json()
    ours = {n: v for n, v in info.items() if n.startswith("ecf_")}
    seen = rp.at("introspection_endpoint", token=tokens.access_token).json()
    assert ours == {n: v for n, v in seen.items() if n.startswith("ecf_")}
    return ours


def refreshed(rp: RelyingParty, tokens: Tokens) -> tuple[Tokens, dict[str, Any]]:
    made = rp.checked(rp.refresh(tokens.refresh_token), nonce=None)
    return made, {n: v for n, v in made.claims.items() if n.startswith("ecf_")}


def object_of(agency: Agency, which: str) -> dict[str, Any]:
    account = agency.world.find(which)
    login, role = {
        "ada.attorney": ("aattorney", "attorney"),
        "theo.trustee": ("ttrustee", "trustee"),
    }[which]
    return {
        "sub": account.id,
        "account_number": account.number,
        "name": account.display_name,
        "ecf_login": login,
        "ecf_roles": [role],
    }


def test_with_one_principal_nobody_is_asked(agency: Agency):
    """The way to the court leads through the choice of the only one there is."""
    agency.active(agency.attorney)
    rp = court_of(agency)
    tokens = signed_in(rp)
    ada = object_of(agency, "ada.attorney")
    assert tokens.claims["sub"] == agency.agent.id
    assert tokens.claims["ecf_acting_for"] == ada
    assert told(rp, tokens) == {
        "ecf_court": "casb",
        "ecf_status": "active",
        "ecf_login": "aagent",
        "ecf_roles": ["filing_agent"],
        "ecf_permissions": ["all_documents"],
        "ecf_acting_for": ada,
        "ecf_may_act_for": [ada],
    }


def test_with_several_the_agent_chooses(agency: Agency):
    """Nothing can be filed before; the choice is shown, and changed there at any time."""
    attorney, trustee = agency.active(agency.attorney), agency.active(agency.trustee)
    rp = court_of(agency)
    rp.begin()
    rp.browser.sign_in("alex.agent", PASSWORD)
    page = rp.browser.page
    assert "For whom do you file?" in page.text
    rp.browser.submit(page.forms[0], pair=trustee.id)
    tokens = rp.tokens()
    theo, ada = object_of(agency, "theo.trustee"), object_of(agency, "ada.attorney")
    assert told(rp, tokens)["ecf_acting_for"] == theo
    assert told(rp, tokens)["ecf_may_act_for"] == [ada, theo]
    rp.browser.get("/account")
    assert "Filing for Theo Trustee at the United States Bankruptcy Court" in " ".join(
        rp.browser.page.text.split()
    )
    rp.browser.get("/courts/casb/acting-for")
    rp.browser.submit(rp.browser.page.forms[0], pair=attorney.id)
    assert "Filing for Ada Attorney at the United States Bankruptcy Court" in " ".join(
        rp.browser.page.text.split()
    )
    assert told(rp, tokens)["ecf_acting_for"] == ada
    assert refreshed(rp, tokens)[1]["ecf_acting_for"] == ada


def test_acting_waits_for_the_redaction_rules_too(agency: Agency):
    """Whoever became an agent after the sign-in may do nothing for others before they confirm."""
    new = agency.world.account("nora.agent", first_name="Nora", last_name="Agent")
    rp = court_of(agency)
    tokens = signed_in(rp, "nora.agent")
    agency.world.right(new, login="nagent", roles=["filing_agent"], admission=None)
    named = agency.name(agency.attorney, new)
    assert isinstance(named, Pair)
    agency.accept(named, new)
    rp.browser.get("/courts/casb/acting-for")
    rp.browser.submit(rp.browser.page.forms[0], pair=named.id)
    found = told(rp, tokens)
    assert found["ecf_acting_for"] == object_of(agency, "ada.attorney")
    assert (found["ecf_permissions"], found["ecf_redaction_due"]) == ([], True)


def test_an_agents_own_list_says_whether_somebody_named_them(agency: Agency):
    """A right with which nobody can file is not called one where one files."""
    rp = court_of(agency)
    signed_in(rp)
    shown = own_courts(rp)
    assert "Courts where you cannot file now" in shown
    assert "nobody has named you their agent" in shown
    agency.active(agency.attorney)
    shown = own_courts(rp)
    assert "Courts where you cannot file now" not in shown
    assert "You file only for those who have named you their agent" in shown


def own_courts(rp: RelyingParty) -> str:
    """The account's list of courts."""
    rp.browser.get("/account/courts")
    return " ".join(rp.browser.page.text.split())


def test_a_choice_belongs_to_its_session_and_court(agency: Agency):
    attorney = agency.active(agency.attorney)
    agency.active(agency.trustee)
    _, one = agency.sign_in()
    _, other = agency.sign_in()
    assert isinstance(agency.choose(one, attorney), Principal)
    assert agency.acting(one).chosen is not None
    assert agency.acting(other).chosen is None


def test_without_a_principal_nothing_can_be_filed(agency: Agency):
    """The way goes on all the same: reading is central."""
    claims = signed_in(court_of(agency)).claims
    assert claims["ecf_permissions"] == claims["ecf_may_act_for"] == []
    assert "ecf_acting_for" not in claims


def test_whoever_may_file_themselves_does_until_they_choose(agency: Agency):
    """They are not asked on the way, and may go back to it."""
    both = agency.world.account("both.ways1", first_name="Bo", last_name="Both")
    agency.world.right(
        both, login="bboth", roles=["attorney", "filing_agent"], cases=["26-00001"], admission=None
    )
    named = agency.name(agency.attorney, both)
    assert isinstance(named, Pair)
    agency.accept(named, both)
    rp = court_of(agency)
    tokens = signed_in(rp, "both.ways1")
    assert tokens.claims["ecf_permissions"] == ["all_documents"]
    assert tokens.claims["ecf_cases"] == ["26-00001"]
    assert "ecf_acting_for" not in tokens.claims
    rp.browser.get("/courts/casb/acting-for")
    rp.browser.submit(rp.browser.page.forms[0], pair=named.id)
    claims = told(rp, tokens)
    assert claims["ecf_acting_for"]["account_number"] == agency.attorney.number
    assert claims["ecf_login"] == "bboth"
    assert claims["ecf_roles"] == ["attorney", "filing_agent"]
    assert "ecf_cases" not in claims
    rp.browser.get("/courts/casb/acting-for")
    rp.browser.submit(rp.browser.page.forms[0], pair="self")
    assert "ecf_acting_for" not in told(rp, tokens)


# ── What ends it ─────────────────────────────────────────────────────────────

Ends = Callable[[Agency, Unit], object]


def suspend(agency: Agency, unit: Unit) -> None:
    right = rights.held(unit, agency.attorney.id, "casb")
    assert right is not None
    rights.change(unit, right, Event.RIGHT_SUSPENDED, actor="system", suspended_by=("court",))


def end(agency: Agency, unit: Unit) -> None:
    right = rights.held(unit, agency.attorney.id, "casb")
    assert right is not None
    rights.end(unit, right, Event.RIGHT_UNLINKED, actor="system", noted={})


def disable(agency: Agency, unit: Unit) -> None:
    status.disable(unit, agency.attorney.number, reason="test", actor="system")


def freeze(agency: Agency, unit: Unit) -> None:
    repudiation.freeze(unit, agency.attorney, unit.now, proof=NO_PROOF, source=ORIGIN)


def block(agency: Agency, unit: Unit) -> None:
    from signon.accounts import filing_block
    from signon.filing.rights import reductions

    assert filing_block.block(unit, agency.attorney.id)
    reductions.announce(unit, "casb", [agency.attorney.id])


def withdraw(agency: Agency, unit: Unit) -> None:
    from signon.filing.agents import ending, pairs
    from signon.filing.agents.party import Party

    [pair] = pairs.of_principal(unit, agency.attorney.id)
    ending.end_own(unit, Party(agency.attorney), pair.id, Side.PRINCIPAL, "Left")


def narrow(agency: Agency, unit: Unit) -> None:
    from signon.filing.agents import ending, pairs
    from signon.filing.agents.bounds import BoundsAsked
    from signon.filing.agents.party import Party

    [pair] = pairs.of_principal(unit, agency.attorney.id)
    asked = BoundsAsked(cases=["26-00001"])
    ending.set_bounds(unit, Party(agency.attorney), pair.id, asked)


def deliver(agency: Agency) -> list[dict[str, Any]]:
    """Work off what became of people; answers the logout tokens that wait."""
    import asyncio

    from signon.oidc.logout_notices import LogoutNotices
    from signon.outbox import events

    database, nothing = agency.database, object()
    notices = LogoutNotices("http://localhost", database, nothing, nothing)  # type: ignore[arg-type]  # none is sent
    handlers = {k: h for k, h in notices.handlers().items() if k != "logout_token"}
    asyncio.run(events.deliver_due(database, handlers, {}))
    return agency.world.queued("logout_token")


@pytest.mark.parametrize("act", [suspend, end, disable, freeze, block, withdraw])
def test_whatever_ends_the_principals_right_ends_acting(agency: Agency, act: Ends):
    """At the next look, at the next refresh, and by a logout that goes to that court alone."""
    agency.active(agency.attorney)
    rp = court_of(agency, backchannel_logout_uri="https://ecf.casb.test/logout")
    tokens = signed_in(rp)
    assert deliver(agency) == []
    with agency.database.writing() as unit:
        act(agency, unit)
    claims = told(rp, tokens)
    assert claims["ecf_permissions"] == claims["ecf_may_act_for"] == []
    assert "ecf_acting_for" not in claims
    again, claims = refreshed(rp, tokens)
    assert "ecf_acting_for" not in claims
    sid = tokens.claims["sid"]
    expected = [{"client": "casb-cmecf", "sub": agency.agent.id, "sid": sid}]
    assert [one for one in deliver(agency) if one["sub"] == agency.agent.id] == expected
    # the pages know it too, and whoever comes anew is asked anew
    rp.browser.get("/account")
    assert "Filing for" not in rp.browser.page.text
    assert again.claims["sub"] == agency.agent.id


def test_narrower_bounds_work_like_a_withdrawal(agency: Agency):
    """The court signs the agent out; then it goes on within them."""
    agency.active(agency.attorney)
    rp = court_of(agency, backchannel_logout_uri="https://ecf.casb.test/logout")
    tokens = signed_in(rp)
    with agency.database.writing() as unit:
        narrow(agency, unit)
    assert told(rp, tokens)["ecf_cases"] == ["26-00001"]
    assert len(deliver(agency)) == 1
    rp.begin()
    assert rp.tokens().claims["ecf_cases"] == ["26-00001"]


def test_wider_bounds_tell_nobody(agency: Agency):
    made = agency.active(agency.attorney, cases=["26-00001"])
    rp = court_of(agency, backchannel_logout_uri="https://ecf.casb.test/logout")
    tokens = signed_in(rp)
    agency.bound(agency.attorney, made)
    assert deliver(agency) == []
    assert "ecf_cases" not in told(rp, tokens)


def test_a_court_is_told_of_an_old_choice_too(agency: Agency):
    """What it was given before the agent switched may speak of that principal still; of a switch
    alone it is told nothing.
    """
    attorney, trustee = agency.active(agency.attorney), agency.active(agency.trustee)
    rp = court_of(agency, backchannel_logout_uri="https://ecf.casb.test/logout")
    rp.begin()
    rp.browser.sign_in("alex.agent", PASSWORD)
    rp.browser.submit(rp.browser.page.forms[0], pair=attorney.id)
    tokens = rp.tokens()
    rp.browser.get("/courts/casb/acting-for")
    rp.browser.submit(rp.browser.page.forms[0], pair=trustee.id)
    assert deliver(agency) == []
    with agency.database.writing() as unit:
        withdraw(agency, unit)
    assert len(deliver(agency)) == 1
    # the choice of the other one stays
    assert told(rp, tokens)["ecf_acting_for"] == object_of(agency, "theo.trustee")


def test_a_court_that_has_no_agents_any_more(agency: Agency):
    agency.active(agency.attorney)
    rp = court_of(agency)
    signed_in(rp)
    agency.world.court_policy("casb", agents="off")
    _, session = agency.sign_in()
    assert agency.acting(session).principals == ()


# ── Refusals ─────────────────────────────────────────────────────────────────


def test_a_principal_of_another_court(agency: Agency):
    for account, login in ((agency.attorney, "a2"), (agency.agent, "g2")):
        roles = ["attorney"] if account is agency.attorney else ["filing_agent"]
        agency.world.right(account, "nysb", login=login, roles=roles, admission=None)
    there = agency.active(agency.attorney, court="nysb")
    _, session = agency.sign_in()
    refused = agency.choose(session, there)
    assert reason(refused) == "cannot_act_for"
    assert "another court" in str(refused)


def test_a_stale_tab(agency: Agency):
    """It shows one who is none any more: a sentence, and nothing changed."""
    attorney, trustee = agency.active(agency.attorney), agency.active(agency.trustee)
    _, session = agency.sign_in()
    assert isinstance(agency.choose(session, trustee), Principal)
    agency.end(agency.attorney, attorney)
    refused = agency.choose(session, attorney)
    assert reason(refused) == "cannot_act_for"
    assert "no longer" in str(refused)
    chosen = agency.acting(session).chosen
    assert chosen is not None
    assert chosen.pair_id == trustee.id


def test_somebody_elses_pair(agency: Agency):
    made = agency.active(agency.attorney)
    _, session = agency.sign_in(agency.trustee)
    assert reason(agency.choose(session, made)) == "cannot_act_for"


def test_before_it_was_accepted(agency: Agency):
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    _, session = agency.sign_in()
    assert reason(agency.choose(session, named)) == "cannot_act_for"


# ── What it costs, and what is kept ──────────────────────────────────────────


@ON_ONE
def test_nothing_is_asked_about_who_is_no_agent(agency: Agency):
    """UserInfo of an attorney runs what it always ran; an agent's one statement more."""
    rp = court_of(agency)
    tokens = signed_in(rp, "ada.attorney")
    with asked() as names:
        rp.userinfo(tokens.access_token)
    assert names == ["oidc.bearer._find_at_court"]
    agency.active(agency.attorney)
    rp.browser = agency.world.browser()
    tokens = signed_in(rp)
    with asked() as names:
        rp.userinfo(tokens.access_token)
    assert names == ["oidc.bearer._find_at_court", "filing.agents.acting._principals"]


def test_the_principal_is_mailed_once(agency: Agency):
    """The first time that the agent acts at the court."""
    made = agency.active(agency.attorney)
    for _ in range(2):
        _, session = agency.sign_in()
        assert isinstance(agency.choose(session, made), Principal)
    mails = [one for one in agency.mailed(agency.attorney) if "first time" in one]
    assert mails == [
        f"Account {agency.agent.number} acts as your filing agent at this court for the first time."
    ]
    with agency.database.reading() as unit:
        assert len(unit.execute(acting_choices.select()).all()) == 2
