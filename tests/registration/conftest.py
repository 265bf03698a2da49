"""A provider whose mail server is down, so that every mail waits where a test can read it."""

from collections.abc import Iterator

import pytest

from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.world import World
from tests.registration.newcomer import Newcomer


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The usual ones, but nobody listens at the mail server's port."""
    values = settings.model_dump() | {"smtp_url": "smtp://127.0.0.1:9"}
    return Settings(_env_file=None, **values)


@pytest.fixture
def world(settings: Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A served provider."""
    made = World.make(settings, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture
def newcomer(world: World) -> Newcomer:
    """Somebody who registers."""
    return Newcomer(world, world.browser())
