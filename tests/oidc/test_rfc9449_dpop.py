"""Tokens that are bound to a key (RFC 9449), at every endpoint that takes or gives one."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from signon import pruning
from signon.app import prunable
from signon.config import Settings
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.proving import Prover
from tests.oidc.relying_party import RelyingParty, Tokens
from tests.oidc.strict_party import StrictParty

Strict = Callable[..., StrictParty]
SCOPE = "openid account"
SCOPES = ["openid", "account"]


@pytest.fixture
def rp(world: World, strict: Strict) -> StrictParty:
    """A strict client with a scope of the REST interface, whose person is signed in."""
    world.account()
    made = strict(scopes=SCOPES)
    made.scope = SCOPE
    made.begin()
    made.browser.sign_in("a.attorney", PASSWORD)
    return made


@pytest.fixture
def tokens(rp: StrictParty) -> Tokens:
    """Its tokens."""
    return rp.tokens()


def asked_with(rp: RelyingParty, prover: Prover | None, **form: str) -> httpx2.Response:
    """A token request of a client with a secret or none, with a proof."""
    endpoint = rp.metadata["token_endpoint"]
    headers = {"dpop": prover.proof("POST", endpoint)} if prover else {}
    if rp.secret is None:
        public = {"client_id": rp.client_id, **form}
        return rp.browser.http.post(endpoint, data=public, headers=headers)
    auth = (rp.client_id, rp.secret)
    return rp.browser.http.post(endpoint, data=form, headers=headers, auth=auth)


def redeemed(rp: RelyingParty, prover: Prover | None) -> httpx2.Response:
    form = {
        "grant_type": "authorization_code",
        "code": rp.code(),
        "redirect_uri": rp.redirect_uri,
        "code_verifier": rp.started.verifier,
    }
    return asked_with(rp, prover, **form)


# ── What is given ────────────────────────────────────────────────────────────


def test_tokens_are_bound_to_the_key(rp: StrictParty, tokens: Tokens):
    """5 and 6: `token_type` and `cnf.jkt`, in the token and in introspection."""
    assert tokens.body["token_type"] == "DPoP"
    assert rp.prover is not None
    assert tokens.access_claims["cnf"] == {"jkt": rp.prover.jkt}
    told = rp.ask("introspection_endpoint", [], token=tokens.access_token).json()
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": rp.prover.jkt})


def test_a_client_that_shows_no_key_gets_bearer_tokens(world: World, party: MakeParty):
    """5: it is asked for by the proof alone, unless the client is held to it or kept from it."""
    world.account()
    prover = Prover(world.clock)
    given = {}
    for dpop in ("optional", "required", "off"):
        client = party(f"casb-{dpop}", dpop=dpop, auth_method="client_secret_basic")
        for with_proof in (True, False):
            client.begin()
            if client.browser.response and client.browser.response.status_code == 200:
                client.browser.sign_in("a.attorney", PASSWORD)
            answer = redeemed(client, prover if with_proof else None).json()
            given[dpop, with_proof] = answer.get("token_type") or answer["error"]
    assert given == {
        ("optional", True): "DPoP",
        ("optional", False): "Bearer",
        ("required", True): "DPoP",
        ("required", False): "invalid_dpop_proof",
        ("off", True): "Bearer",
        ("off", False): "Bearer",
    }


def test_a_client_s_own_token_is_bound_too(world: World, party: MakeParty):
    """5: client credentials."""
    given = {"grants": ["client_credentials"], "scopes": ["court"]}
    service = party("casb-service", dpop="required", **given)
    prover = Prover(world.clock)
    form = {"grant_type": "client_credentials", "scope": "court"}
    answer = asked_with(service, prover, **form)
    assert answer.json()["token_type"] == "DPoP"
    assert asked_with(service, None, **form).json()["error"] == "invalid_dpop_proof"
    address = f"{service.issuer}/api/v1/courts/casb/filers"
    token = answer.json()["access_token"]
    told = service.browser.http.get(address, headers=prover.headers("GET", address, token))
    assert told.status_code == 200


@pytest.mark.parametrize("kept", [True, False], ids=["same key", "another key"])
def test_a_public_client_s_refresh_token_is_bound(world: World, party: MakeParty, kept: bool):
    """5: "the refresh token MUST be bound to the public key"; a thief has the token, not the key."""
    world.account()
    app = party("casb-app", auth_method="none")
    app.begin()
    app.browser.sign_in("a.attorney", PASSWORD)
    prover = Prover(world.clock)
    refresh_token = redeemed(app, prover).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    for thief in (None, Prover(world.clock)):
        assert asked_with(app, thief, **form).json()["error"] == "invalid_grant"
    if kept:
        assert asked_with(app, prover, **form).json()["token_type"] == "DPoP"


def test_a_confidential_client_may_take_another_key(rp: StrictParty, tokens: Tokens, world: World):
    """5: who it is binds its refresh token; under `fapi2` it is not rotated (FAPI 2.0 5.3.2.1)."""
    rp.prover = Prover(world.clock)
    for _ in range(2):
        answer = rp.refresh(tokens.refresh_token)
        assert rp.verified(answer.json()["access_token"], "at+jwt")["cnf"]["jkt"] == rp.prover.jkt
        assert answer.json()["refresh_token"] == tokens.refresh_token


# ── The key that a code is for ───────────────────────────────────────────────


@pytest.mark.parametrize("named", ["by name", "by proof", "both"])
def test_a_code_is_for_the_key_that_asked_for_it(rp: StrictParty, world: World, named: str):
    """10: `dpop_jkt`, or the proof at the pushed request."""
    assert rp.prover is not None
    own, other = rp.prover, Prover(world.clock)
    extra = {"dpop_jkt": own.jkt} if named != "by proof" else {}
    for prover in (other, own):
        rp.prover = None if named == "by name" else own
        rp.visit(rp.pushed(**extra))
        rp.prover = prover
        answer = rp.redeem()
        assert answer.status_code == (200 if prover is own else 400)
        assert prover is own or answer.json()["error"] == "invalid_grant"


def test_a_pushed_request_names_the_key_of_its_proof(rp: StrictParty):
    """10.1: two keys are refused."""
    answer = rp.push(dpop_jkt="x" * 43)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


# ── Where tokens are taken ───────────────────────────────────────────────────


def test_userinfo_and_the_rest_interface_take_a_bound_token(rp: StrictParty, tokens: Tokens):
    """7.1: by the scheme DPoP, in any case, with a proof for this very request."""
    assert rp.userinfo(tokens.access_token).status_code == 200
    assert rp.prover is not None
    address = f"{rp.issuer}/api/v1/me"
    headers = rp.prover.headers("GET", address, tokens.access_token)
    headers["authorization"] = headers["authorization"].replace("DPoP", "dPoP")
    assert rp.browser.http.get(address, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/oauth2/userinfo", "/api/v1/me"])
def test_a_bound_token_is_no_bearer_token(rp: StrictParty, tokens: Tokens, path: str):
    """7.2: nor is a proof left out, nor another key's, nor one for another request or token."""
    assert rp.prover is not None
    address, token = rp.issuer + path, tokens.access_token
    good = rp.prover.headers("GET", address, token)
    other = Prover(rp.clock)
    refused = {
        "as bearer": {"authorization": f"Bearer {token}"},
        "as bearer, with a proof": {**good, "authorization": f"Bearer {token}"},
        "without": {"authorization": f"DPoP {token}"},
        "another key": other.headers("GET", address, token),
        "another method": rp.prover.headers("POST", address, token),
        "another address": rp.prover.headers("GET", rp.issuer + "/oauth2/token", token),
        "another token": {**good, "dpop": rp.prover.proof("GET", address, token="x")},
    }
    for why, headers in refused.items():
        answer = rp.browser.http.get(address, headers=headers)
        assert answer.status_code == 401, why
        scheme = headers["authorization"].partition(" ")[0]
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith(f'{scheme} error="invalid_'), why
        assert ("algs=" in challenge) == (scheme == "DPoP"), why
    twice = [*good.items(), ("dpop", rp.prover.proof("GET", address, token=token))]
    assert rp.browser.http.get(address, headers=twice).status_code == 401
    assert rp.browser.http.get(address, headers=good).status_code == 200
    assert rp.browser.http.get(address, headers=good).status_code == 401


