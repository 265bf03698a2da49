"""A demand stands between the sign-in and the code (OpenID Connect Core section 3.1.2)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty


@pytest.fixture
def world(settings: Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A provider under PACER's password standard."""
    strict = settings.model_copy(update={"password_policy": "pacer"})
    made = World.make(strict, wire(database), clock)
    with made.http:
        yield made


def test_a_due_password_comes_before_the_code(world: World, party: MakeParty):
    """After 180 days the sign-in leads to the change; silently there is no code."""
    account = world.account()
    rp = party()
    world.change_account(account, password_changed_at=world.clock() - timedelta(days=180))
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert rp.browser.response is not None
    assert rp.browser.response.url.path == "/account/password"
    rp.begin(prompt="none")
    assert rp.error() == "interaction_required"
