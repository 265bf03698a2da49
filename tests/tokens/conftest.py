"""What tests of keys and tokens may ask for."""

import pytest

from signon.app import wire
from signon.crypto import KeyRing
from signon.db import Database
from tests.infra.signing_keys import KeysOfTheRun

RING = KeyRing([bytes(range(32))])


@pytest.fixture
def database(database: Database) -> Database:
    """The test's database with the audit trail's writer."""
    return wire(database)


@pytest.fixture
def ring() -> KeyRing:
    """A ring of one key."""
    return RING


@pytest.fixture
def generate() -> KeysOfTheRun:
    """Keys for one database, made once for the whole run."""
    return KeysOfTheRun()
