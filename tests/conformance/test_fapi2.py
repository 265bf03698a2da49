"""FAPI 2.0 Security Profile Final and Message Signing, plain, private_key_jwt and DPoP: by module names.

The client is held to PAR, its keys and DPoP by its profile; the server serves the other plans too.
"""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from signon.clients.profiles import STRONG
from tests.conformance.conftest import CALLBACK
from tests.infra.world import PASSWORD, World
from tests.oidc.proving import Prover, Signatory, hashed, signed
from tests.oidc.relying_party import Tokens
from tests.oidc.strict_party import StrictParty

PAR = "pushed_authorization_request_endpoint"


class Suite(StrictParty):
    """The suite's client."""

    def sign_in(self) -> None:
        """The person signs in on the page that is shown, if one is."""
        assert self.browser.response is not None
        if self.browser.response.status_code == 200:
            self.browser.sign_in("test.subject", PASSWORD)

    def flow(self, **given: str) -> Tokens:
        """A whole flow."""
        self.visit(self.pushed(**given))
        self.sign_in()
        return self.tokens()

    def granted(self, **given: str) -> str:
        """The code of a whole request."""
        self.visit(self.pushed(**given))
        self.sign_in()
        return self.code()

    def refusal(self, answer: httpx2.Response, *errors: str, status: int = 400) -> None:
        """The answer is one of these errors."""
        assert answer.status_code == status, answer.text
        assert answer.json()["error"] in errors

    def resource(self, access_token: str, *, bearer: bool = False, **claims: Any) -> int:
        """The status of a request to a protected resource with such a proof."""
        assert self.prover is not None
        endpoint = self.metadata["userinfo_endpoint"]
        proof = self.prover.proof("GET", endpoint, **{"token": access_token, **claims})
        scheme = "Bearer" if bearer else "DPoP"
        headers = {"authorization": f"{scheme} {access_token}", "dpop": proof}
        return self.browser.http.get(endpoint, headers=headers).status_code


@pytest.fixture
def variant() -> tuple[str, str]:
    """One database: `tests/oidc` has the same rules on both."""
    return "postgresql", "query"


@pytest.fixture
def make(world: World) -> Callable[..., Suite]:
    """Makes a client of the suite."""

    def make(client_id: str, **given: Any) -> Suite:
        signatory = Signatory(world.clock, client_id, world.settings.issuer)
        values = {
            "profile": "fapi2",
            "dpop": "required",
            "auth_method": "private_key_jwt",
            "jwks": signatory.jwks,
            "court_id": None,
            "trusted": True,
            "scopes": ["openid", "profile", "email"],
            "redirect_uris": [CALLBACK],
            **given,
        }
        world.client(client_id, **values)
        made = Suite(world.browser(), world.clock, client_id, None, CALLBACK, "openid profile")
        made.equip(signatory, Prover(world.clock))
        return made

    return make


@pytest.fixture
def suite(make: Callable[..., Suite]) -> Suite:
    """The first client."""
    return make("suite-first")


@pytest.fixture
def second(make: Callable[..., Suite]) -> Suite:
    """The second client, with keys of its own."""
    return make("suite-second")


@pytest.fixture
def signing(make: Callable[..., Suite]) -> Suite:
    """The client of the plan Message Signing."""
    return make("suite-signing", require_signed_request=True)


# ── The flow ─────────────────────────────────────────────────────────────────


def test_fapi2_discovery_end_point_verification(suite: Suite):
    """PAR, S256, `iss`, DPoP, and an allowed algorithm in each list."""
    said = suite.metadata
    assert said[PAR].startswith("https://")
    assert said["require_pushed_authorization_requests"] is False
    assert "S256" in said["code_challenge_methods_supported"]
    assert said["authorization_response_iss_parameter_supported"] is True
    assert "private_key_jwt" in said["token_endpoint_auth_methods_supported"]
    for name in said:
        if "_alg_values_supported" in name:
            assert set(STRONG) & set(said[name]), name
    assert "RS256" not in said["dpop_signing_alg_values_supported"]
    assert {"jwt", "form_post.jwt"} <= set(said["response_modes_supported"])


