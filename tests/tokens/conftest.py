"""What tests of keys and tokens may ask for."""

from pathlib import Path

import pytest

from signon.app import wire
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from tests.infra.command_line import CommandLine
from tests.infra.signing_keys import KeysOfTheRun

RING = KeyRing([bytes(range(32))])


@pytest.fixture
def database(database: Database) -> Database:
    """The test's database with the audit trail's writer."""
    return wire(database)


@pytest.fixture
def signon(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """The command line over the test's database."""
    return CommandLine(settings, tmp_path, monkeypatch, capsys)


@pytest.fixture
def ring() -> KeyRing:
    """A ring of one key."""
    return RING


@pytest.fixture
def generate() -> KeysOfTheRun:
    """Keys for one database, made once for the whole run."""
    return KeysOfTheRun()
