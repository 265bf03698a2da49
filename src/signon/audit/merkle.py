"""The tree over the record: RFC 6962 hashing, inclusion and consistency proofs.

A leaf's place counts from 0. What is computed here asks for whole subtrees only, so whoever keeps
some of them reads little (`proofs`).
"""

import hashlib
from typing import NamedTuple, Protocol

KEPT_HEIGHTS = 8
"""Of every so many heights the hashes are kept: one node for 256 below it."""
EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves (RFC 6962 section 2.1)."""


class Node(NamedTuple):
    """The root of the whole subtree over the leaves from ``place << height`` on."""

    height: int
    place: int
    hash: bytes


class Subtrees(Protocol):
    """Who knows the root of every whole subtree."""

    def whole(self, height: int, place: int) -> bytes:
        """That of the ``1 << height`` leaves from ``place << height`` on."""
        ...


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 6962 section 2.1: a leaf can never be taken for a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree's right edge: the roots of the whole subtrees that its size is the sum of."""

    def __init__(self, size: int = 0, edge: bytes = b"") -> None:
        """Raises ValueError: so many subtrees are not what such a size is the sum of."""
        if size < 0 or len(edge) != 32 * size.bit_count():
            raise ValueError("not the edge of a tree of this size")
        self.size = size
        self._edge = [edge[place : place + 32] for place in range(0, len(edge), 32)]

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf's hash; answers the nodes to be kept that it made whole."""
        found, height, place = leaf, 0, self.size
        nodes = []
        while place & 1:
            found = node_hash(self._edge.pop(), found)
            height, place = height + 1, place >> 1
            if height % KEPT_HEIGHTS == 0:
                nodes.append(Node(height, place, found))
        self._edge.append(found)
        self.size += 1
        return nodes

    def root(self) -> bytes:
        """The root of the tree."""
        if not self._edge:
            return EMPTY
        root = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            root = node_hash(left, root)
        return root

    def edge(self) -> bytes:
        """What makes it anew, beside its size."""
        return b"".join(self._edge)


def frontier_at(tree: Subtrees, size: int) -> Frontier:
    """The edge that a tree had when it was of this size."""
    edge, start = b"", 0
    for height in reversed(range(size.bit_length())):
        if size >> height & 1:
            edge += tree.whole(height, start >> height)
            start += 1 << height
    return Frontier(size, edge)


def inclusion(tree: Subtrees, place: int, size: int) -> list[bytes]:
    """The audit path of a leaf, the lowest first (RFC 6962 section 2.1.1)."""
    path, first, end = [], 0, size
    while end - first > 1:
        middle = first + _largest_below(end - first)
        if place < middle:
            path.append(_root(tree, middle, end))
            end = middle
        else:
            path.append(_root(tree, first, middle))
            first = middle
    return path[::-1]


def consistency(tree: Subtrees, old: int, size: int) -> list[bytes]:
    """That a tree of `size` goes on from the one of `old` leaves (RFC 6962 section 2.1.2).

    Raises ValueError: `old` is not of 1 to `size`.
    """
    if not 0 < old <= size:
        raise ValueError("a tree goes on from a smaller one that is not empty")
    path, first, end, is_known = [], 0, size, True
    while old != end:
        middle = first + _largest_below(end - first)
        if old <= middle:
            path.append(_root(tree, middle, end))
            end = middle
        else:
            path.append(_root(tree, first, middle))
            first, is_known = middle, False
    if not is_known:
        path.append(_root(tree, first, end))
    return path[::-1]


def _root(tree: Subtrees, first: int, end: int) -> bytes:
    """Of the leaves from `first` to `end`."""
    number = end - first
    if number & (number - 1) == 0:
        height = number.bit_length() - 1
        return tree.whole(height, first >> height)
    middle = first + _largest_below(number)
    return node_hash(_root(tree, first, middle), _root(tree, middle, end))


def _largest_below(number: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << (number - 1).bit_length() - 1
