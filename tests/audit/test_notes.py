"""Checkpoints as signed notes, in the form that existing tools read."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from signon.audit import notes
from signon.audit.notes import Checkpoint, NoteKeys
from signon.crypto import KeyRing
from signon.errors import InputError

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
KEYS = NoteKeys("https://signon.example", KeyRing([OLD]))
ROOT = hashlib.sha256(b"root").digest()
NOTE = KEYS.sign(7, ROOT)


def test_a_note_is_what_c2sp_says():
    """Three lines, an empty one, a signature whose key others know by its name and number."""
    name, key_id, public = KEYS.verifiers()[0].split("+", 2)
    raw = base64.b64decode(public)
    assert (name, raw[:1], len(raw)) == ("signon.example/audit", b"\x01", 33)
    assert key_id == hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    text, _, line = NOTE.partition("\n\n")
    assert text.split("\n") == [name, "7", base64.b64encode(ROOT).decode()]
    dash, signer, written = line.removesuffix("\n").split(" ")
    signature = base64.b64decode(written)
    assert (dash, signer, signature[:4].hex()) == ("—", name, key_id)
    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature[4:], f"{text}\n".encode())


def test_what_we_sign_is_ours_and_nothing_else():
    """Whatever was changed, and whoever else has signed it."""
    assert KEYS.is_ours(NOTE)
    assert notes.read(NOTE) == Checkpoint("signon.example/audit", 7, ROOT)
    text, _, line = NOTE.partition("\n\n")
    others = [
        NOTE.replace("7", "8", 1), text, "", f"{text}\n\n— signon.example/audit x\n",
        f"{text}\n\n— other/audit {line.split(' ')[2]}", f"{text}\nmore\n\n{line}",
        NoteKeys("https://signon.example", KeyRing([NEW])).sign(7, ROOT),
        NoteKeys("https://other.example", KeyRing([OLD])).sign(7, ROOT),
    ]  # fmt: skip
    assert not any(map(KEYS.is_ours, others))
    assert KEYS.is_ours(f"{NOTE}— witness.example AAAA\n")


def test_every_key_of_the_ring_signs():
    """Whoever knows the old public key goes on while the ring changes."""
    both = NoteKeys("https://signon.example", KeyRing([NEW, OLD]))
    alone = NoteKeys("https://signon.example", KeyRing([NEW]))
    note = both.sign(8, ROOT)
    assert KEYS.is_ours(note)
    assert alone.is_ours(note)
    assert both.is_ours(NOTE)
    assert not alone.is_ours(NOTE)
    assert both.verifiers() == [*alone.verifiers(), *KEYS.verifiers()]


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\nx\nAAAA\n", f"a\n-1\n{base64.b64encode(ROOT).decode()}\n", "a\n1\n!\n",
     f"a\n01\n{base64.b64encode(ROOT).decode()}\n", f"\n1\n{base64.b64encode(ROOT).decode()}\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(text: str):
    """With one sentence."""
    with pytest.raises(InputError, match="no checkpoint"):
        notes.read(text)