def test_fapi2_happy_flow(suite: Suite, second: Suite):
    """Two clients, each with its own tokens."""
    for client in (suite, second):
        tokens = client.flow()
        assert tokens.body["token_type"] == "DPoP"
        assert client.userinfo(tokens.access_token).json()["sub"] == tokens.claims["sub"]


def test_fapi2_user_rejects_authentication(suite: Suite):
    """Cancel, with a stable id, ends in `access_denied`."""
    suite.visit(suite.pushed())
    assert "cancel" in suite.browser.page.ids
    form = next(form for form in suite.browser.page.forms if "cancel" in form.action)
    suite.browser.submit(form)
    assert suite.error() == "access_denied"


@pytest.mark.parametrize(
    "given",
    [
        *({"state": ""}, {"nonce": ""}, {"nonce": "n" * 64}, {"nonce": "n" * 384}),
        *({"state": "s" * 1024}, {"scope": "profile openid"}),
        {"claims": '{"userinfo": {"name": {"essential": true}}}'},
    ],
    ids=lambda given: next(iter(given)),
)
def test_fapi2_ensure_request_succeeds(suite: Suite, given: dict[str, str]):
    """`…-without-state-success`, `…-without-nonce-success`, `…-with-64-char-nonce-success`,
    `…-with-long-nonce`, `…-with-long-state`, `ensure-other-scope-order-succeeds`,
    `test-claims-parameter-identity-claims`: echoed exactly.
    """
    tokens = suite.flow(**given)
    assert tokens.claims.get("nonce") == (suite.started.nonce or None)


def test_fapi2_access_token_type_header_case_sensitivity(suite: Suite):
    """The scheme in any case."""
    token = suite.flow().access_token
    endpoint = suite.metadata["userinfo_endpoint"]
    assert suite.prover is not None
    for scheme in ("dpop", "DPOP", "dPoP"):
        proof = suite.prover.proof("GET", endpoint, token=token)
        headers = {"authorization": f"{scheme} {token}", "dpop": proof}
        assert suite.browser.http.get(endpoint, headers=headers).status_code == 200


@pytest.mark.parametrize("shift", [-10, 10])
def test_fapi2_ensure_dpopproof_with_iat_10seconds_succeeds(suite: Suite, shift: int):
    """`…-before-succeeds`, `…-after-succeeds`: at PAR, token endpoint and resource."""
    now = int(suite.clock().timestamp())
    assert suite.prover is not None
    proofs = {
        name: [("dpop", suite.prover.proof("POST", suite.metadata[name], iat=now + shift))]
        for name in (PAR, "token_endpoint")
    }
    pushed = suite.ask(PAR, proofs[PAR], **suite.asked())
    suite.visit(pushed.json()["request_uri"])
    suite.sign_in()
    form = {"grant_type": "authorization_code", "code": suite.code(), "redirect_uri": CALLBACK}
    form["code_verifier"] = suite.started.verifier
    token = suite.ask("token_endpoint", proofs["token_endpoint"], **form).json()["access_token"]
    assert suite.resource(token, iat=now + shift) == 200


def test_fapi2_check_dpop_proof_nbf_exp(suite: Suite):
    """Both are taken where they hold."""
    now = int(suite.clock().timestamp())
    assert suite.resource(suite.flow().access_token, nbf=now, exp=now + 300) == 200


def test_fapi2_ensure_mismatched_dpop_jkt_fails(suite: Suite):
    """Two keys in one pushed request."""
    suite.refusal(suite.push(dpop_jkt=hashed("x")), "invalid_request", "invalid_dpop_proof")


