"""A client's life as the endpoints see it: two secrets, disabled, enabled again."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.testclient import TestClient

from signon.app import create_app
from signon.clients import assertions, changes, life, secrets
from signon.clients.application import Server
from signon.ids import new_id
from tests.infra.browser import Browser
from tests.infra.world import World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

CLIENT = "casb-cmecf"
CALLBACK = "https://ecf.casb.test/callback"
SERVICE: dict[str, Any] = {"grants": ["client_credentials"], "scopes": ["court"]}
AT_ONCE = 1.0
"""Real seconds in which every process must have learnt of a change."""


@pytest.fixture
def second(world: World) -> Iterator[Browser]:
    """The same provider served by another instance, with caches of its own."""
    app = create_app(world.settings, clock=world.clock)
    with TestClient(app, base_url=world.settings.issuer) as http:
        yield Browser(http)


def disable(world: World) -> None:
    with world.database.writing() as unit:
        life.disable(unit, CLIENT)


def enable(world: World) -> None:
    with world.database.writing() as unit:
        life.enable(unit, CLIENT)


def service_token(party: RelyingParty) -> int:
    return party.post(grant_type="client_credentials").status_code


def at(browser: Browser, world: World, party: RelyingParty) -> RelyingParty:
    """The same client, talking to another instance."""
    return RelyingParty(browser, world.clock, party.client_id, party.secret, party.redirect_uri)


def with_secret(party: RelyingParty, secret: str) -> RelyingParty:
    return RelyingParty(party.browser, party.clock, party.client_id, secret, party.redirect_uri)


# ── Two secrets ──────────────────────────────────────────────────────────────


def test_two_secrets_open_the_token_endpoint(world: World, party: MakeParty):
    """The new one within a second, the old one until the overlap ends, and no third."""
    old = party(**SERVICE)
    assert service_token(old) == 200
    with world.database.writing() as unit:
        secret = secrets.rotate(unit, CLIENT, overlap=timedelta(hours=1))
    new = with_secret(old, secret)
    assert world.eventually(lambda: service_token(new) == 200, seconds=AT_ONCE)
    assert service_token(old) == 200
    with world.database.reading() as unit:
        shown = life.show(unit, CLIENT)["secrets"]
    end = world.clock() + timedelta(hours=1)
    assert [row["expires_at"] for row in shown] in ([None, end], [end, None])

    world.clock.advance(hours=1)
    assert (service_token(old), service_token(new)) == (401, 200)
    assert service_token(with_secret(old, secret[:-1] + "x")) == 401


# ── Disabled ─────────────────────────────────────────────────────────────────


def test_disabling_takes_effect_within_a_second_everywhere(
    world: World, signed_in: RelyingParty, second: Browser
):
    """Token endpoint, authorization endpoint and UserInfo, in this process and another."""
    here, there = signed_in, at(second, world, signed_in)
    tokens = here.tokens()
    there.begin(prompt="none")
    assert "error" in there.answer()
    assert there.userinfo(tokens.access_token).status_code == 200
    assert there.refresh("not a token").json() == here.refresh("not a token").json()
    assert here.refresh("not a token").json()["error"] == "invalid_grant"

    disable(world)

    assert here.userinfo(tokens.access_token).status_code == 401
    assert there.userinfo(tokens.access_token).status_code == 401
    for party in (here, there):
        assert world.eventually(partial(is_nobody, party), seconds=AT_ONCE)
        assert party.begin().status_code == 400
        assert party.refresh(tokens.refresh_token).status_code == 401


def test_a_disabled_client_s_grants_do_not_wait_for_the_cache(
    world: World, signed_in: RelyingParty
):
    """Codes and grants ask the database: the registry may still know the client, they do not."""
    tokens = signed_in.tokens()
    signed_in.begin()
    code = signed_in.code()
    assert not is_nobody(signed_in)  # known for another second
    disable(world)
    assert signed_in.refresh(tokens.refresh_token).status_code in {400, 401}
    assert signed_in.redeem(code).status_code in {400, 401}


def is_nobody(party: RelyingParty) -> bool:
    return bool(party.refresh("not a token").json()["error"] == "invalid_client")


# ── Enabled again ────────────────────────────────────────────────────────────


def test_enabling_revives_nothing(world: World, signed_in: RelyingParty):
    """Neither refresh nor access tokens, nor a code; a new sign-in gives new ones."""
    tokens = signed_in.tokens()
    signed_in.begin()
    code = signed_in.code()
    world.clock.advance(seconds=1)
    disable(world)
    world.clock.advance(seconds=1)
    enable(world)

    assert world.eventually(lambda: not is_nobody(signed_in), seconds=AT_ONCE)
    assert signed_in.redeem(code).json()["error"] == "invalid_grant"
    assert signed_in.refresh(tokens.refresh_token).json()["error"] == "invalid_grant"
    assert signed_in.userinfo(tokens.access_token).status_code == 401

    signed_in.begin()
    anew = signed_in.tokens()
    assert signed_in.userinfo(anew.access_token).status_code == 200
    assert signed_in.refresh(anew.refresh_token).status_code == 200


def test_enabling_revives_no_token_of_the_client_itself(world: World, party: MakeParty):
    """Client-credentials tokens have no grant; they end with the client all the same."""
    service = party(**SERVICE)

    def is_active(token: str) -> bool:
        auth = (CLIENT, str(service.secret))
        asked = world.http.post("/oauth2/introspect", data={"token": token}, auth=auth)
        return bool(asked.json().get("active"))

    def token() -> str:
        return str(service.post(grant_type="client_credentials").json()["access_token"])

    before = token()
    assert is_active(before)
    world.clock.advance(seconds=5)
    disable(world)
    world.clock.advance(seconds=5)
    enable(world)
    assert not is_active(before)
    assert world.eventually(lambda: is_active(token()), seconds=AT_ONCE)


# ── Keys of its own ──────────────────────────────────────────────────────────


def test_a_client_s_keys_are_rotated_without_a_gap(world: World):
    """Old and new key together, then the new alone: one of them opens at any time."""
    old, new = (ECKey.generate_key("P-256", {"kid": kid}, private=True) for kid in ("old", "new"))
    world.client(CLIENT, **SERVICE, auth_method="private_key_jwt", jwks=public_set(old))
    assert [signed_in_with(world, key) for key in (old, new)] == [200, 401]
    set_keys(world, old, new)
    assert world.eventually(lambda: signed_in_with(world, new) == 200, seconds=AT_ONCE)
    assert signed_in_with(world, old) == 200
    set_keys(world, new)
    assert world.eventually(lambda: signed_in_with(world, old) == 401, seconds=AT_ONCE)
    assert signed_in_with(world, new) == 200


def public_set(*keys: ECKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def set_keys(world: World, *keys: ECKey) -> None:
    server = Server(world.settings.is_https, ("ES256",))
    with world.database.writing() as unit:
        changes.set_keys(unit, CLIENT, server, jwks=public_set(*keys))


def signed_in_with(world: World, key: ECKey) -> int:
    """The token endpoint's answer to an assertion that a key signed."""
    now = int(world.clock().timestamp())
    claims = {"iss": CLIENT, "sub": CLIENT, "aud": world.settings.issuer, "jti": new_id()}
    assertion = jwt.encode(
        {"alg": "ES256", "kid": key.kid}, {**claims, "iat": now, "exp": now + 60}, key
    )
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": assertions.TYPE,
        "client_assertion": assertion,
    }
    return world.http.post("/oauth2/token", data=form).status_code
