"""OpenID Connect Core 5.5: the `claims` parameter."""

import json

import pytest

from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

pytestmark = ON_ONE

AAL1 = "http://idmanagement.gov/ns/assurance/aal/1"


def asked(**places: object) -> str:
    return json.dumps(places)


def test_a_claim_by_name_goes_where_it_was_asked_for(signed_in: RelyingParty):
    """`name` in the ID token and `email` at UserInfo, with the scope `openid` alone."""
    signed_in.scope = "openid"
    signed_in.begin(claims=asked(id_token={"name": {"essential": True}}, userinfo={"email": None}))
    tokens = signed_in.tokens()
    assert tokens.claims["name"] == "Ada Attorney"
    assert "email" not in tokens.claims
    info = signed_in.userinfo(tokens.access_token).json()
    assert set(info) == {"sub", "email"}


def test_what_was_asked_for_holds_for_refreshed_tokens(signed_in: RelyingParty):
    """The grant keeps it."""
    signed_in.scope = "openid"
    signed_in.begin(claims=asked(id_token={"name": None}))
    first = signed_in.tokens()
    again = signed_in.checked(signed_in.refresh(first.refresh_token), nonce=None)
    assert again.claims["name"] == "Ada Attorney"


def test_unknown_claims_are_ignored(signed_in: RelyingParty):
    """Core 5.5: members that are not understood MUST be ignored."""
    signed_in.begin(claims=asked(userinfo={"shoe_size": None}, elsewhere={"a": 1}))
    signed_in.tokens()


def test_a_claim_beyond_the_clients_scopes_is_not_given(party: MakeParty, world: World):
    """Asking by name gets no more than a scope would."""
    world.account()
    rp = party(scopes=["openid"], scope="openid")
    rp.begin(claims=asked(id_token={"email": None, "ecf_roles": None}))
    rp.browser.sign_in("a.attorney", "correct horse battery staple")
    assert not {"email", "ecf_roles"} & set(rp.tokens().claims)


@pytest.mark.parametrize("junk", ["[]", "{", '"x"', '{"id_token": []}', "[" * 1500])
def test_what_is_no_such_object_is_an_invalid_request(signed_in: RelyingParty, junk: str):
    """A parameter that cannot be read is refused, not ignored."""
    signed_in.begin(claims=junk)
    assert signed_in.error() == "invalid_request"


def test_an_essential_acr_must_be_reached(signed_in: RelyingParty):
    """Core 5.5.1.1: another level fails, the one that we reach succeeds."""
    signed_in.begin(claims=asked(id_token={"acr": {"essential": True, "values": ["urn:gold"]}}))
    assert signed_in.error() == "unmet_authentication_requirements"
    signed_in.begin(claims=asked(id_token={"acr": {"essential": True, "values": [AAL1]}}))
    assert signed_in.tokens().claims["acr"] == AAL1
    signed_in.begin(claims=asked(id_token={"acr": {"values": ["urn:gold"]}}))
    assert signed_in.tokens().claims["acr"] == AAL1


def test_a_named_subject_must_be_the_one(signed_in: RelyingParty):
    """Core 5.5.1: never an answer for another person than the one named by `sub`."""
    signed_in.begin()
    subject = signed_in.tokens().claims["sub"]
    signed_in.begin(prompt="none", claims=asked(id_token={"sub": {"value": subject}}))
    signed_in.tokens()
    signed_in.begin(prompt="none", claims=asked(id_token={"sub": {"value": "somebody"}}))
    assert signed_in.error() == "login_required"
