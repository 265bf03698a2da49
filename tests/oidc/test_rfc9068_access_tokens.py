"""RFC 9068: access tokens that others can verify, and that are nothing but access tokens."""

from tests.infra.world import PASSWORD, World
from tests.oidc import forging
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty


def test_the_header_says_what_it_is(signed_in: RelyingParty):
    """Section 2.1: `typ` is at+jwt, signed with ES256 by a key of the JWK Set, never `none`."""
    signed_in.begin()
    tokens = signed_in.tokens()
    header = forging.parts(tokens.access_token)[0]
    jwks = signed_in.browser.http.get("/oauth2/jwks").json()
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    assert set(header) == {"typ", "alg", "kid"}
    assert header["kid"] in {key["kid"] for key in jwks["keys"] if key["alg"] == "ES256"}


def test_the_id_token_has_the_clients_algorithm(world: World, party: MakeParty):
    """Contract 5: per client; the access token is ES256 for all."""
    world.account()
    rp = party(id_token_alg="RS256")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    assert forging.parts(tokens.body["id_token"])[0]["alg"] == "RS256"
    assert forging.parts(tokens.access_token)[0]["alg"] == "ES256"


def test_the_audience_follows_the_scope(world: World, party: MakeParty):
    """Contract 5: the API whenever one of its scopes is granted, else UserInfo."""
    world.account()
    rp = party(scopes=["openid", "email", "account"])
    rp.begin(scope="openid email")
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert rp.tokens().access_claims["aud"] == f"{rp.issuer}/oauth2/userinfo"
    rp.begin(scope="openid email account")
    tokens = rp.tokens()
    assert tokens.access_claims["aud"] == f"{rp.issuer}/api/v1"
    assert rp.userinfo(tokens.access_token).json()["email"] == "a.attorney@example.org"
    narrow = rp.checked(rp.refresh(tokens.refresh_token, scope="openid"), nonce=None)
    assert narrow.access_claims["aud"] == f"{rp.issuer}/oauth2/userinfo"


def test_every_token_has_a_jti_of_its_own(signed_in: RelyingParty):
    """Section 2.2: `jti` is required; `gid` names the grant and stays."""
    signed_in.begin()
    first = signed_in.tokens()
    second = signed_in.checked(signed_in.refresh(first.refresh_token), nonce=None)
    assert first.access_claims["jti"] != second.access_claims["jti"]
    assert first.access_claims["gid"] == second.access_claims["gid"]


def test_a_client_is_never_taken_for_a_person(signed_in: RelyingParty, party: MakeParty):
    """Section 5: the `sub` of a client must not equal a person's."""
    signed_in.begin()
    person = signed_in.tokens().access_claims["sub"]
    service = party("casb-service", grants=["client_credentials"], scopes=["court"])
    answer = service.post(grant_type="client_credentials")
    client = service.checked(answer, nonce=None).access_claims["sub"]
    assert client != person
    assert len(person) == 26
    assert "-" not in person


def test_an_id_token_is_no_access_token(signed_in: RelyingParty):
    """Section 4: the resource server must look at `typ`; the ID token has the other's signature."""
    signed_in.begin()
    tokens = signed_in.tokens()
    refused = signed_in.userinfo(tokens.body["id_token"])
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


def test_an_access_token_is_no_id_token(signed_in: RelyingParty):
    """The other way round: as a hint it is refused."""
    signed_in.begin()
    signed_in.begin(id_token_hint=signed_in.tokens().access_token)
    assert signed_in.error() == "invalid_request"


def test_a_token_that_was_tampered_with_is_none(signed_in: RelyingParty):
    """Section 4: signature, algorithm and key are ours or the token is nothing."""
    signed_in.begin()
    token = signed_in.tokens().access_token
    header, claims, signature = token.split(".")
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    for forged in (
        forging.unsigned(token),
        forging.unsigned(token) + signature,
        forging.by_a_foreign_key(token),
        forging.altered(token, exp=4_000_000_000),
        forging.altered(token, scope="openid ecf admin"),
        f"{header}.{claims}.{flipped}",
        f"{header}.{claims}.",
        f"{header}.{claims}",
        f"{token}.x",
        "x" * 9000,
    ):
        assert signed_in.userinfo(forged).status_code == 401, forged[:40]
    assert signed_in.userinfo(token).status_code == 200
