"""RFC 7662: introspection tells a client about its own tokens, at that very moment."""

import pytest

from tests.infra.world import World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty


def introspect(rp: RelyingParty, token: str):
    return rp.at("introspection_endpoint", token=token)


@pytest.fixture
def tokens(signed_in: RelyingParty):
    signed_in.begin()
    return signed_in.tokens()


def test_a_living_access_token_is_active(signed_in: RelyingParty, tokens):
    """Section 2.2: the token's claims, and account and rights as they are now."""
    body = introspect(signed_in, tokens.access_token).json()
    assert body["active"] is True
    assert body["sub"] == tokens.claims["sub"]
    assert body["client_id"] == signed_in.client_id
    assert body["scope"] == signed_in.scope
    assert body["token_type"] == "Bearer"
    assert body["ecf_status"] == "not_linked"
    assert body["pacer_account_type"] == "individual"
    assert "email" not in body


def test_rights_are_those_of_the_moment(signed_in: RelyingParty, tokens, world: World):
    """A right made or suspended after the token was issued shows at once."""
    right = world.right(world.find("a.attorney"))
    assert introspect(signed_in, tokens.access_token).json()["ecf_roles"] == ["attorney"]
    world.change_right(right, status="suspended")
    body = introspect(signed_in, tokens.access_token).json()
    assert (body["ecf_status"], body["ecf_roles"]) == ("suspended", [])


def test_a_living_refresh_token_is_active_until_it_is_used(signed_in: RelyingParty, tokens):
    """A spent refresh token is as good as none."""
    assert introspect(signed_in, tokens.refresh_token).json()["active"] is True
    signed_in.refresh(tokens.refresh_token)
    assert introspect(signed_in, tokens.refresh_token).json() == {"active": False}


def test_what_does_not_hold_looks_the_same(
    signed_in: RelyingParty, tokens, world: World, party: MakeParty
):
    """Section 2.2: unknown, foreign, expired and revoked tokens are only not active."""
    other = party("other", redirect_uris=["https://ecf.other.test/callback"])
    inactive = {"active": False}
    assert introspect(signed_in, "no-such-token").json() == inactive
    assert introspect(signed_in, "a.b.c").json() == inactive
    assert introspect(signed_in, tokens.body["id_token"]).json() == inactive
    assert introspect(other, tokens.access_token).json() == inactive
    assert introspect(other, tokens.refresh_token).json() == inactive
    world.clock.advance(seconds=301)
    assert introspect(signed_in, tokens.access_token).json() == inactive


def test_a_disabled_account_is_gone_at_once(signed_in: RelyingParty, tokens, world: World):
    """The account's status is part of the one read."""
    world.change_account(world.find("a.attorney"), status="disabled")
    assert introspect(signed_in, tokens.access_token).json() == {"active": False}
    assert introspect(signed_in, tokens.refresh_token).json() == {"active": False}


def test_a_clients_own_token_is_active(party: MakeParty):
    """A client-credentials token has no grant; its signature and `jti` decide."""
    rp = party("service", grants=["client_credentials"], scopes=["court"])
    token = rp.post(grant_type="client_credentials", scope="court").json()["access_token"]
    body = introspect(rp, token).json()
    assert (body["active"], body["sub"], body["scope"]) == (True, "service", "court")
    rp.at("revocation_endpoint", token=token)
    assert introspect(rp, token).json() == {"active": False}


def test_the_caller_must_authenticate(signed_in: RelyingParty, tokens, party: MakeParty):
    """Section 2.1: no authentication, no answer; a public client cannot give any."""
    endpoint = signed_in.metadata["introspection_endpoint"]
    assert signed_in.browser.http.post(endpoint, data={"token": "x"}).status_code == 401
    public = party("native", auth_method="none", redirect_uris=["http://127.0.0.1/callback"])
    assert introspect(public, tokens.access_token).status_code == 401


def test_a_missing_token_is_an_invalid_request(signed_in: RelyingParty):
    """Section 2.1: `token` is required."""
    response = signed_in.at("introspection_endpoint")
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
