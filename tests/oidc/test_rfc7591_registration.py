"""Protected dynamic registration (RFC 7591) and its management (RFC 7592)."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from signon.clients import checks, dynamic_registration, invitations, life
from signon.clients.invitations import Bounds, Invited
from signon.clients.models import clients
from signon.clients.registry import read_client
from signon.errors import SignonError
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc.proving import new_key, signed
from tests.oidc.relying_party import RelyingParty

HOST = "ecf.casb.test"
CALLBACK = f"https://{HOST}/callback"
ASKED: dict[str, Any] = {"client_name": "CM/ECF", "redirect_uris": [CALLBACK]}
JWKS = {"keys": [new_key().as_dict(private=False)]}
Invite = Callable[..., Invited]


@pytest.fixture
def invite(world: World) -> Invite:
    """Makes an invitation of the court casb, unless the test says other."""

    def make(**given: Any) -> Invited:
        bounds = {"profile": "standard", "hosts": [HOST], "court": "casb", **given}
        with world.database.writing() as unit:
            return invitations.invite(unit, Bounds(**bounds), lasts=timedelta(hours=1))

    return make


def ask(
    world: World, method: str, address: str, token: str | None, said: object = None
) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    content = None if said is None else json.dumps(said)
    kind = {"content-type": "application/json"} if content else {}
    return world.http.request(method, address, content=content, headers={**headers, **kind})


def register(world: World, token: str | None, **said: Any) -> httpx2.Response:
    return ask(world, "POST", "/oauth2/register", token, {**ASKED, **said})


def count(world: World) -> int:
    with world.database.reading() as unit:
        return int(unit.scalar(select(func.count()).select_from(clients)) or 0)


# ── Registering ──────────────────────────────────────────────────────────────


def test_whoever_was_invited_registers_and_signs_people_in(world: World, invite: Invite):
    """RFC 7591 3.2.1; discovery names the endpoint."""
    answer = register(world, invite().initial_access_token, unknown="ignored")
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert made["client_id"].startswith("casb-")
    assert made["client_secret_expires_at"] == 0
    assert made["redirect_uris"] == [CALLBACK]
    assert made["scope"].split() == [
        "openid",
        "profile",
        "email",
        "phone",
        "address",
        "pacer",
        "ecf",
    ]
    assert made["grant_types"] == ["authorization_code"]
    world.account()
    rp = RelyingParty(
        *(world.browser(), world.clock, made["client_id"], made["client_secret"], CALLBACK)
    )
    assert rp.metadata["registration_endpoint"].endswith("/oauth2/register")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    # section 5: a name that nobody has reviewed is shown as one
    assert "Nobody has reviewed this app" in rp.browser.page.text
    rp.browser.submit(rp.browser.page.forms[0], allow="1")
    rp.tokens()


def test_an_invitation_is_for_one_registration(world: World, invite: Invite):
    """3: and only while it holds; a registration that fails has not used it."""
    token = invite().initial_access_token
    assert register(world, token, redirect_uris=[]).status_code == 400
    assert register(world, token).status_code == 201
    for bad in (token, "made up", None):
        answer = register(world, bad)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    late = invite().initial_access_token
    world.clock.advance(hours=1)
    assert register(world, late).status_code == 401
    assert count(world) == 1


FAPI2 = {"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another host": ({"redirect_uris": ["https://evil.test/"]}, "invalid_redirect_uri"),
    "a host that only looks like it": (
        {"redirect_uris": [f"https://{HOST}@evil.test/"]},
        "invalid_redirect_uri",
    ),
    "no redirect URI": ({"redirect_uris": []}, "invalid_redirect_uri"),
    "http": ({"redirect_uris": [f"http://{HOST}/"]}, "invalid_redirect_uri"),
    "a way back at another host": (
        {"post_logout_redirect_uris": ["https://evil.test/"]},
        "invalid_client_metadata",
    ),
    "keys at another host": (
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://evil.test/k"},
        "invalid_client_metadata",
    ),
    "logouts told to another host": (
        {"backchannel_logout_uri": "https://evil.test/"},
        "invalid_client_metadata",
    ),
    "a scope beyond": ({"scope": "openid court"}, "invalid_client_metadata"),
    "the implicit grant": ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
    "tokens by the browser": ({"response_types": ["token"]}, "invalid_client_metadata"),
    "no such method": ({"token_endpoint_auth_method": "magic"}, "invalid_client_metadata"),
    "keys without need": ({"jwks": JWKS}, "invalid_client_metadata"),
    "encryption": ({"id_token_encrypted_response_alg": "RSA-OAEP"}, "invalid_client_metadata"),
    "pairwise": ({"subject_type": "pairwise"}, "invalid_client_metadata"),
    "another algorithm for UserInfo": (
        {"userinfo_signed_response_alg": "RS256"},
        "invalid_client_metadata",
    ),
    "no name": ({"client_name": ""}, "invalid_client_metadata"),
    "a wrong type": ({"redirect_uris": CALLBACK}, "invalid_redirect_uri"),
    "a statement without end": ({"software_statement": "x" * 20000}, "invalid_client_metadata"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_the_rules_are_those_of_every_client(world: World, invite: Invite, why: str):
    """3.2.2: and the bounds of the invitation; nothing is made."""
    said, error = REFUSED[why]
    answer = register(world, invite().initial_access_token, **said)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert count(world) == 0


def test_the_profile_is_the_invitation_s(world: World, invite: Invite):
    """Who invites decides how strictly the client is held."""
    token = invite(profile="fapi2").initial_access_token
    weak = register(world, token, token_endpoint_auth_method="client_secret_basic")
    assert weak.json()["error"] == "invalid_client_metadata"
    made = register(world, token, jwks=JWKS, userinfo_signed_response_alg="ES256").json()
    assert made["token_endpoint_auth_method"] == "private_key_jwt"
    assert made["dpop_bound_access_tokens"] is True
    assert made["require_pushed_authorization_requests"] is True
    assert made["userinfo_signed_response_alg"] == "ES256"
    assert "client_secret" not in made


@pytest.mark.parametrize(
    "bounds",
    [
        {"profile": "fapi3"},
        {"court": "nowhere"},
        {"scopes": ["openid", "admin"]},
        {"scopes": ["nothing"]},
        {"hosts": []},
        {"hosts": ["https://ecf.casb.test"]},
        {"hosts": ["ecf.casb.test", "*"]},
        {"hosts": ["a"] * 3 + [f"h{number}" for number in range(20)]},
    ],
)
def test_an_invitation_has_bounds_that_can_be(world: World, invite: Invite, bounds: Any):
    """By the same table as clients."""
    with pytest.raises(SignonError):
        invite(**bounds)


CHECKED: dict[str, tuple[str, dict[str, Any]]] = {
    "check_name": ("standard", {"client_name": ""}),
    "check_authentication": ("standard", {"token_endpoint_auth_method": "magic"}),
    "check_rules": ("fapi2", {"token_endpoint_auth_method": "client_secret_basic"}),
    "check_keys": ("standard", {"jwks": JWKS}),
    "check_grants": ("standard", {"grant_types": ["authorization_code", "implicit"]}),
    "check_addresses": ("standard", {"redirect_uris": [f"http://{HOST}/callback"]}),
    "check_logout": ("standard", {"backchannel_logout_uri": f"http://{HOST}/logout"}),
    "check_id_token_alg": ("standard", {"id_token_signed_response_alg": "PS256"}),
    "require_within": ("standard", {"redirect_uris": ["https://evil.test/"]}),
}
"""The mutation table: which rule refuses what. The other checks are of what no client can say of
itself here: court, profile, scopes, `dpop`, grace and the tokens of another interface.
"""


@ON_ONE
@pytest.mark.parametrize("name", CHECKED)
def test_each_rule_refuses_what_no_other_does(
    world: World, invite: Invite, monkeypatch: pytest.MonkeyPatch, name: str
):
    """With one taken away the client would be there."""
    profile, said = CHECKED[name]
    token = invite(profile=profile).initial_access_token
    assert register(world, token, **said).status_code == 400
    if name == "require_within":
        monkeypatch.setattr(dynamic_registration, name, lambda *_: None)
    else:
        kept = [check for check in checks.CHECKS if check.__name__ != name]
        assert len(kept) == len(checks.CHECKS) - 1
        monkeypatch.setattr("signon.clients.registration.CHECKS", kept)
    assert register(world, token, **said).status_code == 201


# ── Afterwards ───────────────────────────────────────────────────────────────


@pytest.fixture
def made(world: World, invite: Invite) -> dict[str, Any]:
    """A client that has registered itself, with a software statement."""
    statement = signed({"alg": "ES256"}, {"software_id": "cmecf"}, new_key())
    answer = register(world, invite().initial_access_token, software_statement=statement)
    return dict(answer.json(), statement=statement)


def test_a_client_reads_what_it_is_registered_with(world: World, made: dict[str, Any]):
    """RFC 7592 2.1: by its own token, and nobody else's; without the secret, kept as a digest."""
    address, token = made["registration_client_uri"], made["registration_access_token"]
    told = ask(world, "GET", address, token)
    assert told.status_code == 200
    assert told.json()["software_statement"] == made["statement"]
    assert "client_secret" not in told.json()
    other = address.replace(made["client_id"], "casb-other")
    for where, by in ((other, token), (address, "x"), (address, made["client_secret"])):
        assert ask(world, "GET", where, by).status_code == 401
    with world.database.reading() as unit:
        assert life.show(unit, made["client_id"])["software_statement"] == made["statement"]


