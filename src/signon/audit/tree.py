"""The sealed tree as the database keeps it: its row, its leaves, and proofs out of few of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, Update, select, update

from signon.audit import merkle
from signon.audit.merkle import KEPT_HEIGHTS, Frontier
from signon.audit.models import leaves, nodes, tree
from signon.db import Unit
from signon.errors import SignonError
from signon.prepared import change, one, values

GROUP = 1 << KEPT_HEIGHTS


class BrokenError(SignonError):
    """The record is not what it was; `record` is where that shows, if at one."""

    def __init__(self, sentence: str, record: int | None = None) -> None:
        super().__init__(sentence)
        self.record = record


class Row(NamedTuple):
    """The tree's row; `verified` is the checkpoint that was last verified, under the ring's MAC."""

    size: int
    edge: bytes
    note: str
    sealed_at: datetime | None
    verified: str
    verified_mac: bytes

    def frontier(self) -> Frontier:
        """The right edge. Raises BrokenError: the row was changed by hand."""
        try:
            return Frontier(self.size, self.edge)
        except ValueError:
            raise BrokenError("The tree's row was changed by hand.") from None


def look(unit: Unit) -> Row:
    """The tree's row. Raises BrokenError: it is gone."""
    return _there(_look(unit))


def lock(unit: Unit) -> Row | None:
    """The same, held until the unit ends; None while somebody else holds it."""
    return _lock(unit)


@dataclass(slots=True)
class StoredTree:
    """Whole subtrees out of the stored leaves and nodes, read in groups of 256.

    Raises BrokenError where one is missing.
    """

    unit: Unit
    _groups: dict[tuple[int, int], Sequence[bytes]] = field(default_factory=dict)
    _known: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def whole(self, height: int, place: int) -> bytes:
        """The root of the ``1 << height`` leaves from ``place << height`` on."""
        if height % KEPT_HEIGHTS == 0:
            return self._kept(height, place)
        found = self._known.get((height, place))
        if found is None:
            left = self.whole(height - 1, place << 1)
            found = merkle.node_hash(left, self.whole(height - 1, (place << 1) + 1))
            self._known[height, place] = found
        return found

    def _kept(self, height: int, place: int) -> bytes:
        number, within = divmod(place, GROUP)
        group = self._groups.get((height, number))
        if group is None:
            first, end = number * GROUP, (number + 1) * GROUP
            rows = (
                _nodes(self.unit, height, first, end) if height else _leaves(self.unit, first, end)
            )
            group = self._groups[height, number] = rows
        if within >= len(group):
            raise BrokenError("A part of the sealed tree is missing.")
        return group[within]


def root_at(unit: Unit, size: int) -> bytes:
    """The root that the tree had when it was of this size. Raises BrokenError."""
    return merkle.frontier_at(StoredTree(unit), size).root()


def note_verified(unit: Unit, note: str, mac: bytes) -> None:
    """Remember that everything was verified up to this checkpoint."""
    _verified(unit, note, mac)


def _there(row: Row | None) -> Row:
    if row is None:
        raise BrokenError("The tree's row is gone: nobody knows how many records there were.")
    return row


_Tree = Select[int, bytes, str, datetime | None, str, bytes]
_COLUMNS = (
    tree.c.size, tree.c.edge, tree.c.note, tree.c.sealed_at, tree.c.verified, tree.c.verified_mac,
)  # fmt: skip


@one(Row)
def _look() -> _Tree:
    return select(*_COLUMNS)


@one(Row)
def _lock() -> _Tree:
    return select(*_COLUMNS).with_for_update(skip_locked=True)


@values
def _leaves(first: int, end: int) -> Select[bytes]:
    within = leaves.c.place >= first, leaves.c.place < end
    return select(leaves.c.hash).where(*within).order_by(leaves.c.place)


@values
def _nodes(height: int, first: int, end: int) -> Select[bytes]:
    within = nodes.c.height == height, nodes.c.place >= first, nodes.c.place < end
    return select(nodes.c.hash).where(*within).order_by(nodes.c.place)


@change
def _verified(note: str, mac: bytes) -> Update:
    return update(tree).values(verified=note, verified_mac=mac)
