"""The service itself, as operators see it: courts, clients, keys, the trail; on pages and by REST."""

from typing import Any

import httpx2
import pytest

from signon.accounts.directory import Account
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.operators.conftest import SignIn

AT = "/operators"


@pytest.fixture
def token(world: World, operator: Account, person: Account) -> str:
    """Of a program that is bound to nothing."""
    given: dict[str, Any] = {"scopes": ["admin"], "grants": ["client_credentials"]}
    return _token(world, "service", court_id=None, **given)


def _token(world: World, client_id: str, scope: str = "admin", **given: Any) -> str:
    secret = world.client(client_id, **given)
    sent = {"grant_type": "client_credentials", "scope": scope}
    answer = world.http.post("/oauth2/token", data=sent, auth=(client_id, secret or ""))
    return str(answer.json()["access_token"])


def call(world: World, token: str, method: str, path: str) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}"}
    return world.http.request(method, f"/api/v1{path}", headers=headers)


@ON_ONE
def test_courts_and_keys_by_rest(world: World, token: str):
    """All of them and one; a key's private part is nowhere."""
    courts = call(world, token, "GET", "/courts").json()["courts"]
    assert len(courts) == 207
    one = call(world, token, "GET", "/courts/casb")
    assert one.json() == next(court for court in courts if court["id"] == "casb")
    assert call(world, token, "GET", "/courts/none").status_code == 404
    keys = call(world, token, "GET", "/keys").json()["keys"]
    assert {key["state"] for key in keys} == {"active"}
    assert set(keys[0]) == {
        *("kid", "alg", "state", "created_at", "active_from", "retired_at", "published_until"),
    }


def test_clients_by_rest(world: World, token: str):
    """Listed, closed and opened; why requests were refused; no secret among it."""
    secret = world.client("casb-cmecf") or ""
    listed = call(world, token, "GET", "/clients")
    assert {one["client_id"] for one in listed.json()["clients"]} == {"service", "casb-cmecf"}
    assert secret not in listed.text
    at = "/clients/casb-cmecf"
    assert call(world, token, "POST", f"{at}/disable").json()["disabled_at"]
    again = call(world, token, "POST", f"{at}/disable")
    assert (again.status_code, again.json()["type"]) == (409, "urn:signon:problem:disabled")
    assert call(world, token, "POST", f"{at}/enable").json()["disabled_at"] is None
    assert call(world, token, "POST", f"{at}/enable").status_code == 409
    assert call(world, token, "GET", f"{at}/refusals").json() == {"refused": [], "meanings": {}}
    assert call(world, token, "GET", "/clients/none").status_code == 404
    told = call(world, token, "GET", "/activity?client=casb-cmecf").json()["events"]
    assert [one["event"] for one in told] == ["clients:client:enabled", "clients:client:disabled"]
    assert {one["actor"] for one in told} == {"service"}


@ON_ONE
def test_the_trail_by_rest(world: World, token: str, person: Account, signed_in: SignIn):
    """By account, event and time, in pages; what cannot be asked is refused."""
    signed_in("a.attorney")
    about = call(world, token, "GET", f"/activity?account={person.number}&limit=1")
    assert about.json()["events"][0]["sub"] == person.id
    assert 'rel="next"' in about.headers["link"]
    events = call(world, token, "GET", "/activity?event=signin:&limit=50").json()["events"]
    assert events
    assert all(one["event"].startswith("signin:") for one in events)
    assert call(world, token, "GET", "/activity?since=2999-01-01T00:00:00Z").json() == {
        "events": []
    }
    for bad in ("since=2026-01-01T00:00:00", "account=12", "cursor=eA"):
        assert call(world, token, "GET", f"/activity?{bad}").status_code == 422, bad
    assert call(world, token, "GET", "/activity?account=0000000").json() == {"events": []}


@ON_ONE
@pytest.mark.parametrize("path", ["/courts", "/clients", "/keys", "/activity"])
def test_it_is_the_operators_alone(world: World, token: str, path: str):
    """A court's program does not get in."""
    given = {"scopes": ["court"], "grants": ["client_credentials"]}
    other = _token(world, "casb-service", "court", **given)
    assert call(world, other, "GET", path).status_code == 403


@ON_ONE
def test_the_pages(world: World, person: Account, signed_in: SignIn):
    """Courts by city, clients, a client with its registration, the trail in words; to nobody else."""
    world.client("casb-cmecf")
    browser = signed_in("olive.operator")
    found = browser.get(f"{AT}/courts?q=el+centro").html
    assert "/court/casb" in found
    assert "/court/nysb" not in found
    assert "No court is found for Gotham" in browser.get(f"{AT}/courts?q=Gotham").html
    assert f"{AT}/clients/casb-cmecf" in browser.get(f"{AT}/clients").html
    client = browser.get(f"{AT}/clients/casb-cmecf").html
    assert "https://ecf.casb.test/callback" in client
    assert "Nothing was refused" in client
    assert browser.get(f"{AT}/clients/none").status == 404
    told = browser.get(f"{AT}/activity?account={person.number}")
    assert "Account created" in told.text
    assert "accounts:account:created" not in told.text
    assert "Nothing is found" in browser.get(f"{AT}/activity?account=0000000").html
    stranger = signed_in("a.attorney")
    for page in ("courts", "clients", "activity"):
        assert stranger.get(f"{AT}/{page}").status == 404
