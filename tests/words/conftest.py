"""A provider with a court and a person."""

from collections.abc import Iterator

import pytest

from signon.accounts.directory import Account
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.world import World


@pytest.fixture
def world(settings: Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A provider, a client of a court, and nobody yet."""
    made = World.make(settings, wire(database), clock)
    with made.http:
        made.client()
        yield made


@pytest.fixture
def ada(world: World) -> Account:
    """`a.attorney`."""
    return world.account()
