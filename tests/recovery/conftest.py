"""A provider whose outbox a test empties by hand, and what lay in it for people."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from signon.accounts.directory import Account
from signon.app import create_app, wire
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.notices import mail
from signon.outbox import events
from signon.outbox.events import Due
from signon.recovery.answering import Answering
from tests.accounts.making import make
from tests.infra.clock import FrozenClock
from tests.signin.browser import Browser, Page


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that would have left."""

    message: str
    to: str
    values: dict[str, Any]

    @property
    def tokens(self) -> dict[str, str]:
        """The links' tokens by username."""
        accounts = self.values["accounts"]
        return {name: url.partition("?token=")[2] for name, _, url, _ in accounts if url}

    @property
    def token(self) -> str:
        """The token of its only link."""
        if "url" in self.values:
            return str(self.values["url"]).partition("?token=")[2]
        (only,) = self.tokens.values()
        return only


@dataclass
class Provider:
    """A provider, and everything that it mails."""

    settings: Settings
    database: Database
    ring: KeyRing
    clock: FrozenClock
    http: TestClient

    def browser(self) -> Browser:
        """A browser that was never here."""
        return Browser(self.http, self.settings.issuer)

    def post(self) -> list[Mail]:
        """Do what the background does, and take what it mails; other events are dropped."""
        sent: list[Mail] = []

        async def hand_over(due: Due) -> None:
            sent.append(Mail(due.payload["message"], due.payload["to"], due.payload["values"]))

        async def drop(_due: Due) -> None:
            return

        handlers: dict[str, events.Handler] = {mail.KIND: hand_over}
        handlers |= Answering(self.settings, self.ring, self.database).handlers()
        handlers |= dict.fromkeys(("account:signed_out", "account:disabled"), drop)
        asyncio.run(events.deliver_due(self.database, handlers))
        return sent

    def forget(self, typed: str, *, browser: Browser | None = None) -> Page:
        """Ask for a link at `/forgot-password`."""
        someone = browser or self.browser()
        return someone.submit(someone.get("/forgot-password"), "send", username=typed)

    def forget_username(self, typed: str) -> Page:
        """Ask at `/forgot-username`."""
        someone = self.browser()
        return someone.submit(someone.get("/forgot-username"), "send", email=typed)


@pytest.fixture
def provider(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Provider]:
    """Nobody has an account yet."""
    # what the background would do is done by `post`, when the test wants it
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    with TestClient(create_app(settings, clock=clock), base_url=settings.issuer) as http:
        yield Provider(settings, wire(database), KeyRing(settings.key_bytes), clock, http)


@pytest.fixture
def ada(provider: Provider) -> Account:
    """`ada.byron`, at ada@example.com."""
    return make(provider.database, provider.settings)


def without_secrets(page: Page) -> tuple[int, list[tuple[str, str]], str]:
    """Status, headers and text of an answer, but for what is random in every one of them."""
    headers = sorted(
        (name, value)
        for name, value in page.response.headers.items()
        if name not in {"x-request-id", "set-cookie", "content-length", "date"}
    )
    text = re.sub(r'(name="csrf_token" value=)"[^"]*"', r"\1", page.html)
    return page.status, headers, text
