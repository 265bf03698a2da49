"""The plans Config OP, RP-Initiated Logout OP and Back-Channel Logout OP, by module names."""

import json
from urllib.parse import urlencode

import pytest

from tests.conformance.conftest import GOODBYE, Suite, query_of
from tests.oidc.forging import by_a_foreign_key, unsigned

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.fixture
def variant() -> tuple[str, str]:
    """These plans know no response modes; logout is written once."""
    return "postgresql", "query"


def end_session(suite: Suite, **asked: str):
    """Send the browser to the end-session endpoint."""
    return suite.browser.get(suite.metadata["end_session_endpoint"] + "?" + urlencode(asked))


def is_signed_out(suite: Suite) -> bool:
    """Whether `prompt=none` fails."""
    suite.begin(prompt="none")
    return "error" in suite.answer()


def test_oidcc_discovery_endpoint_verification(suite: Suite):
    """Issuer, required arrays, https everywhere, and a JWK Set of distinct public keys."""
    metadata = suite.metadata
    assert metadata["issuer"] == "https://signon.test"
    for name, value in metadata.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith("https://"), name
        if name.endswith(("_supported",)) and not isinstance(value, bool):
            assert isinstance(value, list), name
            assert value, name
    for name in (
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "scopes_supported",
        "claims_supported",
        "code_challenge_methods_supported",
    ):
        assert name in metadata
    assert "RS256" in metadata["id_token_signing_alg_values_supported"]
    keys = suite.browser.http.get(metadata["jwks_uri"]).json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    assert all(key["kty"] in {"RSA", "EC", "OKP"} and not PRIVATE & set(key) for key in keys)


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(suite: Suite):
    """`end_session_endpoint` is announced."""
    assert suite.metadata["end_session_endpoint"].startswith("https://")


def test_oidcc_rp_initiated_logout(suite: Suite):
    """Back at the post-logout URI with the state; then `prompt=none` fails."""
    hint = suite.flow().body["id_token"]
    end_session(suite, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state="s1")
    assert suite.browser.location.startswith(GOODBYE)
    assert query_of(suite.browser.location) == {"state": "s1"}
    assert is_signed_out(suite)


@pytest.mark.parametrize(
    "address", ["https://suite.test/elsewhere", GOODBYE + "?foo=bar"], ids=["bad", "query_added"]
)
def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(suite: Suite, address: str):
    """`…-bad-post-logout-redirect-uri`, `…-query-added-to-…`: no redirect."""
    hint = suite.flow().body["id_token"]
    response = end_session(suite, id_token_hint=hint, post_logout_redirect_uri=address)
    assert response.status_code == 400


@pytest.mark.parametrize("forged", [unsigned, by_a_foreign_key], ids=["modified", "bad"])
def test_oidcc_rp_initiated_logout_bad_id_token_hint(suite: Suite, forged):
    """`…-modified-id-token-hint` and `…-bad-id-token-hint`: no redirect, nobody is signed out."""
    hint = forged(suite.flow().body["id_token"])
    response = end_session(suite, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    assert response.status_code == 400
    assert not is_signed_out(suite)


def test_oidcc_rp_initiated_logout_no_id_token_hint(suite: Suite):
    """Without a hint there is no redirect; an address of nobody is an error page."""
    suite.flow()
    assert end_session(suite, post_logout_redirect_uri=GOODBYE, state="x").status_code == 400


@pytest.mark.parametrize("asked", [{}, {"state": "s"}], ids=["no_params", "only_state"])
def test_oidcc_rp_initiated_logout_no_params(suite: Suite, asked: dict[str, str]):
    """`…-no-params` and `…-only-state`: asked, then signed out on a page of ours."""
    suite.flow()
    end_session(suite, **asked)
    assert {"logout", "cancel"} <= suite.browser.page.ids
    response = suite.browser.submit(suite.browser.page.forms[0], logout="1")
    assert response.status_code == 200
    assert is_signed_out(suite)


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(suite: Suite):
    """A hint alone ends the session on a page of ours."""
    hint = suite.flow().body["id_token"]
    assert end_session(suite, id_token_hint=hint).status_code == 200
    assert is_signed_out(suite)


def test_oidcc_rp_initiated_logout_no_state(suite: Suite):
    """A redirect without `state` when none was sent."""
    hint = suite.flow().body["id_token"]
    end_session(suite, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    assert suite.browser.location == GOODBYE
    assert is_signed_out(suite)


def test_oidcc_backchannel_logout_discovery_endpoint_verification(suite: Suite):
    """Back-channel logout and its `sid` are announced."""
    assert suite.metadata["backchannel_logout_supported"] is True
    assert suite.metadata["backchannel_logout_session_supported"] is True
    assert json.dumps(suite.metadata["end_session_endpoint"])
