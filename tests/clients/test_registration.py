"""What may be registered as a client, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import func, select

from signon import opaque_tokens
from signon.audit.models import events
from signon.clients import registration
from signon.clients.application import Application, Server
from signon.clients.models import clients, secrets
from signon.clients.registry import Client, read_client
from signon.clients.scopes import API_SCOPES, KNOWN_SCOPES
from signon.db import Database
from signon.errors import SignonError
from tests.clients.conftest import CALLBACK, SERVER, Register

PERSON_SCOPES = ("openid", "profile", "email", "phone", "address", "pacer")
NATIVE = {"auth_method": "none"}
SIGNING: dict[str, Any] = {"auth_method": "private_key_jwt"}
PUBLIC = {"keys": [ECKey.generate_key("P-256").as_dict(private=False)]}
SERVICE: dict[str, Any] = {"grants": ["client_credentials"], "redirect_uris": []}
ASKED = Application(name="CM/ECF", court="casb", redirect_uris=[CALLBACK])
LOOPBACK_SERVER = Server(is_https=False, algorithms=SERVER.algorithms)


def found(database: Database, client_id: str) -> Client:
    with database.reading() as unit:
        client = read_client(unit, client_id)
    assert client is not None
    return client


def count(database: Database, table: Any) -> int:
    with database.reading() as unit:
        return int(unit.scalar(select(func.count()).select_from(table)) or 0)


# ── What is registered ───────────────────────────────────────────────────────


def test_a_court_client_has_the_contract_s_defaults(database: Database, register: Register):
    """Standard profile, Basic authentication, code and refresh, ES256, all about people."""
    client = found(database, register().client_id)
    assert client.profile == "standard"
    assert client.auth_method == "client_secret_basic"
    assert client.grants == ("authorization_code", "refresh_token")
    assert client.scopes == (*PERSON_SCOPES, "ecf")
    assert client.id_token_alg == "ES256"
    assert client.refresh_grace_seconds == 0
    assert client.court_id == "casb"
    assert not client.trusted
    assert not client.asks_consent
    assert client.requires_pkce


def test_the_basic_profile_is_openid_connect_core(database: Database, register: Register):
    """RS256 ID tokens; PKCE is left to confidential clients, not to public ones."""
    basic = found(database, register(profile="basic").client_id)
    assert basic.id_token_alg == "RS256"
    assert not basic.requires_pkce
    public = found(database, register(profile="basic", **NATIVE).client_id)
    assert public.requires_pkce


def test_only_a_court_holds_ecf(database: Database, register: Register):
    """A trusted client outside the courts gets the same defaults without `ecf`."""
    client = found(database, register(court=None, trusted=True).client_id)
    assert client.scopes == PERSON_SCOPES


def test_a_service_client_holds_nothing_by_default(database: Database, register: Register):
    """Without people there is nothing to say about people; API scopes are named."""
    assert found(database, register(**SERVICE).client_id).scopes == ()
    named = register(**SERVICE, scopes=["court"])
    assert found(database, named.client_id).scopes == ("court",)


def test_a_firm_client_is_bound_by_the_account_number(
    database: Database, register: Register, firm: str
):
    """`--firm` names the account; its API scopes may be held."""
    scopes = ["firm", "firm:read", "firm:members", "firm:settings"]
    client = found(database, register(court=None, firm=firm, scopes=scopes, **SERVICE).client_id)
    assert client.firm_id is not None
    assert client.scopes == tuple(scopes)


def test_the_secret_is_kept_as_a_digest(database: Database, register: Register):
    """256 bits, shown once, stored as SHA-256 (architecture, decision 14)."""
    made = register()
    assert made.client_secret is not None
    assert len(made.client_secret) == 43
    with database.reading() as unit:
        stored = unit.scalar(select(secrets.c.digest))
        assert stored == opaque_tokens.digest(made.client_secret)
        assert found(database, made.client_id).check_secret(made.client_secret, unit.now)


def test_a_public_client_has_no_secret(database: Database, register: Register):
    """`--auth none` makes no secret that would prove nothing (RFC 8252 section 8.5)."""
    assert register(**NATIVE).client_secret is None
    assert count(database, secrets) == 0


def test_a_client_that_signs_has_keys_and_no_secret(database: Database, register: Register):
    """Its public keys are kept, or where they are; nothing is shown once."""
    made = register(**SIGNING, jwks=PUBLIC)
    assert made.client_secret is None
    client = found(database, made.client_id)
    assert client.jwks == PUBLIC
    assert client.secrets == ()
    address = "https://ecf.casb.test/jwks"
    assert found(database, register(**SIGNING, jwks_uri=address).client_id).jwks_uri == address


def test_a_stranger_s_client_may_sign_people_in(database: Database, register: Register):
    """It asks for consent; a court's and a trusted one do not."""
    assert found(database, register(court=None).client_id).asks_consent


