"""CORS (RFC 9700 2.1, B-17): scripts of public clients' own pages, and nobody else's."""

import pytest

from tests.infra.world import World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

PAGE = "https://spa.test"


@pytest.fixture
def spa(world: World, party: MakeParty) -> RelyingParty:
    """A public client whose page runs in the browser."""
    party("confidential", redirect_uris=["https://server.test/callback"])
    return party("spa", auth_method="none", redirect_uris=[f"{PAGE}/callback"])


@pytest.mark.parametrize("name", ["token_endpoint", "userinfo_endpoint", "revocation_endpoint"])
def test_a_public_clients_page_may_read_the_answer(spa: RelyingParty, name: str):
    """Preflight and request name its exact origin, errors included; credentials never go along."""
    http, address = spa.browser.http, spa.metadata[name]
    asked = {"origin": PAGE, "access-control-request-method": "POST"}
    preflight = http.options(address, headers=asked)
    assert preflight.headers["access-control-allow-origin"] == PAGE
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    answer = http.post(address, headers={"origin": PAGE})
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://server.test", "https://evil.test", "null"])
def test_nobody_elses_page_may(spa: RelyingParty, origin: str):
    """A confidential client's origin is not one of them, nor is a stranger's."""
    for name in ("token_endpoint", "userinfo_endpoint", "revocation_endpoint"):
        answer = spa.browser.http.post(spa.metadata[name], headers={"origin": origin})
        assert "access-control-allow-origin" not in answer.headers


def test_the_authorization_endpoint_has_none(spa: RelyingParty):
    """Browsers navigate there; no script reads it."""
    address = spa.metadata["authorization_endpoint"]
    answer = spa.browser.http.get(address, headers={"origin": PAGE})
    assert "access-control-allow-origin" not in answer.headers


def test_what_is_public_may_be_read_by_all(spa: RelyingParty):
    """Discovery and JWKS hold no secret."""
    for address in ("/.well-known/openid-configuration", spa.metadata["jwks_uri"]):
        asked = {"origin": "https://anybody.test"}
        answer = spa.browser.http.get(address, headers=asked)
        assert answer.headers["access-control-allow-origin"] == "*"
        asked["access-control-request-headers"] = "authorization, x-requested-with"
        preflight = spa.browser.http.options(address, headers=asked)
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == "*"
        named = preflight.headers["access-control-allow-headers"]
        assert named == "authorization, x-requested-with"
