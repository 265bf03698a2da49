"""The plan of the Basic OP profile and of Form Post: a test a module, by the module's name."""

import json

import pytest
from joserfc import jws

from tests.conformance.conftest import CALLBACK, Suite
from tests.infra.world import World


def header(token: str) -> dict[str, str]:
    """A token's header."""
    return jws.extract_compact(token.encode()).headers()


def test_oidcc_server(suite: Suite):
    """The happy flow: login, code, token, ID token, UserInfo."""
    tokens = suite.flow()
    info = suite.userinfo(tokens.access_token).json()
    assert info["sub"] == tokens.claims["sub"]
    assert info["name"] == "Ada Attorney"


def test_oidcc_response_type_missing(suite: Suite):
    """An authorization request without `response_type` is an error."""
    suite.begin(drop=["response_type"])
    assert suite.error() in {"invalid_request", "unsupported_response_type"}


def test_oidcc_idtoken_signature(suite: Suite):
    """The ID token is signed with RS256 by default, with a key that the JWK Set has."""
    assert header(suite.flow().body["id_token"])["alg"] == "RS256"


def test_oidcc_idtoken_unsigned(suite: Suite):
    """`none` is not offered."""
    assert "none" not in suite.metadata["id_token_signing_alg_values_supported"]


def test_oidcc_userinfo_get(suite: Suite):
    """UserInfo by GET with the token in the header."""
    assert suite.userinfo(suite.flow().access_token).status_code == 200


def test_oidcc_userinfo_post_header(suite: Suite):
    """UserInfo by POST with the token in the header."""
    headers = {"authorization": f"Bearer {suite.flow().access_token}"}
    answer = suite.browser.http.post(suite.metadata["userinfo_endpoint"], headers=headers)
    assert answer.json()["sub"]


def test_oidcc_userinfo_post_body(suite: Suite):
    """A token in the body is refused: it travels in the header only (an expected warning)."""
    data = {"access_token": suite.flow().access_token}
    answer = suite.browser.http.post(suite.metadata["userinfo_endpoint"], data=data)
    assert answer.status_code == 401


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(suite: Suite):
    """The code flow works without a nonce, and the ID token then has none."""
    suite.begin(drop=["nonce"])
    suite.sign_in()
    assert "nonce" not in suite.tokens().claims


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("profile", {"name", "given_name", "family_name", "preferred_username", "updated_at"}),
        ("email", {"email", "email_verified"}),
        ("address", {"address"}),
        ("phone", {"phone_number", "phone_number_verified"}),
    ],
)
def test_oidcc_scope(suite: Suite, scope: str, claims: set[str]):
    """`oidcc-scope-profile`, `-email`, `-address` and `-phone`: claims come from UserInfo only."""
    suite.scope = f"openid {scope}"
    tokens = suite.flow()
    assert set(suite.userinfo(tokens.access_token).json()) == claims | {"sub"}
    assert not claims & set(tokens.claims)


def test_oidcc_scope_all(suite: Suite):
    """All scopes at once."""
    info = suite.userinfo(suite.flow().access_token).json()
    assert {"name", "email", "address", "phone_number"} <= set(info)


def test_oidcc_alternate_happy_flow(suite: Suite):
    """Another order of scopes, another state and nonce: the same result."""
    suite.scope = "address phone email profile openid"
    assert suite.flow(state="a-b_c~d.e", nonce="1").claims["nonce"] == "1"


@pytest.mark.parametrize("display", ["page", "popup"])
def test_oidcc_display(suite: Suite, display: str):
    """`oidcc-display-page` and `-popup` must not fail."""
    suite.flow(display=display)


def test_oidcc_prompt_login(suite: Suite, world: World):
    """A second login is forced, with a later `auth_time`."""
    first = suite.flow()
    world.clock.advance(seconds=2)
    suite.begin(prompt="login")
    assert "password" in suite.browser.page.ids
    suite.sign_in()
    assert suite.tokens().claims["auth_time"] > first.claims["auth_time"]


def test_oidcc_prompt_none_not_logged_in(suite: Suite):
    """An error without any page."""
    suite.begin(prompt="none")
    assert suite.error() == "login_required"


def test_oidcc_prompt_none_logged_in(suite: Suite, world: World):
    """Silent, for the same person and the same sign-in."""
    first = suite.flow()
    world.clock.advance(seconds=2)
    suite.begin(prompt="none")
    again = suite.tokens()
    assert again.claims["sub"] == first.claims["sub"]
    assert again.claims["auth_time"] == first.claims["auth_time"]


def test_oidcc_max_age_1(suite: Suite, world: World):
    """A sign-in older than a second is asked for again."""
    first = suite.flow()
    world.clock.advance(seconds=2)
    suite.begin(max_age="1")
    suite.sign_in()
    assert suite.tokens().claims["auth_time"] > first.claims["auth_time"]


def test_oidcc_max_age_10000(suite: Suite, world: World):
    """A younger one is not, and `auth_time` is there."""
    first = suite.flow(max_age="15000")
    world.clock.advance(seconds=2)
    suite.begin(max_age="10000")
    assert suite.tokens().claims["auth_time"] == first.claims["auth_time"]


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(suite: Suite):
    """`extra=foobar` is ignored."""
    suite.flow(extra="foobar")


