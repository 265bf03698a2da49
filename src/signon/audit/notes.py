"""Checkpoints as signed notes (C2SP tlog-checkpoint and signed-note), with Ed25519.

The keys are derived from the key ring: whoever writes to the database can neither sign nor put a
key of their own in the place of ours. Every key of the ring signs, so that whoever knows the old
public key goes on while the ring changes.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signon.crypto import KeyRing
from signon.errors import InputError

ED25519 = b"\x01"
"""The signature type of a note's key (C2SP signed-note, "Signatures")."""
PURPOSE = "audit-checkpoint"
LONGEST = 8 * 1024
NO_CHECKPOINT = "This is no checkpoint: a signed note of origin, size and root."
_DASH = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """So many records there are, and this is the root of the tree over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The note's text (C2SP tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class _Key(NamedTuple):
    private: Ed25519PrivateKey
    public: bytes
    id: bytes


class NoteKeys:
    """The keys that sign this house's checkpoints, under the name that is their origin too."""

    def __init__(self, issuer: str, ring: KeyRing) -> None:
        self.origin = f"{urlsplit(issuer).netloc}/audit"
        self._keys = [_key(self.origin, seed) for seed in ring.derived(PURPOSE)]

    def verifiers(self) -> list[str]:
        """What others check our notes with (C2SP signed-note, "Verifier keys"), newest first."""
        return [
            f"{self.origin}+{key.id.hex()}+{base64.b64encode(ED25519 + key.public).decode()}"
            for key in self._keys
        ]

    def sign(self, size: int, root: bytes) -> str:
        """The signed note of a checkpoint."""
        text = Checkpoint(self.origin, size, root).text()
        lines = [
            f"{_DASH}{self.origin} "
            f"{base64.b64encode(key.id + key.private.sign(text.encode())).decode()}\n"
            for key in self._keys
        ]
        return f"{text}\n{''.join(lines)}"

    def is_ours(self, note: str) -> bool:
        """Whether a key of the ring has signed this very note."""
        text, _, signatures = note.rpartition("\n\n")
        signed = f"{text}\n".encode()
        return any(
            _is_by(key, signed, line.removeprefix(f"{_DASH}{self.origin} "))
            for line in signatures.splitlines()
            if line.startswith(f"{_DASH}{self.origin} ")
            for key in self._keys
        )


def read(note: str) -> Checkpoint:
    """What a note says, whoever has signed it. Raises InputError: it is no checkpoint."""
    try:
        origin, size, root, *_ = note[:LONGEST].split("\n")
        found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
    except ValueError:
        raise InputError(NO_CHECKPOINT) from None
    if not origin or str(found.size) != size or found.size < 0 or len(found.root) != 32:
        raise InputError(NO_CHECKPOINT)
    return found


def _key(origin: str, seed: bytes) -> _Key:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    named = hashlib.sha256(f"{origin}\n".encode() + ED25519 + public).digest()
    return _Key(private, public, named[:4])


def _is_by(key: _Key, signed: bytes, written: str) -> bool:
    try:
        signature = base64.b64decode(written, validate=True)
        if signature[:4] != key.id:
            return False
        key.private.public_key().verify(signature[4:], signed)
    except (ValueError, InvalidSignature):
        return False
    return True
