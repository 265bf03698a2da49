"""Sections 2.1 and 2.4 to 2.6: the logout token, and how it is sent."""

from urllib.parse import urlencode

import pytest
from joserfc import jws

from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.receiver import Receiver
from tests.infra.world import World
from tests.oidc.backchannel_logout.acts import deliver, queued, sign_in, sign_out, tokens_of
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

GOODBYE = "https://ecf.casb.test/goodbye"


def test_discovery_announces_it(casb: RelyingParty):
    """Section 2.1, `oidcc-backchannel-logout-discovery-endpoint-verification`."""
    assert casb.metadata["backchannel_logout_supported"] is True
    assert casb.metadata["backchannel_logout_session_supported"] is True
    assert casb.metadata["end_session_endpoint"]


def test_a_logout_by_the_client_is_told_to_it(world: World, casb: RelyingParty, court: Receiver):
    """Sections 2.4 to 2.6, `oidcc-backchannel-rp-initiated-logout`: every claim, and no other;
    the browser ends at the post-logout address.
    """
    tokens = sign_in(casb)
    hint = {"id_token_hint": tokens.body["id_token"], "post_logout_redirect_uri": GOODBYE}
    casb.browser.get(f"{casb.metadata['end_session_endpoint']}?{urlencode(hint)}")
    assert casb.browser.location == GOODBYE
    world.clock.advance(seconds=3)
    deliver(world)
    (seen,) = court.requests
    assert (seen.method, seen.path) == ("POST", "/casb")
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert list(seen.form) == ["logout_token"]
    claims = casb.verified(seen.form["logout_token"], "logout+jwt")
    now = int(world.clock().timestamp())
    (event,) = queued(world)
    assert claims == {
        "iss": world.settings.issuer,
        "sub": tokens.claims["sub"],
        "aud": casb.client_id,
        "iat": now,
        "exp": now + 120,
        "jti": event.id,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": tokens.claims["sid"],
    }


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_it_is_signed_as_the_clients_id_tokens_are(
    world: World, party: MakeParty, court: Receiver, alg: str
):
    """Section 2.6: "the same keys" and algorithm that ID tokens have."""
    world.account()
    rp = party(id_token_alg=alg, backchannel_logout_uri=court.url())
    sign_in(rp)
    sign_out(rp)
    deliver(world)
    (token,) = tokens_of(court)
    header = jws.extract_compact(token.encode()).headers()
    assert set(header) == {"alg", "kid", "typ"}
    assert (header["alg"], header["typ"]) == (alg, "logout+jwt")


def test_it_is_no_id_token(world: World, casb: RelyingParty, court: Receiver):
    """RFC 8725 section 3.11: its type keeps it from being taken for a hint."""
    sign_in(casb)
    sign_out(casb)
    deliver(world)
    (token,) = tokens_of(court)
    hint = {"id_token_hint": token, "post_logout_redirect_uri": GOODBYE}
    refused = casb.browser.get(f"{casb.metadata['end_session_endpoint']}?{urlencode(hint)}")
    assert refused.status_code == 400


@pytest.mark.usefixtures("delivering")
def test_the_running_server_sends_it(
    settings: Settings, database: Database, clock: FrozenClock, court: Receiver
):
    """Everything is wired: soon after the sign-out the court knows."""
    served = World.make(settings, wire(database), clock)
    with served.http:
        served.account()
        secret = served.client(backchannel_logout_uri=court.url("/casb"))
        browser = served.browser()
        callback = "https://ecf.casb.test/callback"
        rp = RelyingParty(browser, clock, "casb-cmecf", secret, callback)
        sign_in(rp)
        sign_out(rp)
        assert served.eventually(lambda: len(court.requests) == 1, seconds=60)
