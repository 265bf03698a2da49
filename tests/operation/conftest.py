"""The command line over the test's database, and a served application."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from signon.app import create_app, wire
from signon.clock import utc_now
from signon.config import Settings
from signon.courts import loading
from signon.crypto import KeyRing
from signon.db import Database
from signon.tokens import rotation
from tests.infra.clock import FrozenClock
from tests.infra.command_line import CommandLine
from tests.infra.signing_keys import KeysOfTheRun

Serve = Callable[..., AbstractContextManager[TestClient]]


@pytest.fixture
def signon(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """`signon …` over the test's database."""
    return CommandLine(settings, tmp_path, monkeypatch, capsys)


@pytest.fixture
def with_keys(database_url: str, settings: Settings) -> Database:
    """A database with signing keys and courts, made at the machine's own time."""
    database = wire(Database(database_url, clock=utc_now))
    keys = KeysOfTheRun()
    ring = KeyRing(settings.key_bytes)
    rotation.rotate(database, ring, overlap=timedelta(days=1), generate=keys)
    with database.writing() as unit:
        loading.load(unit, loading.shipped(), actor="system")
    database.close()
    return database


@pytest.fixture
def serve(settings: Settings, clock: FrozenClock) -> Serve:
    """Serves the application in this process for a block; `peer` is who connects."""

    @contextmanager
    def served(peer: str = "127.0.0.1", **changes: object) -> Iterator[TestClient]:
        values = settings.model_dump() | changes
        app = create_app(Settings(_env_file=None, **values), clock=clock)
        address = (peer, 50000)
        with TestClient(app, base_url=settings.issuer, client=address) as client:
            yield client

    return served
