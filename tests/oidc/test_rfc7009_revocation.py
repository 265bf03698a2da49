"""RFC 7009: a client gives tokens back."""

from tests.infra.world import World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty


def test_a_refresh_token_takes_its_grant_with_it(signed_in: RelyingParty):
    """Section 2.1: the access tokens of the same grant are invalidated too."""
    signed_in.begin()
    tokens = signed_in.tokens()
    assert signed_in.at("revocation_endpoint", token=tokens.refresh_token).status_code == 200
    assert signed_in.refresh(tokens.refresh_token).json()["error"] == "invalid_grant"
    assert signed_in.userinfo(tokens.access_token).status_code == 401


def test_an_access_token_goes_alone(signed_in: RelyingParty):
    """The refresh token of the same grant goes on."""
    signed_in.begin()
    tokens = signed_in.tokens()
    for _twice in range(2):
        assert signed_in.at("revocation_endpoint", token=tokens.access_token).status_code == 200
    assert signed_in.userinfo(tokens.access_token).status_code == 401
    assert signed_in.refresh(tokens.refresh_token).status_code == 200


def test_a_foreign_token_is_not_revoked(signed_in: RelyingParty, party: MakeParty):
    """Section 2.1: a client revokes its own tokens only; the answer tells nothing."""
    other = party("other", redirect_uris=["https://ecf.other.test/callback"])
    signed_in.begin()
    tokens = signed_in.tokens()
    for token in (tokens.access_token, tokens.refresh_token):
        assert other.at("revocation_endpoint", token=token).status_code == 200
    assert signed_in.userinfo(tokens.access_token).status_code == 200
    assert signed_in.refresh(tokens.refresh_token).status_code == 200


def test_an_unknown_token_is_fine(signed_in: RelyingParty):
    """Section 2.2: 200 for an invalid token."""
    for token in ("unknown", "a.b.c"):
        assert signed_in.at("revocation_endpoint", token=token).status_code == 200


def test_a_public_client_may_revoke_its_own(party: MakeParty, world: World):
    """Section 2.1: a public client names itself; the token must be its own."""
    world.account("native.user")
    native = party("native", auth_method="none", redirect_uris=["http://127.0.0.1/callback"])
    native.begin()
    native.browser.sign_in("native.user", "correct horse battery staple")
    tokens = native.tokens()
    assert native.at("revocation_endpoint", token=tokens.refresh_token).status_code == 200
    assert native.refresh(tokens.refresh_token).json()["error"] == "invalid_grant"
