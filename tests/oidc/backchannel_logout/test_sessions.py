"""Who is told when an act ends a session, and who is not."""

import asyncio
from threading import Thread

import pytest

from signon import app, pruning
from signon.signin import session as sessions
from signon.web.visitor import Source
from tests.infra.databases import ON_BOTH
from tests.infra.receiver import Receiver
from tests.infra.world import PASSWORD, World
from tests.oidc.backchannel_logout.acts import (
    deliver,
    disable,
    enable,
    queued,
    sign_in,
    sign_out,
    tokens_of,
    told,
)
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

ORIGIN = Source("192.0.2.1", "test", "request")


# ── A session that an act has ended ──────────────────────────────────────────


def test_signing_out_is_told_to_every_client_of_the_session(
    world: World, casb: RelyingParty, cacd: RelyingParty, court: Receiver
):
    """One token for each, with the same `sid`."""
    sign_in(casb)
    sign_in(cacd)
    sign_in(casb)
    sign_out(casb)
    assert told(world, court) == ["/cacd", "/casb"]
    claims = [casb.verified(token, "logout+jwt") for token in tokens_of(court)]
    assert {one["aud"] for one in claims} == {casb.client_id, cacd.client_id}
    assert len({one["sid"] for one in claims}) == 1
    assert len({one["jti"] for one in claims}) == 2


def test_another_browsers_session_is_not_told_of(world: World, casb: RelyingParty, court: Receiver):
    """A session is one browser's: signing out at the desk does not sign out at home."""
    at_home = RelyingParty(
        world.browser(), world.clock, casb.client_id, casb.secret, casb.redirect_uri
    )
    home, desk = sign_in(at_home).claims["sid"], sign_in(casb).claims["sid"]
    sign_out(casb)
    deliver(world)
    (token,) = tokens_of(court)
    assert casb.verified(token, "logout+jwt")["sid"] == desk != home


def test_a_client_without_a_grant_in_the_session_is_not_told(
    world: World, casb: RelyingParty, cacd: RelyingParty, court: Receiver
):
    """It never learnt of the session, and must not learn who signs out."""
    sign_in(casb)
    cacd.begin()
    cacd.code()  # never redeemed
    sign_out(casb)
    assert told(world, court) == ["/casb"]


def test_a_client_without_an_address_is_not_told(world: World, party: MakeParty, court: Receiver):
    """Nothing waits for it either."""
    world.account()
    rp = party()
    sign_in(rp)
    sign_out(rp)
    assert told(world, court) == []
    assert queued(world) == []


def test_a_client_whose_grant_was_revoked_is_told(
    world: World, casb: RelyingParty, court: Receiver
):
    """It gave its tokens back, but may still have the person signed in."""
    tokens = sign_in(casb)
    revoked = casb.browser.http.post(
        casb.metadata["revocation_endpoint"],
        data={"token": tokens.refresh_token},
        auth=(casb.client_id, str(casb.secret)),
    )
    assert revoked.status_code == 200
    sign_out(casb)
    assert told(world, court) == ["/casb"]


def test_another_person_at_the_same_browser_ends_the_session(
    world: World, casb: RelyingParty, court: Receiver
):
    """As if the first had signed out."""
    world.account("b.barrister")
    first = sign_in(casb)
    world.clock.advance(seconds=1)
    casb.begin(prompt="login")
    casb.browser.sign_in("b.barrister", PASSWORD)
    second = casb.tokens()
    deliver(world)
    (token,) = tokens_of(court)
    claims = casb.verified(token, "logout+jwt")
    assert claims["sid"] == first.claims["sid"] != second.claims["sid"]
    assert claims["sub"] == first.claims["sub"]


def test_signing_in_again_ends_nothing(world: World, casb: RelyingParty, court: Receiver):
    """The same person's session goes on under the same `sid`."""
    sign_in(casb)
    world.clock.advance(seconds=1)
    casb.begin(prompt="login")
    casb.browser.sign_in("a.attorney", PASSWORD)
    casb.tokens()
    assert told(world, court) == []


@ON_BOTH
def test_a_session_ends_once(world: World, casb: RelyingParty):
    """Two sign-outs at the same moment make one event."""
    sign_in(casb)
    cookie = casb.browser.http.cookies["signon_session"]
    with world.database.reading() as unit:
        session = sessions.current(unit, cookie, world.settings)
    assert session is not None

    def end() -> None:
        with world.database.writing() as unit:
            sessions.end(unit, session, reason="signed_out", source=ORIGIN)

    threads = [Thread(target=end) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(queued(world, sessions.ENDED)) == 1


@pytest.mark.parametrize("hours", [0.6, 13])
def test_a_time_limit_tells_nobody(world: World, casb: RelyingParty, court: Receiver, hours: float):
    """Neither the idle nor the absolute one; not when the person comes back, signs out where
    nobody is signed in, or the session's rows are removed.
    """
    sign_in(casb)
    world.clock.advance(hours=hours)
    assert casb.begin().status_code == 200
    casb.browser.get("/logout")
    assert told(world, court) == []
    world.clock.advance(days=10)
    asyncio.run(pruning.prune_all(world.database, app.prunable(world.settings)))
    assert told(world, court) == []
    assert queued(world, sessions.ENDED) == []


# ── An account that is disabled ──────────────────────────────────────────────


def test_disabling_an_account_is_told_for_all_its_sessions(
    world: World, casb: RelyingParty, cacd: RelyingParty, court: Receiver
):
    """Every client, every browser, also one that was idle for long; nobody else's."""
    at_home = RelyingParty(
        world.browser(), world.clock, casb.client_id, casb.secret, casb.redirect_uri
    )
    other = RelyingParty(
        world.browser(), world.clock, casb.client_id, casb.secret, casb.redirect_uri
    )
    world.account("b.barrister")
    sign_in(other, "b.barrister")
    home = sign_in(at_home).claims
    world.clock.advance(hours=2)
    desk = sign_in(casb).claims
    sign_in(cacd)
    disable(world, world.find("a.attorney"))
    deliver(world)
    claims = [casb.verified(token, "logout+jwt") for token in tokens_of(court)]
    assert {one["sub"] for one in claims} == {desk["sub"]}
    assert sorted((one["aud"], one["sid"]) for one in claims) == sorted(
        [
            (casb.client_id, home["sid"]),
            (casb.client_id, desk["sid"]),
            (cacd.client_id, desk["sid"]),
        ]
    )


def test_what_had_ended_before_is_not_told_of_again(
    world: World, casb: RelyingParty, court: Receiver
):
    """Neither a session that somebody signed out of, nor one whose time was over."""
    sign_in(casb)
    sign_out(casb)
    assert told(world, court) == ["/casb"]
    sign_in(casb)
    world.clock.advance(hours=13)
    disable(world, world.find("a.attorney"))
    assert told(world, court) == ["/casb"]


def test_enabling_revives_and_repeats_nothing(world: World, casb: RelyingParty, court: Receiver):
    """The session from before is ended for good; the next disabling tells of the new one only,
    and a late delivery does not end what began after it.
    """
    account = world.find("a.attorney")
    before = sign_in(casb).claims["sid"]
    disable(world, account)
    world.clock.advance(seconds=1)
    enable(world, account)
    world.clock.advance(seconds=1)
    after = sign_in(casb).claims["sid"]
    assert told(world, court) == ["/casb"]
    casb.begin(prompt="none")
    casb.tokens()
    disable(world, account)
    deliver(world)
    sids = [casb.verified(token, "logout+jwt")["sid"] for token in tokens_of(court)]
    assert sids == [before, after]
