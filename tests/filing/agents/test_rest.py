"""The pairs by REST: both sides' own, and a court's."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.courts import staff
from signon.courts.staff import StaffRole
from signon.errors import InputError
from signon.filing.agents.pairs import Pair, PairState
from signon.filing.court import court_policy
from signon.tokens.models import grants
from tests.court.conftest import Caller, CourtHouse
from tests.filing.agents.conftest import Agency
from tests.oidc.relying_party import RelyingParty

CALLBACK = "https://app.example/callback"


@pytest.fixture
def courthouse(agency: Agency) -> CourtHouse:
    return CourtHouse(agency.world)


def program(agency: Agency, account: Account) -> Caller:
    """An application in which somebody is signed in."""
    world = agency.world
    client_id = f"app-{account.number}"
    secret = world.client(
        client_id,
        court_id=None,
        trusted=True,
        scopes=["openid", "account"],
        redirect_uris=[CALLBACK],
    )
    browser = CourtHouse(world).sign_in(account.username)
    party = RelyingParty(browser, world.clock, client_id, secret, CALLBACK, "openid account")
    party.begin()
    return Caller(world, party.tokens().access_token)


def problem(answer: Any) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


def test_the_whole_way(agency: Agency):
    """Name, accept, other bounds, the log, end; each with its version."""
    ada, alex = program(agency, agency.attorney), program(agency, agency.agent)
    sent = {"court": "casb", "account_number": agency.agent.number, "last_name": "agent"}
    made = ada.call("POST", "/me/agents", json=sent, headers={"idempotency-key": "one"})
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "offered"
    assert made.json()["agent_name"] == "agent"
    again = ada.call("POST", "/me/agents", json=sent, headers={"idempotency-key": "one"})
    assert again.json() == made.json()
    pair_id = made.json()["id"]
    assert made.headers["location"] == f"/api/v1/me/agents/{pair_id}"
    with agency.database.writing() as unit:
        from signon.filing.agents import naming

        naming.deliver(unit, pair_id)
    [offer] = alex.call("GET", "/me/principals").json()["principals"]
    assert (offer["state"], offer["principal_name"]) == ("offered", "Ada Attorney")
    etag = alex.call("GET", f"/me/principals/{pair_id}").headers["etag"]
    bounds = {"may_pay": True, "cases": ["26-00001"]}
    changed = ada.call("PUT", f"/me/agents/{pair_id}/bounds", json=bounds)
    assert changed.json()["cases"] == ["26-00001"]
    at = f"/me/principals/{pair_id}/accept"
    assert alex.call("POST", at, headers={"if-match": etag}).status_code == 412
    accepted = alex.call("POST", at)
    assert (accepted.json()["state"], accepted.json()["agent_name"]) == ("active", "Alex Agent")
    assert problem(alex.call("POST", at)) == "offer-over"
    assert ada.call("GET", f"/me/agents/{pair_id}/log").json() == {"acted": []}
    old = changed.headers["etag"]
    ends = f"/me/agents/{pair_id}/end"
    reason = {"reason": "Left"}
    assert ada.call("POST", ends, json=reason, headers={"if-match": old}).status_code == 412
    assert ada.call("POST", ends, json=reason).status_code == 204
    assert problem(ada.call("POST", ends, json=reason)) == "pair-over"
    [ended] = ada.call("GET", "/me/agents").json()["agents"]
    assert (ended["state"], ended["ended_by"], ended["reason"]) == ("ended", "principal", "Left")


def test_naming_takes_a_recent_sign_in(agency: Agency):
    """A token that was stolen names nobody for long; widening neither."""
    ada = program(agency, agency.attorney)
    made = agency.active(agency.attorney)
    with agency.database.writing() as unit:
        unit.execute(update(grants).values(auth_time=unit.now - timedelta(hours=1)))
        # the sign-in is as old, or the token would not hold at all
        unit.execute(update(accounts).values(valid_from=unit.now - timedelta(hours=2)))
    sent = {"court": "casb", "account_number": "0000001", "last_name": "x"}
    for method, path, body in (
        ("POST", "/me/agents", sent),
        ("PUT", f"/me/agents/{made.id}/bounds", {}),
    ):
        answer = ada.call(method, path, json=body)
        assert answer.status_code == 401
        assert "max_age" in answer.headers["www-authenticate"]


def test_declining_and_ending_by_the_agent(agency: Agency):
    alex = program(agency, agency.agent)
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    at = f"/me/principals/{named.id}"
    assert problem(alex.call("POST", f"{at}/end", json={"reason": "x"})) == "not-accepted"
    assert alex.call("POST", f"{at}/decline", json={}).status_code == 204
    assert alex.call("GET", at).json()["state"] == "declined"
    other = agency.active(agency.trustee)
    answer = alex.call("POST", f"/me/principals/{other.id}/end", json={"reason": "Left"})
    assert answer.status_code == 204
    assert agency.pair(other.id).ended_by == "agent"


def test_nobody_else_sees_it(agency: Agency):
    """Either side at its own address only."""
    made = agency.active(agency.attorney)
    theo, ada = program(agency, agency.trustee), program(agency, agency.attorney)
    for path in (f"/me/agents/{made.id}", f"/me/principals/{made.id}", f"/me/agents/{made.id}/log"):
        assert theo.call("GET", path).status_code == 404
    assert ada.call("GET", f"/me/principals/{made.id}").status_code == 404
    assert ada.call("POST", f"/me/principals/{made.id}/accept").status_code == 404


# ── The court ────────────────────────────────────────────────────────────────


def test_a_courts_program(agency: Agency, courthouse: CourtHouse):
    """It lists, finds by either side, and ends with a reason."""
    one, _ = agency.active(agency.attorney), agency.active(agency.trustee)
    court = courthouse.service()

    def found(q: str) -> list[str]:
        answer = court.call("GET", "/courts/casb/agents", params={"q": q})
        return [each["principal_name"] for each in answer.json()["agents"]]

    assert set(found("")) == set(found("alex")) == {"Ada Attorney", "Theo Trustee"}
    assert found("theo") == found(agency.trustee.number) == ["Theo Trustee"]
    assert found("nobody at all") == []
    assert court.call("GET", "/courts/casb/agents", params={"q": "x"}).status_code == 422
    first = court.call("GET", "/courts/casb/agents", params={"limit": 1})
    assert len(first.json()["agents"]) == 1
    assert 'rel="next"' in first.headers["link"]
    at = f"/courts/casb/agents/{one.id}"
    etag = court.call("GET", at).headers["etag"]
    ended = court.call("POST", f"{at}/end", json={"reason": "Why"}, headers={"if-match": etag})
    assert ended.status_code == 204
    assert agency.pair(one.id).kept is PairState.ENDED
    assert problem(court.call("POST", f"{at}/end", json={"reason": "Why"})) == "pair-over"


def test_an_offer_tells_the_court_nothing(agency: Agency, courthouse: CourtHouse):
    """Who was named is found by what was typed, not by who they are."""
    named = agency.name(agency.attorney)
    assert isinstance(named, Pair)
    court = courthouse.service()

    def found(q: str) -> int:
        answer = court.call("GET", "/courts/casb/agents", params={"q": q})
        return len(answer.json()["agents"])

    assert found("alex") == 0
    assert found(agency.agent.number) == 1
    told = court.call("GET", f"/courts/casb/agents/{named.id}").json()
    assert told["agent_name"] == "Agent"


def test_a_clerk_does_not_end_their_own(agency: Agency, courthouse: CourtHouse):
    """Neither side of it."""
    made = agency.active(agency.attorney)
    for account in (agency.attorney, agency.agent):
        with agency.database.writing() as unit:
            staff.add(unit, "casb", account.username, StaffRole.CLERK, actor="system")
        clerk = courthouse.tool(account.username)
        answer = clerk.call("POST", f"/courts/casb/agents/{made.id}/end", json={"reason": "x"})
        assert problem(answer) == "own-account"


def test_importing_by_rest(agency: Agency, courthouse: CourtHouse):
    """JSON and CSV; the report counts, bad lines by their number."""
    court = courthouse.service()
    body = {"agents": [{"principal_login": "nobody", "agent_login": "no.agent"}]}
    answer = court.call("POST", "/courts/casb/agents", json=body).json()
    assert answer["done"] is False
    assert [one["line"] for one in answer["bad_lines"]] == [1]
    sheet = "principal_login,agent_login\nnobody,no.agent\n"
    answer = court.call(
        "POST",
        "/courts/casb/agents?dry_run=true",
        content=sheet,
        headers={"content-type": "text/csv"},
    ).json()
    assert [one["line"] for one in answer["bad_lines"]] == [2]


def test_an_import_that_a_second_member_confirms(agency: Agency, courthouse: CourtHouse):
    """As of logins: the same file, sent by a colleague."""
    agency.world.court_policy("casb", second_staff="on")
    courthouse.staff("administrator", username="ann.admin")
    courthouse.staff("administrator", username="ben.admin")
    ann, ben = courthouse.tool("ann.admin"), courthouse.tool("ben.admin")
    body: dict[str, Any] = {"agents": []}
    assert ann.call("POST", "/courts/casb/agents", json=body).status_code == 202
    assert ann.call("POST", "/courts/casb/agents", json=body).status_code == 202
    answer = ben.call("POST", "/courts/casb/agents", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["done"] is True


def test_whether_a_court_has_agents(agency: Agency):
    """Bankruptcy courts decide; others have none."""
    with agency.database.writing() as unit, pytest.raises(InputError):
        court_policy.change(unit, "cacd", actor="system", values={"agents": "on"})
    assert court_policy.has_agents(agency.court())
    agency.world.court_policy("casb", agents="off")
    assert not court_policy.has_agents(agency.court())
    assert not court_policy.has_agents(agency.court("cacd"))
