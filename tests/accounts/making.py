"""Accounts for tests, made by the rule that makes them."""

from datetime import date
from typing import Any

from signon.accounts import creation
from signon.accounts.creation import NewAccount
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher
from signon.accounts.models import AccountKind
from signon.audit import trail
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database

PASSWORD = "correct horse battery staple"
PERSON = NewAccount(
    kind=AccountKind.INDIVIDUAL,
    username="ada.byron",
    email="ada@example.com",
    first_name="Ada",
    last_name="Byron",
    date_of_birth=date(1975, 12, 10),
)


def make(
    database: Database,
    settings: Settings,
    wanted: NewAccount = PERSON,
    *,
    password: str = PASSWORD,
    hasher: Hasher | None = None,
    **more: Any,
) -> Account:
    """An account in the database, with a password."""
    hashed = (hasher or Hasher(settings)).hash(password)
    with database.writing() as unit:
        return creation.create(
            unit,
            KeyRing(settings.key_bytes),
            wanted,
            password_hash=hashed,
            actor=trail.SYSTEM,
            **more,
        )
