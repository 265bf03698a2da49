"""A provider with one court's client and one person, and the relying party that uses it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty

MakeParty = Callable[..., RelyingParty]


@pytest.fixture
def world(settings: Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A served provider."""
    made = World.make(settings, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture
def party(world: World) -> MakeParty:
    """Makes a client and its relying party, with a browser of its own unless one is given."""

    def make(client_id: str = "casb-cmecf", browser: Any = None, **given: Any) -> RelyingParty:
        scope = given.pop("scope", None)
        secret = world.client(client_id, **given)
        redirect_uri = given.get("redirect_uris", ["https://ecf.casb.test/callback"])[0]
        made = RelyingParty(
            browser or world.browser(), world.clock, client_id, secret, redirect_uri
        )
        if scope is not None:
            made.scope = scope
        return made

    return make


@pytest.fixture
def rp(world: World, party: MakeParty) -> RelyingParty:
    """A court's relying party, whose browser belongs to a person with an account."""
    world.account()
    return party()


@pytest.fixture
def signed_in(rp: RelyingParty) -> RelyingParty:
    """The same after the person has signed in once."""
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    rp.code()
    return rp
