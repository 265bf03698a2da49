"""Keys rotate under load, and no relying party ever sees a token that it cannot verify."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from signon import config
from signon.app import create_app, wire
from signon.db import Database
from signon.oidc.discovery import JWKS_PATH
from signon.tokens import rotation, stored_keys
from tests.infra.clock import FrozenClock
from tests.infra.signing_keys import KeysOfTheRun
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty

SHORTEST_OVERLAP = timedelta(hours=2)
"""The least that the settings allow."""
JWKS_SECONDS = 600
"""For how long our answer's `Cache-Control` lets a relying party keep the keys."""
TOKEN_SECONDS = 300
STEP = 29
"""Seconds between rounds: keys that a server has kept are up to 29 seconds old."""


@dataclass
class CachingParty:
    """A relying party that asks for the keys every ten minutes, and never in between.

    `asks` is the server that a load balancer gives it.
    """

    clock: FrozenClock
    servers: list[TestClient]
    fetches: int = 0
    etag: str | None = None
    keys: KeySet | None = None
    fetched_at: float = 0.0
    not_modified: int = 0

    def verify(self, token: str) -> Mapping[str, Any]:
        """The token's header, if the keys at hand verify it."""
        keys = self._keys()
        algorithms = list(stored_keys.ALGORITHMS)
        return jws.deserialize_compact(token, keys, algorithms=algorithms).headers()

    def _keys(self) -> KeySet:
        now = self.clock().timestamp()
        if self.keys is None or now - self.fetched_at >= JWKS_SECONDS:
            server = self.servers[self.fetches % len(self.servers)]
            headers = {"if-none-match": self.etag} if self.etag else {}
            answer = server.get(JWKS_PATH, headers=headers)
            assert f"max-age={JWKS_SECONDS}" in answer.headers["cache-control"]
            if answer.status_code == 304:
                self.not_modified += 1
            else:
                self.keys = KeySet.import_key_set(answer.json())
            self.etag = answer.headers["etag"]
            self.fetches += 1
            self.fetched_at = now
        assert self.keys is not None
        return self.keys


@dataclass
class Load:
    """Two servers that mint without a pause, and relying parties that verify what they mint."""

    world: World
    servers: list[TestClient]
    auth: tuple[str, str]
    parties: list[CachingParty]
    threads: ThreadPoolExecutor
    kids: dict[str, list[str]] = field(default_factory=dict)
    living: list[tuple[float, str]] = field(default_factory=list)

    def round(self, *also: str) -> None:
        """Mint at every server at once; verify what is new, and once more what is about to end."""
        now = self.world.clock().timestamp()
        minted = [*self.threads.map(self.mint, self.servers), *also]
        published = [self._published(server) for server in self.servers]
        for token in minted:
            header, *_others = [party.verify(token) for party in self.parties]
            kids = self.kids.setdefault(header["alg"], [])
            if header["kid"] not in kids:
                kids.append(header["kid"])
            assert all(header["kid"] in known for known in published)
        self.living += [(now + TOKEN_SECONDS - STEP, token) for token in minted]
        for _, token in [entry for entry in self.living if entry[0] <= now]:
            for party in self.parties:
                party.verify(token)
        self.living = [entry for entry in self.living if entry[0] > now]
        self.world.clock.advance(seconds=STEP)

    def mint(self, server: TestClient) -> str:
        """An access token of the service client."""
        answer = server.post(
            "/oauth2/token", data={"grant_type": "client_credentials"}, auth=self.auth
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def _published(self, server: TestClient) -> set[str]:
        return {key["kid"] for key in server.get(JWKS_PATH).json()["keys"]}


@pytest.fixture
def load(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Both servers keep keys for 30 seconds of the test's own time, the second from another
    moment on, as every relying party does for ten minutes.
    """
    monkeypatch.setattr("signon.snapshots.monotonic", lambda: world.clock().timestamp())
    secret = world.client("casb-load", grants=["client_credentials"], scopes=["court"])
    app = create_app(world.settings, clock=world.clock)
    with ExitStack() as stack:
        second = stack.enter_context(TestClient(app, base_url=world.settings.issuer))
        servers = [world.http, second]
        parties = [CachingParty(world.clock, servers, fetches=number) for number in range(3)]
        threads = stack.enter_context(ThreadPoolExecutor(3))
        load = Load(world, servers, ("casb-load", str(secret)), parties, threads)
        world.http.get(JWKS_PATH)
        world.clock.advance(seconds=STEP)
        for party in parties:
            party.verify(load.mint(second))
            world.clock.advance(seconds=JWKS_SECONDS / len(parties))
        yield load


def rotate_meanwhile(load: Load, database: Database, generate: KeysOfTheRun) -> Future[Any]:
    """An operator rotates every algorithm while the servers mint."""
    return load.threads.submit(
        rotation.rotate, database, load.world.ring, overlap=SHORTEST_OVERLAP, generate=generate
    )


@pytest.mark.timeout(240)
def test_no_token_fails_while_keys_rotate(load: Load, world: World, party: MakeParty):
    """Next, active, retired, withdrawn: every token verifies at every relying party until it ends.

    They cache the keys for ten minutes; the servers keep them for half a minute, each at its own
    time; the overlap is the shortest there is.
    """
    world.account()
    rp = party(id_token_alg="RS256")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    refresh_token = rp.tokens().refresh_token
    generate = KeysOfTheRun()
    for alg in ("RS256", "ES256"):
        generate(alg)  # the world's own
    operator = wire(Database(world.settings.database_url.get_secret_value(), clock=world.clock))
    rotating = rotate_meanwhile(load, operator, generate)
    rounds = int(2.2 * SHORTEST_OVERLAP.total_seconds() / STEP)
    for number in count():
        rounds -= rotating.done()
        if not rounds:
            break
        if number % 10:
            load.round()
            continue
        tokens = rp.refresh(refresh_token).json()
        refresh_token = tokens["refresh_token"]
        load.round(tokens["id_token"], tokens["access_token"])
    old_and_new = {key.alg: key.kid for key in rotating.result()}
    operator.close()

    assert {alg: len(kids) for alg, kids in load.kids.items()} == {"RS256": 2, "ES256": 2}
    assert {alg: kids[-1] for alg, kids in load.kids.items()} == old_and_new
    with world.database.reading() as unit:
        states = [key.state(unit.now).value for key in stored_keys.all_keys(unit)]
    assert sorted(states) == ["active", "active", "withdrawn", "withdrawn"]
    for caching in load.parties:
        assert caching.fetches > 20
        assert caching.fetches - caching.not_modified < 10


def test_the_shortest_overlap_is_long_enough():
    """It covers a cached key set and the longest token, with our own caches between them."""
    fields = config.Settings.model_fields
    longest = max(
        _bound(fields[name], "le") for name in ("access_token_seconds", "id_token_seconds")
    )
    shortest = _bound(fields["key_overlap_seconds"], "ge")
    assert timedelta(seconds=shortest) == SHORTEST_OVERLAP
    assert shortest >= max(JWKS_SECONDS, longest) + 60


def _bound(setting: Any, name: str) -> int:
    return next(int(getattr(rule, name)) for rule in setting.metadata if hasattr(rule, name))
