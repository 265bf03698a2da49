"""Whether a password is still the same, and what a new one ends."""

from signon.accounts import credentials, status
from signon.accounts.hashing import Hasher
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.tables import SEALED
from signon.tokens import resealing
from tests.accounts.making import PASSWORD, make


def test_a_sign_in_sees_a_new_password(wired: Database, settings: Settings, ring: KeyRing):
    """What was read before hashing must still hold after it."""
    account = make(wired, settings)
    with wired.writing() as unit:
        read = credentials.find(unit, account.username)
        assert read
        assert credentials.note_signed_in(unit, ring, read)
        new = Hasher(settings).hash(PASSWORD)
        credentials.store_rehashed(unit, ring, account.id, new)
        assert not credentials.note_signed_in(unit, ring, read)


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
        assert credentials.note_signed_in(unit, both, read)


def test_a_sign_in_sees_a_disabled_account(wired: Database, settings: Settings, ring: KeyRing):
    """The same for its status."""
    account = make(wired, settings)
    with wired.writing() as unit:
        read = credentials.find(unit, account.username)
        assert read
        status.disable(unit, account.number, reason="left", actor="system")
        assert not credentials.note_signed_in(unit, ring, read)