def test_a_client_changes_within_the_same_bounds(world: World, made: dict[str, Any]):
    """2.2: what is not said is gone; the token is a new one, also to the old one's holder."""
    address, token = made["registration_client_uri"], made["registration_access_token"]
    said = {**ASKED, "client_id": made["client_id"], "client_name": "New"}
    for bad in (
        {**said, "redirect_uris": ["https://evil.test/"]},
        {**said, "client_id": "casb-other"},
        {**said, "client_secret": "guess"},
        {**said, "scope": "openid court"},
    ):
        assert ask(world, "PUT", address, token, bad).status_code == 400
    good = {**said, "client_secret": made["client_secret"]}
    answer = ask(world, "PUT", address, token, good)
    assert answer.status_code == 200, answer.text
    assert answer.json()["client_name"] == "New"
    assert "software_statement" not in answer.json()
    assert ask(world, "GET", address, token).status_code == 401
    assert ask(world, "PUT", address, token, said).status_code == 401
    new = answer.json()["registration_access_token"]
    assert ask(world, "GET", address, new).status_code == 200


@ON_ONE
def test_its_own_change_ends_an_operator_s_trust(world: World, made: dict[str, Any]):
    """What was reviewed is no more what is there."""
    with world.database.writing() as unit:
        unit.execute(update(clients).values(trusted=True))
        assert not read_client(unit, made["client_id"]).asks_consent  # type: ignore[union-attr]
    said = {**ASKED, "client_id": made["client_id"], "client_name": "New"}
    address, token = made["registration_client_uri"], made["registration_access_token"]
    assert ask(world, "PUT", address, token, said).status_code == 200
    with world.database.reading() as unit:
        assert read_client(unit, made["client_id"]).asks_consent  # type: ignore[union-attr]


