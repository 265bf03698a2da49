"""The REST scope `admin`: the console's rules for programs of operators."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from tests.infra.world import World
from tests.oidc.relying_party import RelyingParty

CALLBACK = "https://console.example/callback"


@pytest.fixture
def bearer(world: World, operator: Account, person: Account) -> str:
    """A token of a service client that is bound to nothing."""
    return _client_token(world, "service")


def _client_token(world: World, client_id: str, **given: Any) -> str:
    secret = world.client(
        client_id,
        **{"court_id": None, "scopes": ["admin"], "grants": ["client_credentials"], **given},
    )
    answer = world.http.post(
        "/oauth2/token",
        data={"grant_type": "client_credentials", "scope": "admin"},
        auth=(client_id, secret or ""),
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def _call(world: World, token: str, method: str, path: str, **given: Any) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}", **given.pop("headers", {})}
    return world.http.request(method, f"/api/v1{path}", headers=headers, **given)


def test_finding_and_reading(world: World, bearer: str, person: Account):
    """Found by words, listed in pages, read with a version; unknown ones are 404."""
    found = _call(world, bearer, "GET", "/accounts?q=a.attorney").json()["accounts"]
    assert [one["account_number"] for one in found] == [person.number]
    first = _call(world, bearer, "GET", "/accounts?limit=1")
    assert 'rel="next"' in first.headers["link"]
    seen = _call(world, bearer, "GET", f"/accounts/{person.number}")
    assert seen.json()["date_of_birth"] == "1970-01-02"
    assert seen.headers["etag"]
    assert "argon2" not in seen.text
    assert _call(world, bearer, "GET", "/accounts/0000000").status_code == 404


def test_acts(world: World, bearer: str, person: Account):
    """Disable with a reason, enable, search; `If-Match` guards; the history tells."""
    path = f"/accounts/{person.number}"
    etag = _call(world, bearer, "GET", path).headers["etag"]
    world.clock.advance(seconds=1)
    closed = _call(
        world,
        bearer,
        "POST",
        f"{path}/disable",
        json={"reason": "left"},
        headers={"if-match": etag},
    )
    assert closed.json()["status_reason"] == "left"
    stale = _call(world, bearer, "POST", f"{path}/enable", headers={"if-match": etag})
    assert stale.status_code == 412
    assert _call(world, bearer, "POST", f"{path}/recover").status_code in {403, 409}
    assert _call(world, bearer, "POST", f"{path}/enable").json()["status"] == "active"
    for act in ("recover", "sign-out"):
        assert _call(world, bearer, "POST", f"{path}/{act}").status_code == 200
    off = _call(world, bearer, "POST", f"{path}/search-off", json={"reason": "unpaid"})
    assert (off.json()["search_status"], off.json()["search_status_reason"]) == (
        "inactive",
        "unpaid",
    )
    assert _call(world, bearer, "POST", f"{path}/search-on").json()["search_status"] == "active"
    world.enrol("a.attorney")
    reset = _call(world, bearer, "POST", f"{path}/reset-factors", json={"reason": "phone burnt"})
    due_at = datetime.fromisoformat(reset.json()["factor_reset_due_at"])
    assert due_at == world.clock() + timedelta(days=3)
    kept = _call(world, bearer, "POST", f"{path}/keep-factors").json()
    assert (kept["has_factor"], kept["factor_reset_due_at"]) == (True, None)
    told = _call(world, bearer, "GET", f"{path}/history").json()["changes"]
    assert {change["subject"] for change in told} == {"search_status", "status", "factor_reset"}
    assert {change["actor"] for change in told} == {"service"}
    assert _call(world, bearer, "POST", f"{path}/disable", json={}).status_code == 422


@pytest.mark.parametrize("kind", [AccountKind.INDIVIDUAL, AccountKind.OPERATOR])
def test_only_an_operator_s_program(world: World, operator: Account, person: Account, kind: str):
    """The scope alone opens nothing: a person's program needs the person to be an operator."""
    username = "olive.operator" if kind is AccountKind.OPERATOR else "a.attorney"
    secret = world.client(
        "console", court_id=None, scopes=["openid", "admin"], redirect_uris=[CALLBACK], trusted=True
    )
    party = RelyingParty(world.browser(), world.clock, "console", secret, CALLBACK, "openid admin")
    party.begin()
    if kind is AccountKind.OPERATOR:
        world.enrol(username)
    party.browser.sign_in(username, "correct horse battery staple")
    if kind is AccountKind.OPERATOR:
        party.browser.submit(party.browser.page.forms[0], otp=world.code())
    token = party.tokens().access_token
    status = _call(world, token, "GET", f"/accounts/{person.number}").status_code
    assert status == (200 if kind is AccountKind.OPERATOR else 403)
    done = _call(world, token, "POST", f"/accounts/{person.number}/sign-out").status_code
    assert done == (200 if kind is AccountKind.OPERATOR else 403)


def test_a_client_is_invited_to_register_itself(world: World, bearer: str):
    """As by `signon clients invite`: once, within bounds; with the same key only one is made."""
    said = {"profile": "standard", "hosts": ["ecf.casb.test"], "court": "casb"}
    key = {"idempotency-key": "one"}
    first, again = (
        _call(world, bearer, "POST", "/client-invitations", json=said, headers=key) for _ in "ab"
    )
    assert first.status_code == 201
    assert first.json() == again.json()
    asked = {"client_name": "CM/ECF", "redirect_uris": ["https://ecf.casb.test/callback"]}
    headers = {"authorization": f"Bearer {first.json()['initial_access_token']}"}
    made = world.http.post(first.json()["registration_endpoint"], json=asked, headers=headers)
    assert made.json()["client_id"].startswith("casb-")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"hosts": []}, 422),
        ({"profile": "fapi3"}, 422),
        ({"court": "nowhere"}, 404),
        ({"scopes": ["admin"]}, 409),
        ({"hours": 721}, 422),
    ],
)
def test_an_invitation_has_bounds_that_can_be(
    world: World, bearer: str, given: dict[str, Any], status: int
):
    """By the rules of clients."""
    said = {"profile": "standard", "hosts": ["ecf.casb.test"], "court": "casb", **given}
    assert _call(world, bearer, "POST", "/client-invitations", json=said).status_code == status