def test_a_bearer_token_is_not_taken_by_the_other_scheme(rp: StrictParty, party: MakeParty):
    """7.1: a token that is bound to nothing proves nothing by a proof."""
    plain = party(browser=rp.browser)
    plain.begin()
    token = plain.tokens().access_token
    address = plain.metadata["userinfo_endpoint"]
    headers = Prover(plain.clock).headers("GET", address, token)
    answer = plain.browser.http.get(address, headers=headers)
    assert answer.status_code == 401
    assert "needs the scheme Bearer" in answer.headers["www-authenticate"]


def test_what_is_refused_later_is_told_under_the_same_scheme(rp: StrictParty, tokens: Tokens):
    """7.1: a scope that is missing, at the REST interface."""
    assert rp.prover is not None
    address = f"{rp.issuer}/api/v1/courts/casb/filers"
    headers = rp.prover.headers("GET", address, tokens.access_token)
    answer = rp.browser.http.get(address, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"].startswith('DPoP error="insufficient_scope"')


def test_revocation_takes_a_proof_and_needs_none(rp: StrictParty, tokens: Tokens):
    """To give a token back must never be harder; but a proof that is sent must hold."""
    endpoint = rp.metadata["revocation_endpoint"]
    assert rp.prover is not None
    bad = [("dpop", rp.prover.proof("POST", endpoint, iat=1))]
    answer = rp.ask("revocation_endpoint", bad, token=tokens.access_token)
    assert answer.json()["error"] == "invalid_dpop_proof"
    assert rp.userinfo(tokens.access_token).status_code == 200
    assert rp.at("revocation_endpoint", token=tokens.access_token).status_code == 200
    assert rp.userinfo(tokens.access_token).status_code == 401
    assert rp.ask("revocation_endpoint", [], token=tokens.refresh_token).status_code == 200
    assert rp.refresh(tokens.refresh_token).json()["error"] == "invalid_grant"


def test_a_bad_proof_is_an_error_at_the_token_endpoint(rp: StrictParty, world: World):
    """5: `invalid_dpop_proof`, with a reason that says nothing of ours; and it leaves a trace."""
    assert rp.prover is not None
    endpoint = rp.metadata["token_endpoint"]
    good = rp.prover.proof("POST", endpoint)
    for headers in ([("dpop", "x")], [("dpop", good), ("dpop", good)], []):
        answer = rp.ask("token_endpoint", headers, grant_type="refresh_token", refresh_token="x")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
        assert "www-authenticate" not in answer.headers


def test_used_proofs_are_forgotten(rp: StrictParty, world: World):
    """Long after any of them could be used again."""
    world.clock.advance(hours=4)
    forget = prunable(world.settings)["dpop_proofs"]
    with world.database.writing() as unit:
        assert forget(unit, pruning.BATCH) >= 1


# ── Nonces ───────────────────────────────────────────────────────────────────


class TestNonces:
    """Section 8, when an operator asks for them."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """A minute each."""
        return settings.model_copy(update={"dpop_nonce_seconds": 60})

    @pytest.fixture
    def rp(self, world: World, strict: Strict) -> StrictParty:
        """Not signed in yet: not even its first request has a nonce."""
        world.account()
        made = strict(scopes=SCOPES)
        made.scope = SCOPE
        return made

    def test_a_proof_without_one_is_told_which(self, rp: StrictParty, world: World):
        """8 and 9: 400 at our endpoints, 401 at resources; then it works, and is told the next."""
        assert rp.prover is not None
        first = rp.push()
        assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
        rp.prover.nonce = first.headers["dpop-nonce"]
        rp.begin()
        rp.browser.sign_in("a.attorney", PASSWORD)
        answer = rp.redeem()
        assert answer.headers["dpop-nonce"] == rp.prover.nonce
        token = answer.json()["access_token"]
        for path in ("/oauth2/userinfo", "/api/v1/me"):
            self._check_resource(rp, token, rp.issuer + path)
        world.clock.advance(seconds=121)
        assert rp.refresh(answer.json()["refresh_token"]).json()["error"] == "use_dpop_nonce"

    def _check_resource(self, rp: StrictParty, token: str, address: str) -> None:
        assert rp.prover is not None
        fresh = {"nonce": rp.prover.nonce}
        proofs: list[tuple[int, dict[str, Any]]] = [(401, {"nonce": None}), (200, fresh)]
        for status, claims in proofs:
            proof = rp.prover.proof("GET", address, token=token, **claims)
            headers = {"authorization": f"DPoP {token}", "dpop": proof}
            answer = rp.browser.http.get(address, headers=headers)
            assert answer.status_code == status
            assert answer.headers["dpop-nonce"] == rp.prover.nonce
            challenged = 'error="use_dpop_nonce"' in answer.headers.get("www-authenticate", "")
            assert challenged == (status == 401)
