"""OpenID Connect Core 1.0 section 3.1: the code flow from request to UserInfo."""

from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty


def test_a_stranger_signs_in_and_the_client_gets_tokens(rp: RelyingParty, world: World):
    """The happy flow: sign-in page, code, token, ID token, UserInfo with the same `sub`."""
    page = rp.begin()
    assert page.status_code == 200
    assert {"username", "password", "client_code", "login", "cancel"} <= rp.browser.page.ids
    rp.browser.sign_in("a.attorney", PASSWORD, client_code="case-17")
    tokens = rp.tokens()
    assert tokens.body["scope"] == rp.scope
    assert tokens.claims["pacer_client_code"] == "case-17"
    info = rp.userinfo(tokens.access_token)
    assert info.status_code == 200
    assert info.json()["sub"] == tokens.claims["sub"]
    assert info.json()["name"] == "Ada Attorney"
    assert info.json()["email"] == "a.attorney@example.org"


def test_a_signed_in_person_gets_a_code_without_a_page(signed_in: RelyingParty):
    """One sign-in serves the next request of the same browser."""
    signed_in.begin()
    assert signed_in.tokens().claims["sub"]


def test_a_second_court_signs_in_without_a_password(
    signed_in: RelyingParty, party: MakeParty, world: World
):
    """Single sign-on: another court, the same browser, the same `sub`, its own claims only."""
    signed_in.begin()
    first = signed_in.tokens()
    second = party(
        "cacd-cmecf",
        browser=signed_in.browser,
        court_id="cacd",
        redirect_uris=["https://ecf.cacd.test/callback"],
    )
    second.begin()
    tokens = second.tokens()
    assert tokens.claims["sub"] == first.claims["sub"]
    assert tokens.claims["ecf_court"] == "cacd"


def test_the_id_token_says_how_and_when(signed_in: RelyingParty, world: World):
    """`auth_time`, `acr`, `amr`, `sid` and `nonce` are there and true."""
    at = int(world.clock().timestamp())
    world.clock.advance(seconds=100)
    signed_in.begin()
    claims = signed_in.tokens().claims
    assert claims["auth_time"] == at
    assert claims["acr"] == "http://idmanagement.gov/ns/assurance/aal/1"
    assert claims["amr"] == ["pwd"]
    assert claims["sid"]


def test_claims_of_the_person_come_from_userinfo_only(signed_in: RelyingParty):
    """`profile`, `email`, `phone` and `address` stay out of the ID token."""
    signed_in.begin()
    claims = signed_in.tokens().claims
    assert not {"name", "email", "phone_number", "address"} & set(claims)


def test_the_access_token_holds_no_roles_and_no_account(signed_in: RelyingParty, world: World):
    """RFC 9068 2.2 claims are all there; nothing of the `pacer` and `ecf` scopes is."""
    signed_in.begin()
    claims = signed_in.tokens().access_claims
    required = {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"}
    assert required | {"scope", "gid", "auth_time", "acr", "amr"} == set(claims)
    assert claims["aud"] == f"{world.settings.issuer}/oauth2/userinfo"


def test_all_scopes_bring_their_claims(signed_in: RelyingParty, world: World):
    """Each scope's claims reach UserInfo as OpenID Connect Core 5.4 names them."""
    world.change_account(
        world_account(world),
        phone="+1 619 555 0100",
        street="325 West F Street",
        city="San Diego",
        state="CA",
        postal_code="92101",
        country="US",
    )
    signed_in.begin()
    info = signed_in.userinfo(signed_in.tokens().access_token).json()
    assert info["given_name"] == "Ada"
    assert info["family_name"] == "Attorney"
    assert info["preferred_username"] == "a.attorney"
    assert info["phone_number"] == "+1 619 555 0100"
    assert info["address"]["formatted"] == "325 West F Street\nSan Diego, CA 92101\nUnited States"
    assert info["pacer_account_type"] == "individual"
    assert info["pacer_upgraded"] is True
    assert len(info["pacer_account_number"]) == 7
    assert info["pacer_billing_account"] == info["pacer_account_number"]
    assert "birthdate" not in info


def test_a_cancelled_sign_in_is_access_denied(rp: RelyingParty):
    """RFC 6749 4.1.2.1: Cancel on the sign-in page is told to the client."""
    rp.begin()
    rp.browser.submit(rp.browser.page.forms[1])
    assert rp.error() == "access_denied"


def test_two_tabs_each_come_back_with_their_own_answer(rp: RelyingParty, world: World):
    """Each page carries its own journey, so the order of tabs does not matter."""
    rp.begin()
    first, first_page = rp.started, rp.browser.response
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    rp.tokens()
    rp.started, rp.browser.response = first, first_page
    rp.browser.sign_in("a.attorney", PASSWORD)
    rp.tokens()


def world_account(world: World):
    """The one account there is."""
    from signon.accounts.directory import by_username

    with world.database.reading() as unit:
        return by_username(unit, "a.attorney")
