"""Many sign-ins at once, and the hash that is made anew."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from signon.accounts import credentials, status
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher
from signon.accounts.models import accounts
from signon.app import create_app
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from tests.accounts.making import PASSWORD
from tests.infra.clock import FrozenClock
from tests.signin.browser import SAME_ORIGIN, Browser, Form, Page

NAME = "ada.byron"


def test_two_hundred_parallel_guesses_get_five_hashes(
    patient: None,
    account: Account,
    settings: Settings,
    clock: FrozenClock,
    wired: Database,
    monkeypatch: pytest.MonkeyPatch,
):
    """Counting comes before hashing: nobody buys more guesses, or CPU time, by being many."""
    many = settings.model_copy(update={"login_failures_per_address": 10_000})
    verified: list[bool] = []
    verify = Hasher.verify

    def counted(self: Hasher, stored: str | None, password: str) -> bool:
        verified.append(True)
        return verify(self, stored, password)

    monkeypatch.setattr(Hasher, "verify", counted)
    answers = _burst(many, clock, ["wrong"] * 200)
    assert sorted(answers) == [403] * 4 + [429] * 196
    assert len(verified) == 5
    with wired.reading() as unit:
        assert credentials.guesses_left(unit, account.id, 100) == 95


def test_parallel_right_sign_ins_all_succeed(
    patient: None, account: Account, settings: Settings, clock: FrozenClock
):
    """Four tabs restored at once, one person: every one of them gets in, none is locked out."""
    assert _burst(settings, clock, [PASSWORD] * 4) == [303] * 4


@asynccontextmanager
async def _server(settings: Settings, clock: FrozenClock) -> AsyncIterator[httpx2.AsyncClient]:
    """A client in the server's own event loop, so that its requests are there at once."""
    app = create_app(settings, clock=clock)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=settings.issuer) as client,
    ):
        yield client


def _burst(settings: Settings, clock: FrozenClock, passwords: list[str]) -> list[int]:
    """The statuses of sign-ins sent all at the same moment."""

    async def run() -> list[int]:
        async with _server(settings, clock) as client:
            page = Page(await client.get("/login"))
            form: Form = page.forms[0]

            async def send(password: str) -> int:
                fields = form.fields | {"username": NAME, "password": password}
                answer = await client.post("/login", data=fields, headers=SAME_ORIGIN)
                return answer.status_code

            return list(await asyncio.gather(*map(send, passwords)))

    return asyncio.run(run())


def test_a_hash_of_old_parameters_is_made_anew(
    settings: Settings,
    wired: Database,
    ring: KeyRing,
    account: Account,
    clock: FrozenClock,
):
    """At the next sign-in, with nothing that its owner would notice."""
    with wired.reading() as unit:
        before = unit.execute(select(*accounts.c)).mappings().one()
    stronger = settings.model_copy(update={"argon2_time": 2})
    clock.advance(seconds=60)
    with TestClient(create_app(stronger, clock=clock), base_url=settings.issuer) as client:
        browser = Browser(client, settings.issuer)
        assert browser.sign_in(NAME, "wrong").status == 403
        assert browser.sign_in(NAME, PASSWORD).status == 303
        browser.cookies.clear()
        assert browser.sign_in(NAME, PASSWORD).status == 303
    with wired.reading() as unit:
        after = unit.execute(select(*accounts.c)).mappings().one()
        found = credentials.find(unit, NAME)
    assert found
    assert ",t=2," in (credentials.unseal(ring, found) or "")
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"password", "password_work", "last_signed_in_at", "locale"}


def test_a_right_hash_is_left_alone(browser: Browser, wired: Database):
    """No write where none is needed."""
    stored: list[Any] = []
    for _ in range(2):
        with wired.reading() as unit:
            stored.append(unit.scalar(select(accounts.c.password)))
        assert browser.sign_in(NAME, PASSWORD).status == 303
        browser.cookies.clear()
    assert stored[0] == stored[1]


def test_a_full_gate_turns_away_without_blame(
    account: Account,
    settings: Settings,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    wired: Database,
):
    """503 with Retry-After; the one who was turned away has not failed at anything."""
    narrow = settings.model_copy(update={"hashing_threads": 1, "hashing_queue_seconds": 0.1})
    begun, go_on = threading.Event(), threading.Event()
    verify = Hasher.verify

    def slow(self: Hasher, stored: str | None, password: str) -> bool:
        begun.set()
        assert go_on.wait(20)
        return verify(self, stored, password)

    monkeypatch.setattr(Hasher, "verify", slow)

    async def run() -> tuple[int, httpx2.Response, int]:
        async with _server(narrow, clock) as client:
            form = Page(await client.get("/login")).forms[0]
            fields = form.fields | {"username": NAME, "password": PASSWORD}

            def send() -> Any:
                return client.post("/login", data=fields, headers=SAME_ORIGIN)

            first = asyncio.create_task(send())
            assert await asyncio.to_thread(begun.wait, 20)
            turned_away = await send()
            with wired.reading() as unit:
                left = credentials.guesses_left(unit, account.id, 100)
            go_on.set()
            return (await first).status_code, turned_away, left

    first, turned_away, left = asyncio.run(run())
    assert first == 303
    assert turned_away.status_code == 503
    assert int(turned_away.headers["retry-after"]) >= 1
    assert left == 99  # the first, which was still being looked at


def test_an_account_disabled_while_hashing_stays_out(
    account: Account,
    settings: Settings,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    wired: Database,
):
    """What was read before the hash is looked at again after it."""
    verify = Hasher.verify

    def disabled_meanwhile(self: Hasher, stored: str | None, password: str) -> bool:
        with wired.writing() as unit:
            status.disable(unit, account.number, reason="left", actor="command_line")
        return verify(self, stored, password)

    monkeypatch.setattr(Hasher, "verify", disabled_meanwhile)
    assert _burst(settings, clock, [PASSWORD]) == [403]
