"""OpenID Connect Discovery 1.0, RFC 8414 and RFC 7517: what is announced is there, and is all."""

from datetime import date
from typing import Any

from signon.accounts.models import AccountKind
from signon.clients.scopes import KNOWN_SCOPES
from signon.oidc.server import GRANT_TYPES
from signon.tokens import rotation
from tests.infra.signing_keys import KeysOfTheRun
from tests.infra.world import OVERLAP, PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def test_both_documents_are_one(world: World):
    """Discovery 4 and RFC 8414 3 share one document, public and cacheable."""
    openid, oauth = world.http.get(OPENID), world.http.get(OAUTH)
    assert openid.json() == oauth.json()
    for answer in (openid, oauth):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "max-age" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers


def test_the_issuer_is_the_address_of_the_document(world: World):
    """Discovery 4.3: exactly the prefix under which it was found; every endpoint lies there."""
    document = world.http.get(OPENID).json()
    assert document["issuer"] == world.settings.issuer
    addresses = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) >= 5
    assert all(address.startswith(f"{world.settings.issuer}/oauth2/") for address in addresses)


def test_every_endpoint_that_is_announced_exists(world: World):
    """Decision 8: it cannot lie; each endpoint answers for itself, not with 404."""
    document = world.http.get(OPENID).json()
    for name, address in document.items():
        if name.endswith(("_endpoint", "_uri")):
            statuses = {world.http.get(address).status_code, world.http.post(address).status_code}
            assert 404 not in statuses, name
            assert max(statuses) < 500, name


def test_what_must_be_announced_is(world: World):
    """Discovery 3: the required members; RFC 9207, RFC 7636 and our own decisions."""
    document = world.http.get(OPENID).json()
    assert document["response_types_supported"] == ["code"]
    assert "query" in document["response_modes_supported"]
    assert document["subject_types_supported"] == ["public"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert {"RS256", "ES256"} <= set(document["id_token_signing_alg_values_supported"])
    assert "none" not in document["id_token_signing_alg_values_supported"]
    # its default is true (Discovery 3), so silence would be a lie
    assert document["request_uri_parameter_supported"] is False
    assert set(document["grant_types_supported"]) == set(GRANT_TYPES)


def test_scopes_are_those_of_the_table(world: World):
    """Decision 8: one table says which scopes there are."""
    assert set(world.http.get(OPENID).json()["scopes_supported"]) == set(KNOWN_SCOPES)


def test_every_way_of_authentication_that_is_announced_is_tried_somewhere(world: World):
    """Decision 8; `none` is what public clients do (RFC 8414 2)."""
    methods = world.http.get(OPENID).json()["token_endpoint_auth_methods_supported"]
    assert {"client_secret_basic", "client_secret_post", "none"} <= set(methods)


def test_every_claim_that_appears_is_announced(world: World, party: MakeParty):
    """Discovery 3: `claims_supported` names all that tokens and UserInfo ever hold."""
    announced = set(world.http.get(OPENID).json()["claims_supported"])
    person = world.account()
    contact = {"phone": "+16195550100", "street": "1 A", "city": "B", "state": "CA"}
    world.change_account(person, middle_name="B", postal_code="92101", country="US", **contact)
    world.change_account(person, client_code_required=True, client_code_pattern="case-##")
    at_casb: dict[str, Any] = {"cases": ["3:26-cv-00001"], "notice_email": "docket@firm.example"}
    at_casb["other_logins"] = ["aattorney2"]
    world.right(person, admission="pro_hac_vice", **at_casb)
    world.account("legacy.account", created_on=date(2010, 1, 1))
    world.account("a.firm.account", AccountKind.FIRM)
    world.enrol("a.firm.account")
    blocked = world.account("b.attorney")
    world.right(blocked, login="battorney")
    world.change_account(blocked, filing_blocked_at=world.clock())
    agent = world.account("f.agent11")
    world.right(agent, login="fagent", roles=["filing_agent"])
    world.pair(person, agent)
    court = party()
    another, third = party("casb-second"), party("casb-third")
    scheduled = party("cacb-cmecf", court_id="cacb")
    world.go_live("cacb", world.clock.now.replace(year=2027))
    portal = party("portal", court_id=None, trusted=True, scope="openid profile email pacer")
    seen: set[str] = set()
    for rp, username in (
        (court, "a.attorney"),
        (another, "b.attorney"),
        (third, "f.agent11"),
        (scheduled, "legacy.account"),
        (portal, "a.firm.account"),
    ):
        rp.begin()
        rp.browser.sign_in(username, PASSWORD, client_code="case-17")
        if rp is portal:
            rp.browser.submit(rp.browser.page.forms[0], otp=world.code())
        tokens = rp.tokens()
        seen |= set(tokens.claims) | set(rp.userinfo(tokens.access_token).json())
    late = party("casb-fourth")
    newcomer = world.account("c.attorney")
    late.begin()
    late.browser.sign_in("c.attorney", PASSWORD)
    tokens = late.tokens()
    world.right(newcomer, login="cattorney")
    seen |= set(late.userinfo(tokens.access_token).json())
    assert seen - announced == set()
    assert {"ecf_go_live", "ecf_cases", "ecf_admission", "address", "middle_name"} <= seen
    assert announced - seen == set(), "announced, but nobody ever gets it"


# ── JWKS ─────────────────────────────────────────────────────────────────────


def keys(world: World) -> list[dict[str, Any]]:
    """The JWK Set's keys."""
    found: list[dict[str, Any]] = world.http.get("/oauth2/jwks").json()["keys"]
    return found


def test_the_jwk_set_is_public_in_every_sense(world: World):
    """RFC 7517: distinct `kid`s, a use and an algorithm each, and never a private member."""
    found = keys(world)
    assert len({key["kid"] for key in found}) == len(found)
    for key in found:
        assert key["use"] == "sig"
        assert key["alg"] in world.http.get(OPENID).json()["id_token_signing_alg_values_supported"]
        assert not PRIVATE & set(key)


def test_the_jwk_set_is_cached_by_its_entity_tag(world: World):
    """RFC 9110 13.1.2: 304 while nothing has changed."""
    first = world.http.get("/oauth2/jwks")
    tag = first.headers["etag"]
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["cache-control"] == "public, max-age=600"
    for same in (tag, f"W/{tag}", f'"other", {tag}'):
        again = world.http.get("/oauth2/jwks", headers={"if-none-match": same})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    other = world.http.get("/oauth2/jwks", headers={"if-none-match": '"other"'})
    assert other.status_code == 200


def test_a_new_key_is_published_before_it_signs(signed_in: RelyingParty, world: World):
    """Core 10.1.1: a token's key stands in the set; rotation changes the entity tag."""
    before = world.http.get("/oauth2/jwks")
    made = KeysOfTheRun()
    for alg in ("RS256", "ES256"):
        made(alg)
    rotation.rotate(world.database, world.ring, "ES256", overlap=OVERLAP, generate=made)
    with world.another_process() as fresh:
        after = fresh.get("/oauth2/jwks")
    assert after.headers["etag"] != before.headers["etag"]
    assert len(after.json()["keys"]) == len(before.json()["keys"]) + 1
    signed_in.begin()
    assert signed_in.tokens().claims["sub"]