def test_a_client_is_told_of_logouts_where_it_says(database: Database, register: Register):
    """An https address of a server."""
    address = "https://ecf.casb.test/logged-out"
    client = found(database, register(backchannel_logout_uri=address).client_id)
    assert client.backchannel_logout_uri == address


def test_an_id_is_given_once(database: Database, register: Register):
    """An id that is taken is refused, and its client stays as it was."""
    with database.writing() as unit:
        registration.register(unit, ASKED, SERVER, client_id="casb-known")
    with pytest.raises(SignonError, match="casb-known already"), database.writing() as unit:
        registration.register(unit, replace(ASKED, name="Other"), SERVER, client_id="casb-known")
    assert found(database, "casb-known").name == "CM/ECF"


def test_a_client_cannot_pass_for_a_person(register: Register):
    """Client ids have a dash and account ids never have (RFC 9700 section 4.15)."""
    assert register().client_id.startswith("casb-")
    assert register(court=None, trusted=True).client_id.startswith("client-")


def test_what_is_said_twice_is_kept_once(database: Database, register: Register):
    """Repeated addresses, grants and scopes are one."""
    client = found(
        database,
        register(redirect_uris=[CALLBACK, CALLBACK], scopes=["openid", "openid"]).client_id,
    )
    assert client.redirect_uris == (CALLBACK,)
    assert client.scopes == ("openid",)


def test_registering_is_in_the_audit_trail(database: Database, register: Register):
    """With the client, its court and how it authenticates; never an address or a secret."""
    made = register()
    with database.reading() as unit:
        written = unit.execute(select(events).where(events.c.client_id == made.client_id)).one()
    assert written.event == "clients:client:created"
    assert written.court_id == "casb"
    assert written.detail == {
        "profile": "standard",
        "auth_method": "client_secret_basic",
        "trusted": False,
    }


def test_scopes_of_the_api_are_those_with_resources():
    """The contract's section 6 lists them; identity scopes are the rest."""
    assert {
        "account", "court", "admin", "firm", "firm:read", "firm:members", "firm:settings"
    } == API_SCOPES  # fmt: skip
    assert {*PERSON_SCOPES, "ecf"} == KNOWN_SCOPES - API_SCOPES