def test_oidcc_id_token_hint(suite: Suite):
    """`prompt=none` with a hint returns silently, for the person of the hint."""
    first = suite.flow()
    suite.begin(prompt="none", id_token_hint=first.body["id_token"])
    assert suite.tokens().claims["sub"] == first.claims["sub"]


def test_oidcc_login_hint(suite: Suite):
    """No error; what it says is escaped on the page."""
    suite.begin(login_hint='"><script>alert(1)</script>')
    assert suite.browser.response is not None
    assert "<script>alert" not in suite.browser.response.text
    suite.sign_in()
    suite.tokens()


def test_oidcc_ui_locales(suite: Suite):
    """A language that we do not speak is no error."""
    suite.flow(ui_locales="fr-FR fr es")


def test_oidcc_claims_locales(suite: Suite):
    """Nor is one for claims."""
    suite.flow(claims_locales="se")


def test_oidcc_ensure_request_with_acr_values_succeeds(suite: Suite):
    """The login works, and `acr` is returned."""
    tokens = suite.flow(acr_values="1 2 http://idmanagement.gov/ns/assurance/aal/1")
    assert tokens.claims["acr"]


def test_oidcc_codereuse(suite: Suite):
    """Using a code again at once is refused."""
    suite.begin()
    suite.sign_in()
    code = suite.code()
    suite.checked(suite.redeem(code), nonce=suite.started.nonce)
    assert suite.redeem(code).json()["error"] == "invalid_grant"


def test_oidcc_codereuse_30seconds(suite: Suite, world: World):
    """And after 30 seconds, when the first access token dies with it."""
    suite.begin()
    suite.sign_in()
    code = suite.code()
    tokens = suite.checked(suite.redeem(code), nonce=suite.started.nonce)
    world.clock.advance(seconds=30)
    assert suite.redeem(code).json()["error"] == "invalid_grant"
    assert suite.userinfo(tokens.access_token).status_code == 401


def test_oidcc_ensure_registered_redirect_uri(suite: Suite):
    """An unregistered redirect URI is an error page, never a redirect."""
    response = suite.begin(redirect_uri="https://suite.test/not-registered")
    assert response.status_code == 400
    assert "registered" in suite.browser.page.text


def test_oidcc_ensure_post_request_succeeds(suite: Suite):
    """Authorize by POST."""
    suite.begin()
    asked = suite.started.parameters
    response = suite.browser.http.post(
        suite.metadata["authorization_endpoint"], data=asked, follow_redirects=False
    )
    assert response.status_code == 303
    suite.browser.get(response.headers["location"])
    suite.sign_in()
    suite.tokens()


def test_oidcc_server_client_secret_post(second: Suite):
    """The second client authenticates in the body."""
    second.begin()
    second.sign_in()
    body = {
        "grant_type": "authorization_code",
        "code": second.code(),
        "redirect_uri": CALLBACK,
        "client_id": "second",
        "client_secret": str(second.secret),
    }
    answer = second.browser.http.post(second.metadata["token_endpoint"], data=body)
    second.checked(answer, nonce=second.started.nonce)


@pytest.mark.parametrize("name", ["request", "request_uri"])
def test_oidcc_request_objects_are_refused_as_unsupported(suite: Suite, name: str):
    """`oidcc-unsigned-request-object…` and `oidcc-request-uri-unsigned…`: refused, not ignored."""
    value = {"request": "eyJhbGciOiJub25lIn0.e30.", "request_uri": "https://suite.test/r"}[name]
    suite.begin(drop=(), also=(), **{name: value})
    assert suite.error() == f"{name}_not_supported"


def test_oidcc_claims_essential(suite: Suite):
    """An essential `name` is returned."""
    suite.scope = "openid"
    claims = json.dumps({"userinfo": {"name": {"essential": True}}})
    tokens = suite.flow(claims=claims)
    assert suite.userinfo(tokens.access_token).json()["name"] == "Ada Attorney"


def test_oidcc_ensure_request_object_with_redirect_uri(suite: Suite):
    """A request object with a redirect URI of its own gets nothing sent anywhere else."""
    suite.begin(request="eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwifQ.")
    assert suite.error() == "request_not_supported"


def test_oidcc_refresh_token(suite: Suite, second: Suite):
    """A refresh works, and another client cannot use the token."""
    tokens = suite.flow()
    stolen = {
        "grant_type": "refresh_token",
        "refresh_token": tokens.refresh_token,
        "client_id": "second",
        "client_secret": str(second.secret),
    }
    answer = second.browser.http.post(second.metadata["token_endpoint"], data=stolen)
    assert answer.json()["error"] == "invalid_grant"
    again = suite.checked(suite.refresh(tokens.refresh_token), nonce=None)
    assert again.claims["sub"] == tokens.claims["sub"]


def test_oidcc_ensure_request_with_valid_pkce_succeeds(suite: Suite):
    """PKCE works for a client that need not use it."""
    suite.begin_with_pkce()
    suite.sign_in()
    suite.tokens()
