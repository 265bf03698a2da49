"""A provider with an operator, an attorney, and browsers."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from signon.signin.models import sessions
from signon.signin.session import AAL2
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.signin.browser import Browser

SignIn = Callable[[str], Browser]


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A served provider whose background does nothing."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    made = World.make(settings, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture
def operator(world: World) -> Account:
    """`olive.operator`."""
    return world.account(
        "olive.operator", AccountKind.OPERATOR, first_name="Olive", last_name="Operator"
    )


@pytest.fixture
def person(world: World) -> Account:
    """`a.attorney`."""
    return world.account()


@pytest.fixture
def signed_in(world: World, operator: Account, person: Account) -> SignIn:
    """A browser in which somebody is signed in."""

    def sign_in(username: str) -> Browser:
        browser = Browser(world.http, world.settings.issuer)
        assert browser.sign_in(username, PASSWORD).status == 303
        with world.database.writing() as unit:
            # as if with two factors: proving them is the business of other tests
            unit.execute(update(sessions).values(acr=AAL2))
        return browser

    return sign_in
