"""Sign-in, recovery and registration take as long for names that exist as for others."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial

import pytest
from starlette.testclient import TestClient

from signon.accounts import credentials
from signon.accounts.hashing import Hasher
from signon.app import create_app, wire
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from tests.accounts.making import PERSON, make
from tests.bench.telling_apart import compare
from tests.infra.clock import FrozenClock
from tests.infra.world import World
from tests.registration.newcomer import Newcomer
from tests.signin.browser import Browser

TURNS = 60
NEWCOMERS = 25
BCRYPT = "$2b$08$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"
"""As dear as a hash of ours in these tests."""
TRIES = 3
"""A busy machine may look like a difference; one that is there is found every time."""


@dataclass
class Stranger:
    """Somebody who guesses names, with a form open."""

    browser: Browser
    path: str
    fields: dict[str, str]

    def __call__(self, **typed: str) -> None:
        """Send the form with what was typed."""
        page = self.browser.post(self.path, self.fields | typed)
        assert page.status in {303, 403}, page.text


@pytest.fixture
def stranger(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Stranger]]:
    """Opens a page at a provider with `TURNS` accounts, whose hashing costs more than all the rest."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    wire(database)
    ours = settings.model_copy(
        update={
            "argon2_memory_kib": 8 * 1024,
            "argon2_time": 2,
            "login_failures_per_address": 10_000,
            "recovery_requests_per_address": 10_000,
        }
    )
    hasher = Hasher(ours)
    # every account's password is the same, and is hashed once
    monkeypatch.setattr(hasher, "hash", cache(hasher.hash))
    for number in range(TURNS):
        make(database, ours, replace(PERSON, username=_known(number)), hasher=hasher)
    with TestClient(create_app(ours, clock=clock), base_url=ours.issuer) as http:

        def at(path: str) -> Stranger:
            browser = Browser(http, ours.issuer)
            page = browser.get(path)
            return Stranger(browser, path, page.forms[0].fields)

        yield at


def _known(number: int) -> str:
    return f"known.{number:04}"


def _unknown(number: int) -> str:
    return f"guess.{number:04}"


def _guess(send: Callable[[str, int], None], attempt: int, turn: int) -> None:
    send(f"{_unknown(turn)}.{attempt}", turn)


def _tells_every_time(send: Callable[[str, int], None]) -> bool:
    """Whether each of several comparisons finds a difference."""
    for attempt in range(TRIES):
        found = compare(
            lambda turn: send(_known(turn), turn),
            partial(_guess, send, attempt),
            turns=TURNS,
            clock=time.process_time,
        )
        if not found.tells:
            return False
    return True


@pytest.mark.timeout(120)
def test_a_sign_in(stranger: Callable[[str], Stranger]):
    """A wrong password for an account costs as much as one for nobody."""
    login = stranger("/login")
    assert not _tells_every_time(lambda name, _: login(username=name, password="a wrong password"))


@pytest.mark.timeout(120)
def test_a_program_s_sign_in(stranger: Callable[[str], Stranger]):
    """The same of the PACER Authentication API, whose answers are one."""
    http = stranger("/login").browser.client
    told = set()

    def ask(name: str, _: int) -> None:
        sent = {"loginId": name, "password": "a wrong password"}
        told.add(http.post("/services/cso-auth", json=sent).content)

    assert not _tells_every_time(ask)
    assert len(told) == 1


@pytest.mark.timeout(240)
def test_a_sign_in_where_hashes_were_imported(
    stranger: Callable[[str], Stranger], settings: Settings, database: Database
):
    """Nor does it when every other account has the hash of an old system."""
    ring = KeyRing(settings.key_bytes)
    with database.writing() as unit:
        for number in range(0, TURNS, 2):
            found = credentials.find(unit, _known(number))
            assert found is not None
            credentials.store_rehashed(unit, ring, found.account.id, BCRYPT)
    login = stranger("/login")
    assert not _tells_every_time(lambda name, _: login(username=name, password="a wrong password"))


def test_a_recovery(stranger: Callable[[str], Stranger]):
    """So does asking for a link."""
    ask = stranger("/forgot-password")
    assert not _tells_every_time(lambda name, _: ask(username=name))


def test_a_registration(settings: Settings, database: Database, clock: FrozenClock):
    """The last button of a registration costs as much for somebody who has an account already."""
    ours = settings.model_copy(update={"registrations_per_network": 10_000})
    world = World.make(ours, wire(database), clock)
    with world.http:
        for attempt in range(TRIES):
            there = [_ready(world, f"there.{attempt}.{turn}", True) for turn in range(NEWCOMERS)]
            fresh = [_ready(world, f"fresh.{attempt}.{turn}", False) for turn in range(NEWCOMERS)]
            found = compare(
                partial(_press, there), partial(_press, fresh), turns=NEWCOMERS,
                clock=time.process_time,
            )  # fmt: skip
            if not found.tells:
                return
    pytest.fail("a registration tells by its time who has an account")


def _ready(world: World, username: str, has_account: bool) -> Newcomer:
    """Somebody before the last button; `has_account`: name, birth date and address are known."""
    email = f"{username}@example.org"
    if has_account:
        born = date(1976, 4, 28)
        world.account(
            username, first_name="Nora", last_name="Quill", date_of_birth=born, email=email
        )
    newcomer = Newcomer(world, world.browser())
    newcomer.about(email=email)
    newcomer.address()
    newcomer.sign_in_data(f"{username}.new")
    return newcomer


def _press(newcomers: list[Newcomer], turn: int) -> None:
    newcomers[turn].submit()
    assert newcomers[turn].path.endswith("/mail")


def test_a_difference_is_found():
    """A fifth more work is seen, or the other tests say nothing."""
    secret = Hasher.__name__ * 2000

    def work(rounds: int) -> None:
        for _ in range(rounds):
            sum(map(ord, secret))

    found = compare(lambda _: work(12), lambda _: work(10), turns=TURNS, clock=time.process_time)
    assert found.tells