def test_a_client_that_removes_itself_is_closed(world: World, made: dict[str, Any]):
    """2.3: the token too, also after an operator has opened the client again."""
    address, token = made["registration_client_uri"], made["registration_access_token"]
    assert ask(world, "DELETE", address, token).status_code == 204
    assert ask(world, "GET", address, token).status_code == 401
    with world.database.writing() as unit:
        life.enable(unit, made["client_id"])
    assert ask(world, "GET", address, token).status_code == 401


def test_a_client_that_is_disabled_cannot_change_itself(world: World, made: dict[str, Any]):
    """2: it is nobody."""
    with world.database.writing() as unit:
        life.disable(unit, made["client_id"])
    address, token = made["registration_client_uri"], made["registration_access_token"]
    assert ask(world, "PUT", address, token, ASKED).status_code == 401


def test_who_invited_and_who_came_is_in_the_trail(world: World, made: dict[str, Any]):
    """By the invitation's id; the tokens are nowhere."""
    told = world.audited()
    assert told.count("clients:invitation:created") == 1
    assert told.count("clients:invitation:used") == 1


MEMBERS = st.sampled_from(
    [*REFUSED["another host"][0], "scope", "jwks", "grant_types", "x", "jwks_uri"]
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=st.dictionaries(MEMBERS, JUNK), whole=JUNK)
def test_no_metadata_is_too_bad(world: World, invite: Invite, said: Any, whole: Any):
    """Registered within the bounds or refused, never a fault of ours."""
    token = invite().initial_access_token
    assert ask(world, "POST", "/oauth2/register", token, whole).status_code in {400, 413, 415}
    answer = register(world, token, **said)
    assert answer.status_code in {201, 400}, answer.text
    if answer.status_code == 201:
        assert answer.json()["redirect_uris"] == [CALLBACK]
