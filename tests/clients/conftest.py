"""What tests of clients may ask for."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from signon.accounts import creation
from signon.accounts.creation import NewAccount
from signon.accounts.models import AccountKind
from signon.app import wire
from signon.clients import registration
from signon.clients.application import Application, Server
from signon.clients.registration import Registered
from signon.config import Settings
from signon.courts import loading
from signon.crypto import KeyRing
from signon.db import Database
from signon.tokens import rotation
from tests.infra.command_line import CommandLine
from tests.infra.signing_keys import KeysOfTheRun

SERVER = Server(is_https=True, algorithms=("RS256", "ES256"))
CALLBACK = "https://ecf.casb.test/callback"

Register = Callable[..., Registered]


@pytest.fixture
def database(database: Database) -> Database:
    """The test's database with all courts and the audit trail's writer."""
    wire(database)
    with database.writing() as unit:
        loading.load(unit, loading.shipped(), actor="system")
    return database


@pytest.fixture
def signon(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """The command line over the test's database; `keys rotate` takes keys that are there."""
    assert rotation.rotate.__kwdefaults__
    monkeypatch.setitem(rotation.rotate.__kwdefaults__, "generate", KeysOfTheRun())
    return CommandLine(settings, tmp_path, monkeypatch, capsys)


@pytest.fixture
def firm(database: Database) -> str:
    """The number of a firm account."""
    return _account(database, AccountKind.FIRM, firm_name="Attorney & Daughters")


@pytest.fixture
def person(database: Database) -> str:
    """The number of an individual's account."""
    names = {"first_name": "Ada", "last_name": "Attorney", "date_of_birth": date(1970, 1, 2)}
    return _account(database, AccountKind.INDIVIDUAL, **names)


@pytest.fixture
def register(database: Database) -> Register:
    """Registers a court's client that is right in everything but what the test says."""

    def register(server: Server = SERVER, **given: Any) -> Registered:
        asked = {"name": "CM/ECF", "court": "casb", "redirect_uris": [CALLBACK], **given}
        with database.writing() as unit:
            return registration.register(unit, Application(**asked), server)

    return register


def _account(database: Database, kind: AccountKind, **given: Any) -> str:
    wanted = NewAccount(kind=kind, username=f"some.{kind}", email="a@example.org", **given)
    with database.writing() as unit:
        made = creation.create(
            unit, KeyRing([bytes(32)]), wanted, password_hash="unused", actor="system"
        )
        return made.number
