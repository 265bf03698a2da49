"""What a password must be like, and whether it is still the same."""

import pytest

from signon.accounts import credentials, status
from signon.accounts.credentials import Policy
from signon.accounts.hashing import Hasher
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import InputError
from signon.tables import SEALED
from signon.tokens import resealing
from tests.accounts.making import PASSWORD, make


@pytest.mark.parametrize(
    ("policy", "password"),
    [
        ("nist", "x" * 15),
        ("nist", " " * 15),
        ("nist", "x" * 128),
        ("nist", "pässwörter sind länger"),
        ("nist", "😀" * 15),
        ("nist", "😀" * 128),
        ("pacer", "x" * 14),
        ("pacer", "x" * 45),
    ],
)
def test_accepted(policy: Policy, password: str):
    """Length is all that is asked: no composition (SP 800-63B section 3.1.1.2)."""
    credentials.require_acceptable(password, policy)


@pytest.mark.parametrize(
    ("policy", "password", "why"),
    [
        ("nist", "", "too short"),
        ("nist", "x" * 14, "at least 15"),
        ("nist", "x" * 129, "too long"),
        ("nist", "😀" * 128 + "x", "too long"),
        ("nist", "e\u0301" * 14, "at least 15"),
        ("nist", "line one\nline two and more", "line break"),
        ("nist", "carriage return at end\r", "line break"),
        ("pacer", "x" * 13, "at least 14"),
        ("pacer", "x" * 46, "45"),
    ],
)
def test_refused(policy: Policy, password: str, why: str):
    """Code points count, after composition, and 512 bytes are the end; nothing is cut off."""
    with pytest.raises(InputError, match=why) as refused:
        credentials.require_acceptable(password, policy)
    assert password not in refused.value.sentence or not password


def test_lock_unchanged_sees_a_new_password(wired: Database, settings: Settings, ring: KeyRing):
    """What was read before hashing must still hold after it."""
    account = make(wired, settings)
    with wired.writing() as unit:
        read = credentials.find(unit, account.username)
        assert read
        assert credentials.lock_unchanged(unit, ring, read)
        new = Hasher(settings).hash(PASSWORD)
        credentials.store_rehashed(unit, ring, account.id, new)
        assert not credentials.lock_unchanged(unit, ring, read)


def test_a_new_seal_is_no_new_password(wired: Database, settings: Settings, ring: KeyRing):
    """A sign-in goes on while its own row is moved to the ring's new key."""
    account = make(wired, settings)
    both = KeyRing([bytes(reversed(range(32))), *settings.key_bytes])
    with wired.writing() as unit:
        read = credentials.find(unit, account.username)
    assert read
    assert read.sealed
    resealing.reencrypt(wired, both, SEALED)
    with wired.writing() as unit:
        again = credentials.find(unit, account.username)
        assert again
        assert again.sealed != read.sealed
        assert credentials.lock_unchanged(unit, both, read)


def test_lock_unchanged_sees_a_disabled_account(wired: Database, settings: Settings, ring: KeyRing):
    """The same for its status."""
    account = make(wired, settings)
    with wired.writing() as unit:
        read = credentials.find(unit, account.username)
        assert read
        status.disable(unit, account.number, reason="left", actor="system")
        assert not credentials.lock_unchanged(unit, ring, read)
