"""A provider with one court's client and one person, and the relying party that uses it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.oidc.proving import Prover, Signatory
from tests.oidc.relying_party import RelyingParty
from tests.oidc.strict_party import StrictParty

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


@pytest.fixture
def strict(world: World) -> Callable[..., StrictParty]:
    """Makes a client that signs who it is, under the profile `fapi2` unless the test says other."""

    def make(client_id: str = "casb-strict", browser: Any = None, **given: Any) -> StrictParty:
        signatory = Signatory(world.clock, client_id, world.settings.issuer)
        values = {
            "auth_method": "private_key_jwt",
            "profile": "fapi2",
            "dpop": "required",
            "jwks": signatory.jwks,
            **given,
        }
        world.client(client_id, **values)
        made = StrictParty(
            *(browser or world.browser(), world.clock, client_id, None),
            "https://ecf.casb.test/callback",
        )
        return made.equip(signatory, Prover(world.clock))

    return make
