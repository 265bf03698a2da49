"""The key ring: what encrypts secrets at rest and derives the server's own MAC keys.

Every value is sealed with AES-256-GCM under the ring's first key and bound to a purpose
(`context`, for example ``password:<account id>``), so that a sealed value moved to another
row does not open. All keys of the ring open; the first one seals. A sealed value is
``version (1) | key id (4) | nonce (12) | ciphertext and tag``.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from signon.errors import SignonError

VERSION = b"\x01"


class UnsealError(SignonError):
    """A sealed value opens with no key of the ring, or stands where it does not belong."""


class KeyRing:
    """32-byte keys, newest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("a key ring needs keys of 32 bytes")
        self._keys = tuple(keys)
        self._ciphers = {_key_id(key): AESGCM(_derive(key, "seal")) for key in keys}
        self._sealing_id = _key_id(keys[0])
        self._derived: dict[str, tuple[bytes, ...]] = {}

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt with the first key; the same plain text seals differently each time."""
        nonce = os.urandom(12)
        cipher = self._ciphers[self._sealing_id]
        return VERSION + self._sealing_id + nonce + cipher.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt with whichever key sealed it.

        Raises UnsealError: the key has left the ring, the value was changed, or `context`
        is not the one it was sealed for.
        """
        cipher = self._ciphers.get(sealed[1:5])
        if sealed[:1] != VERSION or cipher is None:
            raise UnsealError("A stored secret was sealed with a key that is not in the ring.")
        try:
            return cipher.decrypt(sealed[5:17], sealed[17:], context.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: it is cut short
            raise UnsealError("A stored secret does not open: it was altered or moved.") from error

    def knows(self, sealed: bytes) -> bool:
        """Whether a key of the ring sealed this value; its first five bytes are enough."""
        return sealed[:1] == VERSION and sealed[1:5] in self._ciphers

    def is_current(self, sealed: bytes) -> bool:
        """Whether the ring's first key sealed this value (else `reencrypt` has work to do)."""
        return sealed[1:5] == self._sealing_id

    def mac(self, purpose: str, message: bytes) -> bytes:
        """HMAC-SHA-256 under the first key, separated by purpose."""
        return hmac.digest(self._derive_all(purpose)[0], message, "sha256")

    def verify_mac(self, purpose: str, message: bytes, tag: bytes) -> bool:
        """Whether any key of the ring made this MAC."""
        keys = self._derive_all(purpose)
        return any(hmac.compare_digest(hmac.digest(key, message, "sha256"), tag) for key in keys)

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """32 bytes of each key for a purpose of its own, newest first: seeds of signing keys."""
        return self._derive_all(f"derived/{purpose}")

    def _derive_all(self, purpose: str) -> tuple[bytes, ...]:
        if purpose not in self._derived:
            self._derived[purpose] = tuple(_derive(key, purpose) for key in self._keys)
        return self._derived[purpose]


def _derive(key: bytes, purpose: str) -> bytes:
    """HKDF-Expand (RFC 5869) for one block: the ring's keys are uniform already."""
    return hmac.digest(key, b"signon/" + purpose.encode() + b"\x01", "sha256")


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"signon/key-id" + key).digest()[:4]
