"""RFC 6750 and OpenID Connect Core section 5.3: bearer tokens at UserInfo."""

import httpx2
import pytest

from signon.clients import life
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty, Tokens


@pytest.fixture
def tokens(signed_in: RelyingParty) -> Tokens:
    """What a sign-in gave."""
    signed_in.begin()
    return signed_in.tokens()


def is_invalid(response: httpx2.Response) -> bool:
    """Whether a token was refused as RFC 6750 3.1 says."""
    assert response.headers["cache-control"] == "no-store"
    challenge = response.headers["www-authenticate"]
    return response.status_code == 401 and challenge.startswith('Bearer error="invalid_token"')


def test_get_and_post_answer_the_same(signed_in: RelyingParty, tokens: Tokens):
    """Core 5.3.1: "MUST support the use of the HTTP GET and HTTP POST methods"."""
    headers = {"authorization": f"Bearer {tokens.access_token}"}
    got = signed_in.browser.http.get("/oauth2/userinfo", headers=headers)
    posted = signed_in.browser.http.post("/oauth2/userinfo", headers=headers)
    assert got.status_code == posted.status_code == 200
    assert got.json() == posted.json()
    assert got.headers["content-type"].startswith("application/json")
    assert got.headers["cache-control"] == "no-store"
    assert got.json()["sub"] == tokens.claims["sub"]


def test_without_a_token_there_is_only_a_challenge(rp: RelyingParty):
    """RFC 6750 3.1: no error code for a request that lacks any authentication."""
    for headers in ({}, {"authorization": "Basic YTpi"}, {"authorization": ""}):
        answer = rp.browser.http.get("/oauth2/userinfo", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer, DPoP algs="ES256 PS256 Ed25519 EdDSA"'


def test_the_scheme_may_be_in_any_case(signed_in: RelyingParty, tokens: Tokens):
    """RFC 9110 11.1: scheme names are case-insensitive."""
    for scheme in ("bearer", "BEARER", "bEaReR"):
        headers = {"authorization": f"{scheme} {tokens.access_token}"}
        assert signed_in.browser.http.get("/oauth2/userinfo", headers=headers).status_code == 200


def test_a_token_in_the_address_or_in_a_form_is_none(signed_in: RelyingParty, tokens: Tokens):
    """RFC 9700 4.3.2: tokens are never taken from the query; ours travel in the header alone."""
    token = tokens.access_token
    http = signed_in.browser.http
    for answer in (
        http.get("/oauth2/userinfo", params={"access_token": token}),
        http.post("/oauth2/userinfo", data={"access_token": token}),
    ):
        assert answer.status_code == 401
        assert token not in answer.text


def test_junk_is_no_token(signed_in: RelyingParty):
    """Whatever it is, the answer is `invalid_token`."""
    for junk in ("", "x", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "x" * 9000, "a b"):
        headers = {"authorization": f"Bearer {junk}"}
        assert is_invalid(signed_in.browser.http.get("/oauth2/userinfo", headers=headers)), junk
    raw = {b"authorization": b"Bearer \xff\xfe"}
    assert is_invalid(signed_in.browser.http.get("/oauth2/userinfo", headers=raw))


def test_a_token_lives_for_five_minutes(signed_in: RelyingParty, tokens: Tokens, world: World):
    """Contract 5."""
    world.clock.advance(seconds=299)
    assert signed_in.userinfo(tokens.access_token).status_code == 200
    world.clock.advance(seconds=1)
    assert is_invalid(signed_in.userinfo(tokens.access_token))


def test_a_revoked_token_is_none(signed_in: RelyingParty, tokens: Tokens, world: World):
    """Contract 5: the table of revoked `jti`s is asked in the same read; others go on."""
    from datetime import timedelta

    from sqlalchemy import insert

    from signon.tokens.models import revoked_access_tokens

    other = signed_in.refresh(tokens.refresh_token).json()["access_token"]
    jti = tokens.access_claims["jti"]
    with world.database.writing() as unit:
        until = unit.now + timedelta(minutes=5)
        unit.execute(insert(revoked_access_tokens), {"jti": jti, "expires_at": until})
    assert is_invalid(signed_in.userinfo(tokens.access_token))
    assert signed_in.userinfo(other).status_code == 200


def test_a_disabled_clients_token_is_none(signed_in: RelyingParty, tokens: Tokens, world: World):
    """Within a second (decision 3a)."""
    with world.database.writing() as unit:
        life.disable(unit, signed_in.client_id)
    ended = world.eventually(
        lambda: signed_in.userinfo(tokens.access_token).status_code == 401, seconds=1.5
    )
    assert ended


def test_a_token_without_openid_is_for_something_else(world: World, party: MakeParty):
    """Core 5.3: UserInfo is for tokens of an OpenID request; 403 `insufficient_scope`."""
    world.account()
    rp = party(scopes=["openid", "account", "profile"])
    rp.begin(scope="account profile")
    rp.browser.sign_in("a.attorney", PASSWORD)
    refused = rp.userinfo(rp.tokens().access_token)
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]


def test_other_methods_are_refused(rp: RelyingParty):
    """GET and POST are all there is."""
    for method in ("PUT", "DELETE", "PATCH"):
        assert rp.browser.http.request(method, "/oauth2/userinfo").status_code == 405
