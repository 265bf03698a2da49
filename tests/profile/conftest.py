"""A provider with one person, a program that holds their token, and their browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from signon.accounts.directory import Account
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from signon.notices import mail
from tests.infra import queued
from tests.infra.browser import Browser
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty, Tokens

CALLBACK = "https://docketwatch.example/callback"
PROGRAM = {
    "court_id": None,
    "name": "Docket Watch",
    "scopes": ["openid", "email", "profile", "account"],
    "redirect_uris": [CALLBACK],
}


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A served provider whose mails wait for `mailed`."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    made = World.make(settings, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture
def person(world: World) -> Account:
    """`a.attorney`, whose password is `PASSWORD`."""
    return world.account()


@pytest.fixture
def holder(world: World, person: Account) -> Browser:
    """The person's browser, just signed in, at the account's page."""
    made = world.browser()
    made.get("/account")
    made.sign_in("a.attorney", PASSWORD)
    return made


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that waits to be sent."""

    message: str
    to: str
    values: dict[str, Any]

    @property
    def link(self) -> str:
        """Where its one link leads, at our own site."""
        (url,) = [value for name, value in self.values.items() if name.endswith("_url")]
        return str(url).removeprefix("http://localhost:8000")


Mailed = Callable[[], list[Mail]]


@pytest.fixture
def mailed(world: World) -> Mailed:
    """What has been mailed since the last time, in its order."""
    seen: set[str] = set()

    def look() -> list[Mail]:
        with world.database.reading() as unit:
            rows = [row for row in queued.rows(unit) if row.kind == mail.KIND]
            fresh = [queued.payload(unit, row) for row in rows if row.id not in seen]
        seen.update(row.id for row in rows)
        return [Mail(one["message"], one["to"], one["values"]) for one in fresh]

    return look


@dataclass
class Program:
    """A program that somebody allowed to speak for them."""

    party: RelyingParty
    tokens: Tokens

    def call(self, method: str, path: str, **given: Any) -> httpx2.Response:
        """Call the REST interface with the token; `json` or `content` is the body."""
        headers = {"authorization": f"Bearer {self.tokens.access_token}"}
        headers |= given.pop("headers", {})
        http = self.party.browser.http
        return http.request(method, f"/api/v1{path}", headers=headers, **given)


AllowProgram = Callable[..., Program]


@pytest.fixture
def allow(world: World) -> AllowProgram:
    """Lets a program speak for a person, in a browser of its own unless one is given."""

    def let(
        client_id: str = "docket-watch",
        username: str = "a.attorney",
        scope: str = "openid email profile account",
        **given: Any,
    ) -> Program:
        secret = world.client(client_id, **{**PROGRAM, **given})
        party = RelyingParty(world.browser(), world.clock, client_id, secret, CALLBACK, scope)
        party.begin()
        party.browser.sign_in(username, PASSWORD)
        if party.browser.page.forms and "allow" in party.browser.page.ids:
            party.browser.submit(party.browser.page.forms[0], allow="1")
        return Program(party, party.tokens())

    return let


@pytest.fixture
def program(person: Account, allow: AllowProgram) -> Program:
    """A program that the person has just allowed."""
    return allow()
