"""Signed requests (RFC 9101, FAPI 2.0 Message Signing 5.3.1), and signed answers to them."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signon.oidc import request_objects
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc import forging
from tests.oidc.conftest import MakeParty
from tests.oidc.proving import Prover, signed
from tests.oidc.relying_party import RelyingParty
from tests.oidc.strict_party import StrictParty

pytestmark = ON_ONE
Strict = Callable[..., StrictParty]
Claims = dict[str, Any]


@pytest.fixture
def rp(world: World, strict: Strict) -> StrictParty:
    """A strict client that signs its requests; its person has an account."""
    world.account()
    return strict(require_signed_request=True)


def request_object(rp: StrictParty, *, header: Claims | None = None, **claims: Any) -> str:
    """A request as a JWT that holds, but for what is given."""
    now = int(rp.clock().timestamp())
    body = {
        "iss": rp.client_id,
        "aud": rp.issuer,
        "nbf": now,
        "exp": now + 300,
        **rp.asked(),
        **claims,
    }
    rp.started.nonce, rp.started.state = body["nonce"] or "", body["state"] or ""
    head = {"alg": rp.signatory.alg, "typ": "oauth-authz-req+jwt", **(header or {})}
    return signed(head, body, rp.signatory.key)


def pushed_with(rp: StrictParty, token: str, **beside: str) -> Any:
    """The answer to a pushed request object."""
    return rp.at("pushed_authorization_request_endpoint", request=token, **beside)


def refused(rp: StrictParty, token: str) -> str:
    answer = pushed_with(rp, token)
    assert answer.status_code == 400, answer.text
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", answer.json()["error_description"])
    return str(answer.json()["error"])


ACCEPTED: dict[str, Claims] = {
    "as it should be": {},
    "for others too": {"aud": ["https://signon.test", "http://localhost:8000"]},
    "from a clock ahead": {"nbf": 8},
    "without typ": {"header": {"typ": None}},
    "numbers and objects": {"max_age": 300, "claims": {"userinfo": {"name": None}}},
}


@pytest.mark.parametrize("why", ACCEPTED)
def test_a_signed_request_is_the_request(rp: StrictParty, why: str):
    """RFC 9101 5: by value at PAR; what stands beside it is ignored."""
    given = dict(ACCEPTED[why])
    if "nbf" in given:
        given["nbf"] += int(rp.clock().timestamp())
    answer = pushed_with(rp, request_object(rp, **given), state="outside", scope="nothing")
    assert answer.status_code == 201, answer.text
    rp.visit(answer.json()["request_uri"])
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert rp.tokens().claims["nonce"] == rp.started.nonce


def times(**shifts: int) -> Callable[[int], Claims]:
    return lambda now: {name: now + shift for name, shift in shifts.items()}


def just(**claims: Any) -> Callable[[int], Claims]:
    return lambda _now: claims


REFUSED: list[tuple[str, str, Callable[[int], Claims]]] = [
    ("another client's", "check_client", just(client_id="casb-other")),
    ("another issuer's", "check_client", just(iss="casb-other")),
    ("a client assertion too", "check_client", just(sub="casb-strict")),
    ("no audience", "check_audience", just(aud=None)),
    ("another audience", "check_audience", just(aud="https://elsewhere.test")),
    ("an audience in an object", "check_audience", just(aud={"http://localhost:8000": 1})),
    ("no exp", "check_times", just(exp=None)),
    ("no nbf", "check_times", just(nbf=None)),
    ("no number", "check_times", just(exp="soon")),
    ("expired", "check_times", times(exp=-1)),
    ("from the future", "check_times", times(nbf=120, exp=300)),
    ("lives too long", "check_times", times(exp=2 * 3600)),
    ("too old", "check_times", times(nbf=-2 * 3600)),
    ("a request_uri inside", "check_nesting", just(request_uri="urn:x")),
    ("a request inside", "check_nesting", just(request="a.b.c")),
]
"""The mutation table: which check refuses what."""


@pytest.mark.parametrize(("_why", "name", "claims"), REFUSED, ids=[why for why, _, _ in REFUSED])
def test_each_check_refuses_what_no_other_does(
    rp: StrictParty,
    monkeypatch: pytest.MonkeyPatch,
    _why: str,
    name: str,
    claims: Callable[[int], Claims],
):
    """With all of them it is refused; with one taken away it is not, or for another reason."""
    said = claims(int(rp.clock().timestamp()))
    token = request_object(rp, **said)
    assert refused(rp, token) == "invalid_request_object"
    kept = [check for check in request_objects.CHECKS if check.__name__ != name]
    assert len(kept) == len(request_objects.CHECKS) - 1
    monkeypatch.setattr(request_objects, "CHECKS", kept)
    answer = pushed_with(rp, token)
    assert answer.status_code == 201 or answer.json()["error"] != "invalid_request_object"


def test_only_the_client_s_own_key_signs(rp: StrictParty, world: World):
    """FAPI 2.0 5.4: its key, no RS256, no `none`, nothing altered, nothing of another kind."""
    good = request_object(rp)
    other = Prover(world.clock)
    rsa = Prover(world.clock, "PS256")
    body = forging.parts(good)[1]
    for bad in (
        forging.unsigned(good),
        forging.altered(good, scope="openid"),
        signed({"alg": "ES256"}, body, other.key),
        signed({"alg": "RS256"}, body, rsa.key),
        signed({"alg": "ES256", "typ": "dpop+jwt"}, body, rp.signatory.key),
        signed({"alg": "ES256", "crit": ["x"], "x": 1}, body, rp.signatory.key),
        "junk",
        "a.b.c",
        "x" * 9000,
    ):
        assert refused(rp, bad) == "invalid_request_object"


def test_a_client_that_signs_must(rp: StrictParty):
    """`require_signed_request_object`: also at PAR, where it has shown who it is."""
    assert rp.push().json()["error"] == "invalid_request"


def test_a_client_assertion_is_no_request(rp: StrictParty):
    """RFC 9101 10.8: what one statement proves, it proves for nothing else."""
    assertion = rp.signatory.assertion(client_id=rp.client_id)["client_assertion"]
    assert refused(rp, assertion) == "invalid_request_object"


def test_a_signed_request_comes_by_the_browser_too(world: World, strict: Strict):
    """RFC 9101 5: `client_id` and `request`; a client that is not held to PAR."""
    world.account()
    rp = strict(profile="standard", dpop="optional")
    token = request_object(rp)
    rp.browser.get("/oauth2/authorize?" + urlencode({"client_id": rp.client_id, "request": token}))
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert rp.tokens().claims["nonce"] == rp.started.nonce


def test_an_object_names_no_address_of_others(world: World, strict: Strict):
    """Its redirect URI is compared as any other."""
    rp = strict(profile="standard", dpop="optional")
    token = request_object(rp, redirect_uri="https://evil.test/")
    answer = rp.browser.get(
        "/oauth2/authorize?" + urlencode({"client_id": rp.client_id, "request": token})
    )
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize("keyed", [True, False])
def test_a_refusal_goes_the_way_that_the_object_names(
    world: World, strict: Strict, party: MakeParty, keyed: bool
):
    """`oidcc-unsigned-request-object-…` by form post: `response_mode` and `state` stand inside only."""
    rp: RelyingParty = strict(profile="standard", dpop="optional") if keyed else party()
    inside = {"response_mode": "form_post", "state": "inside", "redirect_uri": rp.redirect_uri}
    token = forging.unsigned(signed({"alg": "ES256"}, inside, Prover(world.clock).key))
    asked = {"client_id": rp.client_id, "response_type": "code", "scope": "openid"}
    answer = rp.browser.get("/oauth2/authorize?" + urlencode({**asked, "request": token}))
    assert answer.status_code == 200
    form = rp.browser.page.forms[0]
    assert form.action == rp.redirect_uri
    expected = "invalid_request_object" if keyed else "request_not_supported"
    assert (form.fields["error"], form.fields["state"]) == (expected, "inside")


NAMES = ["iss", "aud", "exp", "nbf", "client_id", "scope", "state", "claims", "max_age", "x"]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(claims=st.dictionaries(st.sampled_from(NAMES), JUNK), tail=st.text(max_size=20))
def test_no_request_object_is_too_bad(rp: StrictParty, claims: Claims, tail: str):
    """Kept or refused, never a fault of ours; and never kept for somebody else."""
    for token in (request_object(rp, **claims), tail, request_object(rp) + tail):
        answer = pushed_with(rp, token)
        assert answer.status_code in {201, 400}, answer.text
        if answer.status_code == 201 and token == request_object(rp, **claims):
            assert claims.get("aud", rp.issuer) == rp.issuer


# ── Signed answers ───────────────────────────────────────────────────────────


def answer_of(rp: StrictParty, mode: str) -> Claims:
    """What came back, out of its JWT."""
    if mode == "form_post.jwt":
        form = rp.browser.page.forms[0]
        assert (form.action, form.method) == (rp.redirect_uri, "post")
        fields = {name: value for name, value in form.fields.items() if name}
    else:
        location = urlsplit(rp.browser.location)
        fields = {name: values[0] for name, values in parse_qs(location.query).items()}
    assert set(fields) == {"response"}
    claims = rp.verified(fields["response"], "jarm+jwt")
    assert claims["aud"] == rp.client_id
    assert 0 < claims["exp"] - rp.clock().timestamp() <= 600
    assert claims["state"] == rp.started.state
    return claims


@pytest.mark.parametrize("mode", ["jwt", "query.jwt", "form_post.jwt"])
def test_answers_are_signed_for_whoever_asks(world: World, strict: Strict, mode: str):
    """JARM 2.1 and 2.3: one parameter, with issuer, audience and end."""
    world.account()
    rp = strict(id_token_alg="RS256", profile="standard")
    rp.begin(response_mode=mode, prompt="none")
    assert answer_of(rp, mode)["error"] == "login_required"
    rp.begin(response_mode=mode)
    rp.browser.sign_in("a.attorney", PASSWORD)
    code = answer_of(rp, mode)["code"]
    assert rp.redeem(code).status_code == 200


def test_userinfo_is_signed_for_whoever_is_registered_so(world: World, strict: Strict):
    """OpenID Connect Core 5.3.2: `application/jwt`, with issuer and audience."""
    world.account()
    rp = strict(signed_userinfo=True)
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    answer = rp.userinfo(rp.tokens().access_token)
    assert answer.headers["content-type"] == "application/jwt"
    claims = rp.verified(answer.text, "userinfo+jwt")
    assert (claims["aud"], claims["name"]) == (rp.client_id, "Ada Attorney")


def test_introspection_is_signed_for_whoever_would_rather(world: World, strict: Strict):
    """RFC 9701 4 and 5: by the Accept header; JSON for everybody else."""
    world.account()
    rp = strict()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    token = rp.tokens().access_token
    kind = "application/token-introspection+jwt"
    for asked, is_active in ((token, True), ("unknown", False)):
        answer = rp.ask("introspection_endpoint", [("accept", kind)], token=asked)
        assert answer.headers["content-type"] == kind
        claims = rp.verified(answer.text, "token-introspection+jwt")
        assert claims["aud"] == rp.client_id
        assert claims["token_introspection"]["active"] is is_active
        assert not {"sub", "exp"} & set(claims)
    plain = rp.ask("introspection_endpoint", [("accept", "*/*")], token=token)
    assert plain.json()["active"] is True
    assert json.loads(plain.text)["token_type"] == "DPoP"