# ── What is refused ──────────────────────────────────────────────────────────

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": "  "}, "name must have 1 to 200"),
    ({"name": "x" * 201}, "name must have 1 to 200"),
    ({"name": "CM\u202eECF"}, "cannot be seen"),
    ({"name": "CM\nECF"}, "cannot be seen"),
    ({"firm": "1234567"}, "to a court or to a firm"),
    ({"court": "nowhere"}, "no court 'nowhere'"),
    ({"court": None, "firm": "0000000", **SERVICE}, "no active firm account"),
    ({"profile": "igov"}, "--profile igov is not available in this version"),
    ({"profile": "fapi2"}, "--profile fapi2 is not available in this version"),
    ({"profile": "fancy"}, "use standard, basic"),
    ({"auth_method": "tls_client_auth"}, "use client_secret_basic, client_secret_post, private"),
    ({"auth_method": "private_key_jwt"}, "needs the client's public keys"),
    ({**SIGNING, "jwks": PUBLIC, "jwks_uri": "https://a.test/jwks"}, "address, and not both"),
    ({"jwks": PUBLIC}, "Keys are for clients that sign"),
    ({**NATIVE, "jwks_uri": "https://a.test/jwks"}, "Keys are for clients that sign"),
    ({**SIGNING, "jwks_uri": "http://a.test/jwks"}, "is http: use https"),
    ({**SIGNING, "jwks_uri": "com.example:/jwks"}, "an app's own scheme"),
    ({**SIGNING, "jwks": {"keys": []}}, "needs a list `keys`"),
    ({"backchannel_logout_uri": "http://a.test/out"}, "out' is http: use https"),
    ({"backchannel_logout_uri": "https://a.test/out#x"}, "has a fragment"),
    ({**SERVICE, "backchannel_logout_uri": "https://a.test/out"}, "Only a client that signs people"),
    ({"grants": []}, "needs a grant"),
    ({"grants": ["implicit"]}, "'implicit' is unknown"),
    ({"grants": ["password"]}, "'password' is unknown"),
    ({"grants": ["refresh_token"]}, "refresh_token needs authorization_code"),
    ({"grants": ["client_credentials"], **NATIVE}, "needs a client with a secret"),
    ({"redirect_uris": []}, "at least one --redirect-uri"),
    ({"scopes": ["openid", "pacers"]}, "no scope 'pacers'"),
    ({"scopes": ["offline_access"]}, "no scope 'offline_access'"),
    ({"court": None, "trusted": True, "scopes": ["ecf"]}, "ecf is only for a court's client"),
    ({"court": None, "trusted": True, "scopes": ["court"]}, "court is only for a court's client"),
    ({"scopes": ["firm:read"]}, "only for a firm's client"),
    ({"scopes": ["admin"]}, "bound to neither court nor firm"),
    ({**SERVICE, "scopes": ["account"]}, "with the grant authorization_code"),
    ({"refresh_grace_seconds": 11}, "0 to 10 seconds"),
    ({"refresh_grace_seconds": -1}, "0 to 10 seconds"),
    ({**NATIVE, "cso_tokens": True}, "leave --cso-tokens out"),
    ({"id_token_alg": "PS256"}, "Active now: RS256, ES256"),
    ({"id_token_alg": "none"}, "No active key signs 'none'"),
    ({"id_token_alg": "HS256"}, "No active key signs 'HS256'"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_a_refusal_is_one_line_and_changes_nothing(
    database: Database, register: Register, given: dict[str, Any], says: str
):
    """Each rule refuses with a sentence, and no client is made."""
    with pytest.raises(SignonError) as refusal:
        register(**given)
    assert says in refusal.value.sentence
    assert "\n" not in refusal.value.sentence
    assert count(database, clients) == 0


def test_a_firm_client_needs_a_firm_account(register: Register, person: str):
    """The number of somebody who is no firm is refused."""
    with pytest.raises(SignonError, match="no active firm account"):
        register(court=None, firm=person, **SERVICE)


@pytest.mark.parametrize("field", ["redirect_uris", "post_logout_redirect_uris", "return_uris"])
def test_every_address_is_checked(register: Register, field: str):
    """Wherever people can be sent to, one bad address beside a good one spoils it."""
    with pytest.raises(SignonError, match="fragment"):
        register(**{field: [CALLBACK, CALLBACK + "#"]})


def test_the_issuer_decides_about_http(register: Register):
    """Under a loopback issuer a demo court may be on the same machine."""
    address = "http://localhost:8001/cb"
    register(LOOPBACK_SERVER, redirect_uris=[address], return_uris=[address])
    with pytest.raises(SignonError, match="use https"):
        register(redirect_uris=[address])