@pytest.mark.parametrize("bound_by", ["proof", "dpop_jkt"])
def test_fapi2_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(
    suite: Suite, world: World, bound_by: str
):
    """`…-mismatched-dpop-proof-jkt`, `…-mismatched-dpop-jkt`, and the two `…-binding-success`."""
    own = suite.prover
    assert own is not None
    for prover in (Prover(world.clock), own):
        suite.prover = own if bound_by == "proof" else None
        code = suite.granted(**({"dpop_jkt": own.jkt} if bound_by == "dpop_jkt" else {}))
        suite.prover = prover
        answer = suite.redeem(code)
        if prover is own:
            assert answer.status_code == 200
        else:
            suite.refusal(answer, "invalid_grant")


def test_fapi2_ensure_holder_of_key_required(suite: Suite):
    """Without a proof there is no token."""
    code = suite.granted()
    suite.prover = None
    suite.refusal(suite.redeem(code), "invalid_dpop_proof")


def test_fapi2_dpop_negative_tests(suite: Suite, world: World):
    """At a resource; `tests/tokens/test_dpop.py` has each rule by itself."""
    token = suite.flow().access_token
    now, url = int(suite.clock().timestamp()), suite.metadata["userinfo_endpoint"]
    for good in (
        *({}, {"htu": url + "?a=b#c"}, {"extra": "x", "header": {"extra": "x"}}),
        *({"htu": url.replace("https://signon", "HTTPS://SIGNON")}, {"jti": "once"}),
        {"htu": url.replace("signon.test", "signon.test:443")},
    ):
        assert suite.resource(token, **good) == 200, good
    for bad in (
        *({"jti": None}, {"htm": None}, {"htu": None}, {"iat": None}, {"token": None}),
        *({"header": {"typ": None}}, {"header": {"typ": "jwt"}}, {"header": {"jwk": None}}),
        *({"header": {"alg": None}}, {"header": {"alg": "none"}}, {"htm": "PUT"}),
        *({"htu": url + "x"}, {"iat": now - 3600}, {"iat": now + 3600}, {"jti": "once"}),
        *({"ath": hashed("x")}, {"bearer": True}),
        {"header": {"jwk": suite.prover and suite.prover.key.as_dict(private=True)}},
    ):
        assert suite.resource(token, **bad) == 401, bad
    suite.prover = Prover(world.clock)
    assert suite.resource(token) == 401
    rsa = Prover(world.clock, "PS256")
    rsa.alg = "RS256"
    suite.prover = rsa
    assert suite.resource(token) == 401


def test_fapi2_refresh_token(suite: Suite, second: Suite):
    """Works more than once, and for its client only."""
    token = suite.flow().refresh_token
    for _ in range(2):
        assert suite.refresh(token).json()["refresh_token"] == token
    suite.refusal(second.refresh(token), "invalid_grant")


# ── What is refused ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"redirect_uri": ""}, "invalid_request"),
        ({"redirect_uri": "https://suite.test/other"}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
    ],
)
def test_fapi2_par_refuses(suite: Suite, given: dict[str, str], error: str):
    """`ensure-redirect-uri-in-authorization-request`, `ensure-request-object-without-redirect-uri-
    fails`, `plain-fapi-ensure-registered-redirect-uri`, `ensure-response-type-code-idtoken-fails`,
    `ensure-response-type-token-fails`, `par-ensure-pkce-required`, `par-plain-pkce-rejected`,
    `par-authorization-request-containing-request_uri-form-param`.
    """
    suite.refusal(suite.push(**given), error)


def test_fapi2_ensure_unsigned_authorization_request_without_using_par_fails(suite: Suite):
    """Parameters by the browser are refused."""
    super(StrictParty, suite).begin()
    assert suite.error() == "invalid_request"


