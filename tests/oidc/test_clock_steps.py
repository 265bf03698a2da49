"""The machine's clock is set two hours on, or back, while the provider runs (decision 46)."""

import asyncio

from signon import clock_steps, pruning
from signon.accounts import sign_outs
from signon.app import prunable
from signon.tables import metadata
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty
from tests.oidc.strict_party import StrictParty

HOURS = 2


def set_back(world: World) -> None:
    """The clock goes back, and the process has seen it."""
    world.clock.advance(hours=-HOURS)
    with world.database.writing() as unit:
        clock_steps.make_good(unit, metadata)


def test_after_a_step_on_nothing_old_is_good(world: World, signed_in: RelyingParty):
    """A code, an access token, an idle session; and people sign in again at once."""
    signed_in.begin()
    tokens = signed_in.tokens()
    signed_in.begin()
    world.clock.advance(hours=HOURS)
    assert signed_in.redeem().status_code == 400
    assert signed_in.userinfo(tokens.access_token).status_code == 401
    signed_in.begin()
    signed_in.browser.sign_in("a.attorney", PASSWORD)
    assert signed_in.userinfo(signed_in.tokens().access_token).status_code == 200


def test_after_a_step_back_nothing_from_ahead_is_good(world: World, signed_in: RelyingParty):
    """By itself a code would live for two hours and a minute, a token for two hours and five."""
    world.clock.advance(hours=HOURS)
    signed_in.begin()
    signed_in.browser.sign_in("a.attorney", PASSWORD)
    tokens = signed_in.tokens()
    signed_in.begin()
    world.clock.advance(hours=-HOURS)
    assert signed_in.redeem().status_code == 400
    assert signed_in.userinfo(tokens.access_token).status_code == 401
    asked = signed_in.at("introspection_endpoint", token=tokens.access_token)
    assert asked.json() == {"active": False}


def test_a_sign_in_from_ahead_does_not_outlive_a_new_password(
    world: World, signed_in: RelyingParty
):
    """Whoever signed in with the old one did so later than it was changed, by the clock."""
    world.clock.advance(hours=HOURS)
    signed_in.begin()
    signed_in.browser.sign_in("a.attorney", PASSWORD)
    tokens = signed_in.tokens()
    set_back(world)
    with world.database.writing() as unit:
        sign_outs.sign_out_everywhere(unit, world.find("a.attorney").id)
    assert signed_in.refresh(tokens.refresh_token).status_code == 400
    assert "Sign in" in signed_in.begin().text


def test_a_sign_in_from_before_goes_on(world: World, signed_in: RelyingParty):
    """Nobody else has to sign in again, once the clock is right."""
    signed_in.begin()
    tokens = signed_in.tokens()
    world.clock.advance(hours=HOURS)
    set_back(world)
    assert signed_in.refresh(tokens.refresh_token).status_code == 200
    signed_in.begin()
    assert signed_in.code()


def test_what_was_used_is_not_good_again(world: World, strict):
    """On by two hours, all that was over is pruned, and back: the assertion has a minute left."""
    world.account()
    rp: StrictParty = strict()
    assertion = rp.signatory.assertion()
    endpoint = rp.metadata["introspection_endpoint"]
    form = {"token": "unknown", **assertion}
    assert rp.browser.http.post(endpoint, data=form).status_code == 200
    world.clock.advance(hours=HOURS)
    asyncio.run(pruning.prune_all(world.database, prunable(world.settings)))
    world.clock.advance(hours=-HOURS)
    assert rp.browser.http.post(endpoint, data=form).status_code == 401


def test_nobody_is_locked_out_for_hours(world: World, signed_in: RelyingParty):
    """Six wrong passwords while the clock was wrong: half a minute to wait, and then the right one."""
    world.clock.advance(hours=HOURS)
    stranger = world.browser()
    party = RelyingParty(
        stranger, world.clock, signed_in.client_id, signed_in.secret, signed_in.redirect_uri
    )
    party.begin()
    for _ in range(6):
        stranger.sign_in("a.attorney", "wrong horse battery staple")
    assert stranger.sign_in("a.attorney", PASSWORD).status_code == 429
    set_back(world)
    world.clock.advance(seconds=16)
    stranger.sign_in("a.attorney", PASSWORD)
    assert party.code()
