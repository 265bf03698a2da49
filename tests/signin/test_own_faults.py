"""What our own faults cost whoever signs in meanwhile: nothing. What a guess costs: as ever."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import httpx2
import pytest
from sqlalchemy import make_url, select, text

from signon import db
from signon.accounts import credentials
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher, HashingGate
from signon.app import create_app
from signon.config import Settings
from signon.db import Database
from signon.errors import BusyError
from signon.limits.models import counters
from signon.signin import half_sign_ins, recovery_codes
from tests.accounts.making import PASSWORD
from tests.infra.clock import FrozenClock
from tests.infra.patience import PATIENCE_SECONDS
from tests.infra.postgres import Cluster
from tests.infra.world import World
from tests.signin.browser import SAME_ORIGIN, Page

NAME = "ada.byron"
CAP = 100
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
Send = Callable[[str], Any]


@asynccontextmanager
async def sending(settings: Settings, clock: FrozenClock) -> AsyncIterator[Send]:
    """A server on this very loop, and what posts its sign-in form with a password."""
    app = create_app(settings, clock=clock)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=settings.issuer) as client,
    ):
        form = Page(await client.get("/login")).forms[0]

        def send(password: str) -> Any:
            fields = form.fields | {"username": NAME, "password": password}
            return client.post("/login", data=fields, headers=SAME_ORIGIN)

        yield send


def guesses(wired: Database, account: Account) -> int:
    """How many are counted; asked again as long as the database is away."""
    with suppress(BusyError), wired.reading() as unit:
        return CAP - credentials.guesses_left(unit, account.id, CAP)
    with wired.reading() as unit:
        return CAP - credentials.guesses_left(unit, account.id, CAP)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that another holds is not waited for long."""
    monkeypatch.setitem(db.SERVING, "lock_timeout", 300)


@ON_POSTGRESQL
@pytest.mark.parametrize(("password", "after"), [(PASSWORD, 303), ("wrong", 429)])
def test_a_stall_makes_nobody_wait(
    hasty: None,
    account: Account,
    settings: Settings,
    clock: FrozenClock,
    wired: Database,
    password: str,
    after: int,
):
    """Nothing can be written for a while: five right passwords are no guesses, five wrong ones are."""

    async def run() -> tuple[list[int], int]:
        async with sending(settings, clock) as send:
            with wired.writing() as unit:
                unit.execute(text("LOCK TABLE audit_events IN EXCLUSIVE MODE"))
                # at once they would also wait for each other's counts
                stalled = [(await send(password)).status_code for _ in range(5)]
            return stalled, (await send(PASSWORD)).status_code

    assert asyncio.run(run()) == ([503] * 5, after)


@ON_POSTGRESQL
def test_a_database_that_goes_between_the_units(
    account: Account,
    settings: Settings,
    clock: FrozenClock,
    wired: Database,
    postgres_cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
):
    """What was counted is taken back when it is there again, without anybody's asking."""

    async def run() -> None:
        async with sending(settings, clock) as send:
            assert (await send("wrong")).status_code == 403
            with _away(postgres_cluster, settings) as go_away:

                async def no_turn(*_: object) -> None:
                    go_away()
                    raise BusyError("Many people.", retry_after=2)

                monkeypatch.setattr(HashingGate, "run_before", no_turn)
                assert (await send("wrong")).status_code == 503
            assert guesses(wired, account) in {1, 2}
            await asyncio.to_thread(_wait_until, lambda: guesses(wired, account) == 1)

    asyncio.run(run())
    assert guesses(wired, account) == 1


def _wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds() and time.monotonic() < ends:
        time.sleep(0.05)


@contextmanager
def _away(cluster: Cluster, settings: Settings) -> Iterator[Callable[[], None]]:
    """What makes the database refuse everybody until the block ends."""
    name = make_url(settings.database_url.get_secret_value()).database
    with cluster.connect() as connection:

        def allow(yes: bool) -> None:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {yes}'.encode())

        def go_away() -> None:
            allow(False)
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )

        try:
            yield go_away
        finally:
            allow(True)


