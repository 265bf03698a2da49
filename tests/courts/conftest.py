"""Courts in a database, the pages over it and the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from signon.app import create_app, wire
from signon.config import Settings
from signon.courts import loading
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.command_line import CommandLine


@pytest.fixture
def wired(database: Database) -> Database:
    """A database that writes its audit trail."""
    return wire(database)


@pytest.fixture
def loaded(wired: Database) -> Database:
    """The same with the registry that we ship."""
    with wired.writing() as unit:
        loading.load(unit, loading.shipped(), actor="system")
    return wired


@pytest.fixture
def client(loaded: Database, settings: Settings, clock: FrozenClock) -> Iterator[TestClient]:
    """A browser at a server over the loaded database."""
    with TestClient(create_app(settings, clock=clock), base_url=settings.issuer) as opened:
        yield opened


@pytest.fixture
def signon(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """`signon …` over the test's database."""
    return CommandLine(settings, tmp_path, monkeypatch, capsys)
