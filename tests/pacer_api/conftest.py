"""A provider whose PACER Authentication API is on, people, and programs that call it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from signon.accounts.directory import Account
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World

AUTH, LOGOUT = "/services/cso-auth", "/services/cso-logout"
JSON, XML = "application/json", "application/xml"
NAME = "ada.byron"


@dataclass
class Program:
    """Sends what it is told to, byte for byte."""

    world: World

    def send(
        self, path: str, body: bytes, content_type: str = JSON, accept: str | None = JSON
    ) -> httpx2.Response:
        """A request with these two headers and no others of its own."""
        self.world.http.cookies.clear()
        headers = {"content-type": content_type, "accept": accept if accept is not None else ""}
        return self.world.http.post(path, content=body, headers=headers)

    def auth(self, **members: Any) -> dict[str, str]:
        """The members of the answer to a sign-in in JSON, by `NAME` unless another is given."""
        sent = {"loginId": NAME, "password": PASSWORD, **members}
        answer = self.send(AUTH, json.dumps(sent).encode())
        assert answer.status_code == 200, answer.text
        found: dict[str, str] = answer.json()
        return found

    def token(self, **members: Any) -> str:
        """The token of a sign-in that succeeds."""
        found = self.auth(**members)
        assert found["loginResult"] == "0", found
        return found["nextGenCSO"]

    def introspect(
        self, token: str, secret: str, client_id: str = "casb-cmecf"
    ) -> Mapping[str, Any]:
        """What a client is told of a token."""
        answer = self.world.http.post(
            "/oauth2/introspect", data={"token": token}, auth=(client_id, secret)
        )
        assert answer.status_code == 200, answer.text
        found: Mapping[str, Any] = answer.json()
        return found


@pytest.fixture
def wired(database: Database) -> Database:
    """A database that writes its audit trail."""
    return wire(database)


@pytest.fixture
def served(settings: Settings) -> Settings:
    """The settings with the interface on."""
    return settings.model_copy(update={"cso_api": "on"})


@pytest.fixture(autouse=True)
def mails_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is delivered: what was mailed is read in the outbox."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])


@pytest.fixture
def world(served: Settings, wired: Database, clock: FrozenClock) -> Iterator[World]:
    """A served provider."""
    made = World.make(served, wired, clock)
    with made.http:
        yield made


@pytest.fixture
def account(world: World) -> Account:
    """Somebody with a password and nothing else."""
    return world.account(NAME)


@pytest.fixture
def program(world: World, account: Account) -> Program:
    """A program at that provider."""
    return Program(world)