def test_fapi2_state_only_outside_request_object_not_used(suite: Suite):
    """Also `ensure-different-nonce/state-inside-and-outside-request-object` and
    `par-without-duplicate-parameters`: what is outside is ignored.
    """
    suite.visit(suite.pushed(state=""), state="outside", nonce="outside")
    suite.sign_in()
    assert suite.tokens().claims["nonce"] == suite.started.nonce
    suite.visit(suite.pushed(), state="outside", nonce="outside")
    assert suite.answer()["state"] == suite.started.state


def test_fapi2_ensure_client_id_in_token_endpoint(suite: Suite):
    """Another client's `client_id` beside the assertion."""
    answer = suite.redeem(suite.granted(), client_id="suite-second")
    suite.refusal(answer, "invalid_client", status=401)


def test_fapi2_ensure_authorization_code_is_bound_to_client(suite: Suite, second: Suite):
    """A code with another client's credentials."""
    code = suite.granted()
    second.started, second.prover = suite.started, suite.prover
    second.refusal(second.redeem(code), "invalid_grant")


def test_fapi2_attempt_reuse_authorization_code_after_one_second(suite: Suite, world: World):
    """Used once."""
    code = suite.granted()
    assert suite.redeem(code).status_code == 200
    world.clock.advance(seconds=1)
    suite.refusal(suite.redeem(code), "invalid_grant")


def test_fapi2_ensure_token_endpoint_fails_with_expired_auth_code(suite: Suite, world: World):
    """A minute old."""
    code = suite.granted()
    world.clock.advance(seconds=61)
    suite.refusal(suite.redeem(code), "invalid_grant")


@pytest.mark.parametrize("verifier", ["", "v" * 43])
def test_fapi2_ensure_pkce_code_verifier_required(suite: Suite, verifier: str):
    """And `incorrect-pkce-code-verifier-rejected`."""
    answer = suite.redeem(suite.granted(), code_verifier=verifier)
    suite.refusal(answer, "invalid_grant", "invalid_request")


ASSERTIONS: dict[str, tuple[Callable[[Suite], dict[str, Any]], bool]] = {
    "exp-is-5-minutes-in-past-fails": (lambda s: {"exp": int(s.clock().timestamp()) - 300}, False),
    "wrong-aud-fails": (lambda _: {"aud": "https://other.test"}, False),
    "no-sub-fails": (lambda _: {"sub": None}, False),
    "array-as-audience-fails": (lambda s: {"aud": [s.issuer]}, False),
    "par-endpoint-url-as-audience-fails": (lambda s: {"aud": s.metadata[PAR]}, False),
    "token-endpoint-url-as-audience": (lambda s: {"aud": s.metadata["token_endpoint"]}, False),
    "nbf-8-seconds-in-the-future": (lambda s: {"nbf": int(s.clock().timestamp()) + 8}, True),
    "nbf-over-60-seconds-fails": (lambda s: {"nbf": int(s.clock().timestamp()) + 90}, False),
}


@pytest.mark.parametrize("name", ASSERTIONS)
@pytest.mark.parametrize("endpoint", ["par", "token"])
def test_fapi2_client_assertions(suite: Suite, name: str, endpoint: str):
    """`ensure-client-assertion-with-…`, `par-ensure-jwt-client-assertions-…`, `par-test-…`."""
    change, is_good = ASSERTIONS[name]
    code = suite.granted() if endpoint == "token" else None
    suite.assertion_claims = change(suite)
    answer = suite.redeem(code) if code else suite.push()
    assert (answer.status_code in {200, 201}) is is_good
    if not is_good:
        assert answer.json()["error"] in {"invalid_client", "invalid_request"}


def test_fapi2_ensure_signed_client_assertion_with_rs256_fails(make: Callable[..., Suite]):
    """PS256 with the same key is good, and so are the curves under both names of theirs."""
    client = make("suite-rsa")
    client.signatory = Signatory(client.clock, "suite-rsa", client.issuer, "PS256")
    for alg, status in (("RS256", 401), ("PS256", 201)):
        other = make(f"suite-{alg.lower()}", jwks=client.signatory.jwks)
        other.signatory.key, other.signatory.alg = client.signatory.key, alg
        assert other.push().status_code == status
    for alg in ("Ed25519", "EdDSA"):
        signatory = Signatory(client.clock, f"suite-{alg.lower()}", client.issuer, alg)
        other = make(f"suite-{alg.lower()}", jwks=signatory.jwks)
        other.signatory = signatory
        assert other.push().status_code == 201


