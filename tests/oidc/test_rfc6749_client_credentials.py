"""RFC 6749 section 4.4: a client acts for itself."""

import pytest

from tests.infra.world import World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty


@pytest.fixture
def service(party: MakeParty) -> RelyingParty:
    """A court's service client."""
    return party(
        "casb-service", grants=["client_credentials"], scopes=["court"], redirect_uris=[""]
    )


def test_a_client_gets_a_token_of_its_own(service: RelyingParty):
    """Contract 5: its `sub` is the client, it has no grant, and it is for the API."""
    tokens = service.checked(
        service.post(grant_type="client_credentials", scope="court"), nonce=None
    )
    assert set(tokens.body) == {"access_token", "token_type", "expires_in", "scope"}
    assert tokens.body["scope"] == "court"
    claims = tokens.access_claims
    assert claims["sub"] == claims["client_id"] == "casb-service"
    assert claims["aud"] == f"{service.issuer}/api/v1"
    assert claims["scope"] == "court"
    assert not {"gid", "auth_time", "acr", "amr", "sid"} & set(claims)


def test_without_a_scope_there_is_none(service: RelyingParty):
    """Contract 5: none granted, no `scope` claim; unknown ones are ignored."""
    for asked in ({}, {"scope": ""}, {"scope": "foo offline_access"}):
        answer = service.post(grant_type="client_credentials", **asked)
        tokens = service.checked(answer, nonce=None)
        assert "scope" not in tokens.body
        assert "scope" not in tokens.access_claims


def test_scopes_of_a_person_are_refused(party: MakeParty):
    """Contract 5: API scopes only, even for a client that holds the others."""
    both = party(grants=["authorization_code", "client_credentials"])
    for scope in ("openid", "court openid", "profile", "ecf", "pacer"):
        answer = both.post(grant_type="client_credentials", scope=scope)
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_scope", scope


def test_a_scope_that_the_client_does_not_hold_is_refused(service: RelyingParty):
    """RFC 6749 5.2: `invalid_scope`."""
    for scope in ("admin", "court firm:read", "account"):
        answer = service.post(grant_type="client_credentials", scope=scope)
        assert answer.json()["error"] == "invalid_scope", scope


def test_a_public_client_cannot_act_for_itself(world: World, party: MakeParty):
    """RFC 6749 4.4: "MUST only be used by confidential clients"."""
    public = party("native", auth_method="none", grants=["client_credentials"], scopes=["court"])
    answer = public.post(grant_type="client_credentials")
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"


def test_its_token_says_nothing_of_a_person(service: RelyingParty):
    """UserInfo needs a person's token with `openid`."""
    token = service.post(grant_type="client_credentials").json()["access_token"]
    refused = service.userinfo(token)
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]


def test_a_resource_must_be_one_of_ours(service: RelyingParty):
    """RFC 8707 2: `invalid_target`."""
    other = service.post(grant_type="client_credentials", resource="https://api.example")
    assert other.json()["error"] == "invalid_target"
    ours = service.post(grant_type="client_credentials", resource=f"{service.issuer}/api/v1")
    assert ours.status_code == 200


def test_a_new_secret_and_the_old_one_both_work(service: RelyingParty, world: World):
    """Contract 2: two secrets may live at once; an expired one is none."""
    from datetime import timedelta

    from sqlalchemy import update

    from signon.clients.models import secrets as stored
    from signon.clients.secrets import issue

    old = service.secret
    ends = world.clock() + timedelta(hours=1)
    with world.database.writing() as unit:
        unit.execute(update(stored).values(expires_at=ends))
        new = issue(unit, service.client_id)
    world.eventually(lambda: _works(service, new), seconds=1.5)
    assert _works(service, new)
    assert _works(service, old)
    world.clock.advance(hours=1)
    assert _works(service, new)
    assert not _works(service, old)


def _works(service: RelyingParty, secret: str | None) -> bool:
    service.secret = secret
    return service.post(grant_type="client_credentials").status_code == 200