@pytest.mark.parametrize("is_hashed", [True, False])
def test_whoever_hangs_up_stays_counted(
    account: Account,
    settings: Settings,
    clock: FrozenClock,
    wired: Database,
    monkeypatch: pytest.MonkeyPatch,
    is_hashed: bool,
):
    """While the password is looked at, and while that waits for its turn."""
    narrow = settings.model_copy(update={"hashing_threads": 1})
    begun, go_on, waits = threading.Event(), threading.Event(), threading.Event()
    verify, run_before = Hasher.verify, HashingGate.run_before

    def slow(self: Hasher, stored: str | None, password: str) -> bool:
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return verify(self, stored, password)

    async def waiting(self: HashingGate, *rest: Any) -> Any:
        if begun.is_set():
            waits.set()
        return await run_before(self, *rest)

    monkeypatch.setattr(Hasher, "verify", slow)
    monkeypatch.setattr(HashingGate, "run_before", waiting)

    async def run() -> None:
        async with sending(narrow, clock) as send:
            tasks = [asyncio.create_task(send("wrong"))]
            assert await asyncio.to_thread(begun.wait, PATIENCE_SECONDS)
            if not is_hashed:
                tasks.append(asyncio.create_task(send("wrong")))
                assert await asyncio.to_thread(waits.wait, PATIENCE_SECONDS)
            tasks[-1].cancel()
            await asyncio.wait(tasks[-1:])
            go_on.set()
            await asyncio.wait(tasks)

    asyncio.run(run())
    assert guesses(wired, account) == (1 if is_hashed else 2)


def test_whoever_is_turned_away_at_the_door_was_not_counted(
    account: Account, settings: Settings, clock: FrozenClock, wired: Database
):
    """Nothing is written for somebody whose turn would come too late."""

    async def run() -> int:
        full = settings.model_copy(update={"hashing_threads": 1, "hashing_queue_seconds": 1.0})
        async with sending(full, clock) as send:
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(HashingGate, "turn", _full)
                answer = await send(PASSWORD)
            assert answer.headers["retry-after"]
            return int(answer.status_code)

    assert asyncio.run(run()) == 503
    with wired.reading() as unit:
        assert unit.execute(select(counters)).all() == []


def _full(_gate: HashingGate) -> None:
    raise BusyError("Many people are signing in right now.", retry_after=2)


@pytest.mark.parametrize("fault", ["gate", "unit"])
def test_recovery_codes_that_nobody_looked_at(
    settings: Settings,
    wired: Database,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
):
    """Neither without a turn nor without a database for the second unit; the code is good after."""
    world = World.make(settings, wired, clock)
    account = world.account(NAME)
    made = recovery_codes.generate(settings)
    with wired.writing() as unit:
        recovery_codes.keep(unit, account.id, made)
    world.enrol(NAME)

    def fail(*_: object, **__: object) -> Any:
        raise BusyError("Try again.", retry_after=1)

    with world.http:
        browser = world.browser()
        browser.get("/login")
        browser.sign_in(NAME, PASSWORD)
        form = browser.page.forms[0]
        with monkeypatch.context() as broken:
            if fault == "gate":
                broken.setattr(HashingGate, "run_before", fail)
            else:
                broken.setattr(half_sign_ins, "find", _every_second(fail))
            for _ in range(6):
                answer = browser.submit(form, otp=made.codes[0])
                assert answer.status_code == 503
        assert browser.submit(form, otp=made.codes[0]).url.path == "/"


def _every_second(fail: Callable[..., Any]) -> Callable[..., Any]:
    """Looks for the half, and fails in the second unit of each try."""
    find, calls = half_sign_ins.find, [0]

    def found(*args: Any) -> Any:
        calls[0] += 1
        return find(*args) if calls[0] % 2 else fail()

    return found
