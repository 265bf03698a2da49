"""A database for accounts, its key ring and the command line over it."""

from pathlib import Path

import pytest

from signon.app import wire
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from tests.infra.command_line import CommandLine


@pytest.fixture
def wired(database: Database) -> Database:
    """A database that writes its audit trail."""
    return wire(database)


@pytest.fixture
def ring(settings: Settings) -> KeyRing:
    """The settings' key ring."""
    return KeyRing(settings.key_bytes)


@pytest.fixture
def signon(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """`signon …` over the test's database."""
    return CommandLine(settings, tmp_path, monkeypatch, capsys)
