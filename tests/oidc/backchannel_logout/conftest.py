"""Two courts that want to be told, and a provider that delivers when a test says so."""

from collections.abc import Iterator

import pytest

from signon import app
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.receiver import Receiver, receiving
from tests.infra.world import World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A served provider whose outbox waits for the test to deliver."""
    monkeypatch.setattr(app, "background", lambda *_: [])
    made = World.make(settings, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture
def court() -> Iterator[Receiver]:
    """The web server of the courts: one path for each."""
    with receiving() as made:
        yield made


@pytest.fixture
def casb(world: World, party: MakeParty, court: Receiver) -> RelyingParty:
    """A court that wants to be told, and one person with an account."""
    world.account()
    return party(backchannel_logout_uri=court.url("/casb"))


@pytest.fixture
def cacd(casb: RelyingParty, party: MakeParty, court: Receiver) -> RelyingParty:
    """A second court, visited with the same browser."""
    return party(
        "cacd-cmecf",
        browser=casb.browser,
        court_id="cacd",
        redirect_uris=["https://ecf.cacd.test/callback"],
        backchannel_logout_uri=court.url("/cacd"),
    )