def test_fapi2_ensure_client_assertion_in_token_endpoint(suite: Suite):
    """Without one nobody is authenticated."""
    form = {"grant_type": "authorization_code", "code": suite.granted(), "client_id": "suite-first"}
    answer = suite.browser.http.post(suite.metadata["token_endpoint"], data=form)
    suite.refusal(answer, "invalid_client", status=401)


# ── Pushed requests ──────────────────────────────────────────────────────────


def test_fapi2_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(suite: Suite):
    """Spent at completion, not at the first visit."""
    request_uri = suite.pushed()
    suite.visit(request_uri)
    suite.visit(request_uri)
    suite.sign_in()
    suite.tokens()


def test_fapi2_par_attempt_reuse_request_uri(suite: Suite):
    """After completion it is an error."""
    request_uri = suite.pushed()
    suite.visit(request_uri)
    suite.sign_in()
    suite.code()
    assert suite.visit(request_uri).status_code == 400


def test_fapi2_par_attempt_to_use_expired_request_uri(suite: Suite, world: World):
    """After its minute too."""
    request_uri = suite.pushed()
    world.clock.advance(seconds=61)
    assert suite.visit(request_uri).status_code == 400


def test_fapi2_par_attempt_to_use_request_uri_for_different_client(suite: Suite, second: Suite):
    """Bound to the client that pushed it."""
    assert second.visit(suite.pushed()).status_code == 400


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_fapi2_par_attempt_invalid_http_method(suite: Suite, method: str):
    """POST only."""
    assert suite.browser.http.request(method, suite.metadata[PAR]).status_code == 405


# ── Message Signing ──────────────────────────────────────────────────────────


def test_fapi2_message_signing_happy_flow(signing: Suite):
    """A signed request and a signed response; negatives are in `test_rfc9101_signed_requests.py`."""
    now = int(signing.clock().timestamp())
    body = {
        **signing.asked(response_mode="jwt"),
        "iss": signing.client_id,
        "aud": signing.issuer,
        "nbf": now,
        "exp": now + 300,
    }
    token = signed({"alg": "ES256", "typ": "oauth-authz-req+jwt"}, body, signing.signatory.key)
    pushed = signing.at(PAR, request=token)
    signing.visit(pushed.json()["request_uri"])
    signing.sign_in()
    response = signing.browser.location.partition("response=")[2]
    claims = signing.verified(response, "jarm+jwt")
    assert (claims["aud"], claims["state"]) == (signing.client_id, signing.started.state)
    assert signing.redeem(claims["code"]).json()["token_type"] == "DPoP"


def test_fapi2_message_signing_ensure_unsigned_request_at_par_fails(signing: Suite):
    """A client that signs must."""
    signing.refusal(signing.push(), "invalid_request")


# ── iGov ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("missing", ["state", "nonce", "code_challenge"])
def test_igov_requests_say_more(make: Callable[..., Suite], missing: str):
    """`state`, `nonce` and PKCE (iGov OAuth 2.0 2.1.1); keys, RS256, PAR and DPoP at will."""
    client = make("suite-igov", profile="igov", dpop="optional", id_token_alg="RS256")
    assert client.flow().claims["nonce"]
    extra = {"code_challenge_method": ""} if missing == "code_challenge" else {}
    client.refusal(client.push(**{missing: ""}, **extra), "invalid_request")
    client.assertion_claims = {"aud": client.metadata["token_endpoint"]}
    client.refusal(client.push(), "invalid_client", status=401)
