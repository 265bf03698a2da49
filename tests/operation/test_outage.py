"""A database that is silent or away: what is known is told, and everything is answered soon."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from signon import schema, snapshots
from signon.app import wire
from signon.config import Settings
from signon.courts import loading, registry
from signon.crypto import KeyRing
from signon.db import Database
from signon.tokens import keys, rotation
from signon.tokens.models import signing_keys
from signon.web import probes
from tests.infra import postgres
from tests.infra.clock import FrozenClock
from tests.infra.postgres import Cluster
from tests.infra.signing_keys import KeysOfTheRun
from tests.operation.conftest import Serve

KNOWN = ("/oauth2/jwks", "/.well-known/openid-configuration", "/courts")
"""What relying parties and people ask for, and what needs nobody's data."""
ANSWERED_SECONDS = 30
"""Far more than the three that production has: the machine may be busy. A silence is longer."""

NUMBERS = count()

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def apart() -> Iterator[Cluster]:
    """A PostgreSQL of this module's own, which may be stopped."""
    with postgres.running({"fsync": "off"}) as cluster:
        yield cluster


@pytest.fixture
def database_url(apart: Cluster) -> str:
    """A database of it, the only kind that can be silent."""
    name = f"outage_{next(NUMBERS)}"
    with apart.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return apart.url(name)


@pytest.fixture
def furnished(database_url: str, settings: Settings, clock: FrozenClock) -> str:
    """The same, with keys and courts."""
    schema.upgrade(database_url)
    database = wire(Database(database_url, clock=clock))
    ring = KeyRing(settings.key_bytes)
    rotation.rotate(database, ring, overlap=timedelta(days=1), generate=KeysOfTheRun())
    with database.writing() as unit:
        loading.load(unit, loading.shipped(), actor="system")
        unit.execute(update(signing_keys).values(active_from=unit.now))
    database.close()
    return database_url


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that is known is too old at once, and nobody waits for long."""
    for where, name, value in (
        (keys, "CACHE_SECONDS", 0.0),
        (registry, "CACHE_SECONDS", 0.0),
        (snapshots, "PATIENCE_SECONDS", 0.2),
        (snapshots, "LONGEST_SECONDS", 5.0),
        (probes, "KEEP_SECONDS", 0.0),
        (probes, "LOOK_SECONDS", 5.0),
        (probes, "AGAIN_SECONDS", 0.1),
        (probes, "MEASURE_SECONDS", 0.2),
    ):
        monkeypatch.setattr(where, name, value)


@contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    """Every process of the server is stopped: connections stand, and nothing comes."""
    server = int(cluster.pid_file.read_text().split()[0])
    stopped: list[int] = []
    try:
        while fresh := [one for one in family(server) if one not in stopped]:
            for one in fresh:
                os.kill(one, signal.SIGSTOP)
            stopped += fresh
        yield
    finally:
        for one in reversed(stopped):
            os.kill(one, signal.SIGCONT)


def family(server: int) -> list[int]:
    """The server's process and its children."""
    found = [server]
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == server:
            found.append(int(status.parent.name))
    return found


def ask(client: TestClient, *paths: str) -> list[int]:
    """Everything at once; answers what came, and nothing may take long."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(paths)) as threads:
        found = list(threads.map(lambda path: client.get(path).status_code, paths))
    assert time.monotonic() - began < ANSWERED_SECONDS
    return found


def wait_until_ready(client: TestClient) -> None:
    """As a load balancer does."""
    deadline = time.monotonic() + ANSWERED_SECONDS
    while client.get("/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_frozen_database_silences_nothing_that_is_known(
    serve: Serve, furnished: str, apart: Cluster
):
    """Its connections stand and say nothing: neither the first who asks nor all others wait."""
    with serve(database_url=furnished) as client:
        wait_until_ready(client)
        assert ask(client, *KNOWN) == [200] * 3
        with frozen(apart), capture_logs() as logs:
            assert ask(client, *KNOWN * 8) == [200] * 24
            assert ask(client, *["/readyz"] * 8) == [503] * 8
            answer = client.get("/readyz")
            assert answer.json()["reasons"] == ["The database does not answer."]
            assert ask(client, "/livez", "/metrics") == [200, 200]
            assert "signon_ready 0.0" in client.get("/metrics").text
        assert [one["log_level"] for one in logs if one["event"] == "not ready"] == ["error"]
        wait_until_ready(client)
        assert "signon_ready 1.0" in client.get("/metrics").text
        assert ask(client, *KNOWN) == [200] * 3


def test_what_nobody_has_read_yet_is_refused_soon(serve: Serve, furnished: str, apart: Cluster):
    """Busy, with a word of when to come again."""
    with serve(database_url=furnished) as client:
        with frozen(apart):
            assert ask(client, *KNOWN) == [503] * 3
            assert client.get("/oauth2/jwks").headers["retry-after"]
        wait_until_ready(client)
        assert ask(client, *KNOWN) == [200] * 3


def test_a_database_that_is_gone_silences_nothing_that_is_known(
    serve: Serve, furnished: str, apart: Cluster
):
    """The last of this module, since it stops the server."""
    with serve(database_url=furnished) as client:
        wait_until_ready(client)
        assert ask(client, *KNOWN) == [200] * 3
        os.kill(int(apart.pid_file.read_text().split()[0]), signal.SIGINT)
        while apart.pid_file.exists():
            time.sleep(0.02)
        for _ in range(3):
            assert ask(client, *KNOWN * 4) == [200] * 12
        assert ask(client, "/readyz", "/livez") == [503, 200]
