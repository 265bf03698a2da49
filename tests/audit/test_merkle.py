"""The tree's hashing and proofs, against RFC 6962's own words and for every small size."""

import hashlib
import itertools
from collections.abc import Sequence

import pytest

from signon.audit import merkle
from signon.audit.merkle import Frontier, leaf_hash, node_hash

LEAVES = [leaf_hash(bytes([number])) for number in range(40)]


def root(hashes: list[bytes]) -> bytes:
    """MTH as section 2.1 says it, without a thought for speed."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return node_hash(root(hashes[:half]), root(hashes[half:]))


class Whole:
    """Every subtree of the leaves."""

    def whole(self, height: int, place: int) -> bytes:
        return root(LEAVES[place << height : place + 1 << height])


def is_included(leaf: bytes, place: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from a leaf's hash to the root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= place < size:
        return False
    last, found, rest = size - 1, leaf, list(path)
    while last:
        if place & 1 or place < last:
            if not rest:
                return False
            other = rest.pop(0)
            found = node_hash(other, found) if place & 1 else node_hash(found, other)
        place, last = place >> 1, last >> 1
    return not rest and found == root


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path shows that the one tree goes on from the other (RFC 9162 section 2.1.4.2)."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_root == root
    rest = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not rest:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = rest.pop(0)
    for other in rest:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, other)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == root


SIZES = range(1, len(LEAVES) + 1)


def test_known_roots():
    """Those of the reference tests of certificate transparency."""
    inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "60616263646566676869",
    ]
    edge = Frontier()
    found = []
    for text in inputs:
        edge.append(leaf_hash(bytes.fromhex(text)))
        found.append(edge.root().hex())
    assert found[0] == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert found[1] == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert found[6] == "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
    assert Frontier().root() == merkle.EMPTY


def test_the_edge_grows_as_the_tree_does():
    """Also when it is put down and taken up again at every size."""
    edge = Frontier()
    for size in SIZES:
        edge = Frontier(edge.size, edge.edge())
        edge.append(LEAVES[size - 1])
        assert edge.root() == root(LEAVES[:size])
        assert merkle.frontier_at(Whole(), size).edge() == edge.edge()


@pytest.mark.parametrize(("size", "edge"), [(3, bytes(32)), (0, bytes(32)), (-1, b"")])
def test_an_edge_of_another_size_is_none(size: int, edge: bytes):
    """So many hashes are not what such a size is the sum of."""
    with pytest.raises(ValueError, match="edge"):
        Frontier(size, edge)


def test_nodes_are_kept_at_every_eighth_height():
    """One for 256 leaves, one more for 65,536."""
    edge = Frontier()
    made = [node for number in range(70_000) for node in edge.append(LEAVES[number % 40])]
    assert [node.place for node in made if node.height == 8] == list(range(70_000 // 256))
    assert [node.place for node in made if node.height == 16] == [0]
    assert len(made) == 70_000 // 256 + 1


def test_every_leaf_is_shown_to_be_included():
    """And under no other place, size, root or path."""
    for size in SIZES:
        for place in range(size):
            path = merkle.inclusion(Whole(), place, size)
            shown = (LEAVES[place], place, size, path, root(LEAVES[:size]))
            assert is_included(*shown)
            assert not is_included(LEAVES[place - 1], *shown[1:]) or size == 1
            assert not is_included(shown[0], place, size, [*path, bytes(32)], shown[4])
            assert not is_included(shown[0], size, size, path, shown[4])
            if path:
                assert not is_included(*shown[:3], path[:-1], shown[4])
                assert not is_included(shown[0], place ^ 1, *shown[2:])


def test_every_tree_is_shown_to_go_on():
    """From each smaller one, and from no other."""
    for old, size in itertools.combinations_with_replacement(SIZES, 2):
        path = merkle.consistency(Whole(), old, size)
        before, after = root(LEAVES[:old]), root(LEAVES[:size])
        assert is_consistent(old, before, size, after, path)
        assert not is_consistent(old, bytes(32), size, after, path)
        assert not is_consistent(old, before, size, bytes(32), path)
        assert not is_consistent(old, before, size, after, [*path, bytes(32)])
        if path:
            assert not is_consistent(old, before, size, after, path[:-1])
    with pytest.raises(ValueError, match="not empty"):
        merkle.consistency(Whole(), 0, 3)
