"""The key ring: what it seals opens in its own place only, and keys can be changed."""

import pytest

from signon.crypto import KeyRing, UnsealError

OLD, NEW, OTHER = bytes(32), bytes(range(32)), bytes(range(1, 33))


def test_what_is_sealed_opens():
    """Any bytes, also none."""
    ring = KeyRing([NEW])
    for plain in (b"", b"x", bytes(1000)):
        assert ring.open(ring.seal(plain, "here"), "here") == plain


def test_the_same_secret_never_looks_the_same():
    """Two accounts with one password cannot be told by their rows."""
    ring = KeyRing([NEW])
    assert ring.seal(b"secret", "here") != ring.seal(b"secret", "here")
    assert b"secret" not in ring.seal(b"secret", "here")


def test_a_value_opens_in_its_own_place_only():
    """A hash copied into another account's row opens nothing there."""
    ring = KeyRing([NEW])
    with pytest.raises(UnsealError):
        ring.open(ring.seal(b"secret", "password:ada"), "password:eve")


def test_another_ring_opens_nothing():
    """Nor says more than that the key is not there."""
    sealed = KeyRing([NEW]).seal(b"secret", "here")
    with pytest.raises(UnsealError, match="not in the ring"):
        KeyRing([OTHER]).open(sealed, "here")


@pytest.mark.parametrize("position", [0, 1, 5, 17, -1])
def test_a_changed_value_does_not_open(position: int):
    """Version, key id, nonce, text or tag: one bit is enough."""
    sealed = bytearray(KeyRing([NEW]).seal(b"secret", "here"))
    sealed[position] ^= 1
    with pytest.raises(UnsealError):
        KeyRing([NEW]).open(bytes(sealed), "here")


@pytest.mark.parametrize("cut", [0, 1, 5, 16, 17, 20])
def test_a_cut_value_does_not_open(cut: int):
    """And is an UnsealError like the others."""
    with pytest.raises(UnsealError):
        KeyRing([NEW]).open(KeyRing([NEW]).seal(b"secret", "here")[:cut], "here")


def test_a_new_first_key_seals_and_old_ones_still_open():
    """Rotation: put the new key first, reencrypt, then the old one may go."""
    before = KeyRing([OLD]).seal(b"secret", "here")
    ring = KeyRing([NEW, OLD])
    assert ring.open(before, "here") == b"secret"
    assert (ring.is_current(before), ring.knows(before)) == (False, True)
    after = ring.seal(ring.open(before, "here"), "here")
    assert ring.is_current(after)
    only_new = KeyRing([NEW])
    assert only_new.open(after, "here") == b"secret"
    assert (only_new.knows(before), only_new.knows(after)) == (False, True)


def test_macs_are_apart_by_purpose_and_survive_rotation():
    """A form token is no cookie; a page that was open during a rotation still works."""
    tag = KeyRing([OLD]).mac("forms", b"device")
    ring = KeyRing([NEW, OLD])
    assert ring.verify_mac("forms", b"device", tag)
    assert not ring.verify_mac("cookies", b"device", tag)
    assert not ring.verify_mac("forms", b"other", tag)
    assert ring.mac("forms", b"device") != tag
    assert not KeyRing([NEW]).verify_mac("forms", b"device", tag)


@pytest.mark.parametrize("keys", [[], [bytes(31)], [NEW, bytes(33)]])
def test_a_ring_needs_whole_keys(keys: list[bytes]):
    """32 bytes each."""
    with pytest.raises(ValueError, match="32 bytes"):
        KeyRing(keys)


def test_a_sealed_value_is_what_it_is_said_to_be():
    """Version, key id, nonce, then AES-256-GCM: so that rows of today open in ten years."""
    sealed = bytes.fromhex(SEALED_BY_NEW)
    assert KeyRing([NEW]).open(sealed, "here") == b"secret"


SEALED_BY_NEW = "017bc0e15ecfaa7f43f89a3d7b9a45ebab5e9ec5f48baaef8140e56242164325b42d7e73d1d971"
