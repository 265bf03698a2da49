"""The key ring changes under load, and nobody notices."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest
from starlette.testclient import TestClient

from signon.app import create_app, wire
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import BULK, Database
from signon.tables import SEALED
from signon.tokens import resealing
from tests.infra.browser import Browser
from tests.infra.drills import by_chance, often
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
CLIENT = "casb-cmecf"
CALLBACK = "https://ecf.casb.test/callback"
PEOPLE = 4
PASSES = often(2)
"""How often everything is moved while people work: to the new key and back."""


@contextmanager
def served(world: World, *ring: bytes) -> Iterator[Browser]:
    """A server process with this ring, and a browser at it."""
    keys = ",".join(base64.urlsafe_b64encode(key).decode() for key in ring)
    settings = Settings(_env_file=None, **{**world.settings.model_dump(), "secret_keys": keys})
    app = create_app(settings, clock=world.clock)
    with TestClient(app, base_url=settings.issuer) as http:
        yield Browser(http)


class Person:
    """Somebody who signs in, and whose court refreshes; every answer is checked."""

    def __init__(self, world: World, number: int, secret: str) -> None:
        self.world = world
        self.username = f"attorney{number}"
        self.secret = secret
        self.spent = self.successor = self.access_token = ""
        self.times = 0
        world.account(self.username)

    def work(self, browser: Browser) -> None:
        """Sign in with the password, and refresh three times, each time once more within the grace.

        The second answer to a refresh token is the same successor.
        """
        rp = RelyingParty(browser, self.world.clock, CLIENT, self.secret, CALLBACK)
        browser.http.cookies.clear()
        rp.begin()
        browser.sign_in(self.username, PASSWORD)
        tokens = rp.tokens()
        self.successor = tokens.refresh_token
        for _ in range(3):
            self.spent = self.successor
            first = rp.checked(rp.refresh(self.spent), nonce=None)
            self.repeat(browser, first.refresh_token)
            self.successor, self.access_token = first.refresh_token, first.access_token
        self.times += 1

    def repeat(self, browser: Browser, successor: str) -> None:
        """Use the spent refresh token again: its successor is the one that was given first."""
        rp = RelyingParty(browser, self.world.clock, CLIENT, self.secret, CALLBACK)
        again = rp.checked(rp.refresh(self.spent), nonce=None)
        assert again.refresh_token == successor


@by_chance
@pytest.mark.timeout(180)
def test_everything_goes_on_while_the_ring_is_rotated(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """Sign-ins, refreshes within their grace and signatures; then the old key leaves the ring."""
    monkeypatch.setattr(resealing, "BATCH", 1)  # as if there were many rows
    assert world.settings.key_bytes == (OLD,)
    secret = str(world.client(CLIENT, refresh_grace_seconds=10))
    people = [Person(world, number, secret) for number in range(PEOPLE)]
    with served(world, OLD) as browser:
        people[0].work(browser)
    # the servers change one after the other; each opens what the others seal
    rings = [(OLD, NEW), (NEW, OLD)] * (PEOPLE // 2)
    _move_meanwhile(world, people, rings)

    with world.database.reading() as unit:
        left = resealing.count(unit, KeyRing([NEW, OLD]), SEALED)
    if left.older:  # a server that still sealed with the old key wrote last
        resealing.reencrypt(world.database, KeyRing([NEW, OLD]), SEALED)
    with served(world, NEW) as browser, world.database.reading() as unit:
        assert resealing.count(unit, KeyRing([NEW]), SEALED).unknown == 0
        for person in people:
            person.repeat(browser, person.successor)
            rp = RelyingParty(browser, world.clock, CLIENT, secret, CALLBACK)
            assert rp.userinfo(person.access_token).status_code == 200
            person.work(browser)
    assert world.audited().count("signin:password:refused") == 0
    assert world.audited().count("tokens:refresh_token:replayed") == 0


def _move_meanwhile(world: World, people: list[Person], rings: list[tuple[bytes, bytes]]) -> None:
    """Everybody works without a pause, each at a server of their own, while an operator moves
    every stored secret from key to key.
    """
    done = Event()

    def work(person: Person, ring: tuple[bytes, bytes]) -> int:
        with served(world, *ring) as browser:
            while not done.is_set() or person.times < 3:
                person.work(browser)
        return person.times

    operator = wire(
        Database(world.settings.database_url.get_secret_value(), clock=world.clock, timeouts=BULK)
    )
    moved = 0
    with ThreadPoolExecutor(len(people)) as threads:
        working = [threads.submit(work, *pair) for pair in zip(people, rings, strict=True)]
        try:
            for number in range(PASSES):
                ring = KeyRing([NEW, OLD] if number % 2 == 0 else [OLD, NEW])
                done_now = resealing.reencrypt(operator, ring, SEALED)
                moved += sum(column["moved"] for column in done_now.values())
                assert all(column["spoilt"] == 0 for column in done_now.values())
            resealing.reencrypt(operator, KeyRing([NEW, OLD]), SEALED)
        finally:
            done.set()
        assert all(times >= 3 for times in (future.result() for future in working))
    operator.close()
    assert moved > PASSES * len(people)
