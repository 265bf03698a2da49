"""Proving that the record is whole: the tree, leaf by leaf, and the chain that it carries on.

What is verified is remembered as a checkpoint under the ring's MAC, so that the next time goes on
from there. Whoever may write to the database can set that mark back, never ahead.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from signon.audit import merkle, notes, sealing, tree
from signon.audit.merkle import Frontier, Node
from signon.audit.models import chain_end, events, leaves, nodes, unsealed
from signon.audit.models import tree as tree_row
from signon.audit.notes import Checkpoint, NoteKeys
from signon.audit.trail import ZERO, Kept, kept
from signon.audit.tree import BrokenError, Row, StoredTree
from signon.crypto import KeyRing
from signon.db import Unit
from signon.prepared import every, one, value

MARK = "audit-verified"


def mark(unit: Unit, ring: KeyRing, note: str) -> None:
    """Remember that everything was verified up to this checkpoint."""
    tree.note_verified(unit, note, ring.mac(MARK, note.encode()))


def marked(unit: Unit, ring: KeyRing) -> Checkpoint | None:
    """The checkpoint to go on from; None: there is none, or nobody of us has set it."""
    row = tree.look(unit)
    if not row.verified or not ring.verify_mac(MARK, row.verified.encode(), row.verified_mac):
        return None
    return notes.read(row.verified)


def verify(
    unit: Unit, keys: NoteKeys, row: Row, since: Checkpoint | None = None, *, batch: int = 1000
) -> Iterator[int]:
    """Walk the tree from a checkpoint to the signed end of `row`: each record's `seq` that holds.

    What is sealed meanwhile is left for the next time. Raises BrokenError at the first break.
    """
    end = sealing.trusted(unit, row, keys)
    walk = _Walk(unit, since, row.size)
    while walk.edge.size < row.size:
        yield from walk.step(min(batch, row.size - walk.edge.size))
    walk.end()
    if walk.edge.root() != end.frontier().root():
        raise BrokenError("The leaves do not lead to the checkpoint that was signed.")
    _require_no_strays(unit, walk.first_seq)


class _Placed(NamedTuple):
    place: int
    leaf: bytes
    sealed_seq: int
    kept: Kept | None


class _Walk:
    """The leaves in their order, each with its event and, where it had one, its place in the chain."""

    def __init__(self, unit: Unit, since: Checkpoint | None, size: int) -> None:
        self._unit = unit
        self._chain: tuple[int, bytes] | None = (0, ZERO)
        self.first_seq = 0
        self.edge = Frontier()
        if since and since.size:
            sealing.require_extended(unit, size, since.text())
            self.edge = merkle.frontier_at(StoredTree(unit), since.size)
            self._chain = None
            self.first_seq = _first_from(unit, since.size) or 0

    def step(self, batch: int) -> Iterator[int]:
        """The next few leaves. Raises BrokenError."""
        made, end = list[Node](), self.edge.size + batch
        for found in _placed(self._unit, self.edge.size, batch):
            made += self._hold(found)
            yield found.sealed_seq
        if self.edge.size < end:
            raise BrokenError(f"Leaf {self.edge.size} of the tree is missing.", self.edge.size + 1)
        for node in made:
            if _node(self._unit, node.height, node.place) != node.hash:
                raise BrokenError("A node of the tree was changed or removed.")

    def end(self) -> None:
        """Where the chain ends before the tree does, it was looked at. Raises BrokenError."""
        end = _chain_end(self._unit)
        if self._chain and (end is None or end.seq <= self._chain[0]):
            _require_end(end, *self._chain)

    def _hold(self, found: _Placed) -> list[Node]:
        if found.place != self.edge.size:
            raise BrokenError(f"Leaf {self.edge.size} of the tree is missing.", found.sealed_seq)
        if found.kept is None:
            raise BrokenError(f"Record {found.sealed_seq} was removed.", found.sealed_seq)
        leaf = found.kept.leaf_hash()
        if leaf != found.leaf:
            raise BrokenError(f"Record {found.sealed_seq} was changed or moved.", found.sealed_seq)
        if self._chain:
            self._chain = self._linked(*self._chain, found.kept)
        return self.edge.append(leaf)

    def _linked(self, seq: int, previous: bytes, found: Kept) -> tuple[int, bytes] | None:
        """The chain's next end; None after its last record."""
        if found.hash:
            if found.seq != seq + 1 or found.hash != found.chained(previous):
                raise BrokenError(f"Record {found.seq} is not the chain's next.", found.seq)
            return found.seq, found.hash
        _require_end(_chain_end(self._unit), seq, previous)
        return None


def _require_end(end: "_End | None", seq: int, hashed: bytes) -> None:
    if end is None or (end.seq, end.hash) != (seq, hashed):
        raise BrokenError("The chain from before the tree does not end where it did.", seq + 1)


def _require_no_strays(unit: Unit, first: int) -> None:
    """Nothing lies beside the tree that is neither sealed nor waiting for it."""
    if (seq := _unheard(unit, first)) is not None:
        raise BrokenError(f"Record {seq} was added by hand, or kept from being sealed.", seq)
    if (seq := _lost(unit)) is not None:
        raise BrokenError(f"Record {seq} was removed before it was sealed.", seq)
    if (seq := _beyond(unit)) is not None:
        raise BrokenError(f"Record {seq} has a leaf that no checkpoint holds.", seq)


def _read(place: int, leaf: bytes, sealed_seq: int, *columns: Any) -> _Placed:
    return _Placed(place, leaf, sealed_seq, None if columns[0] is None else kept(*columns))


@every(_read)
def _placed(start: int, batch: int) -> Select[Any]:
    leaf, seq = leaves.c.hash.label("leaf"), leaves.c.seq.label("sealed_seq")
    columns: list[Any] = [leaves.c.place, leaf, seq, *events.c]
    both = leaves.outerjoin(events, events.c.seq == leaves.c.seq)
    found: Select[Any] = select(*columns).select_from(both)
    return found.where(leaves.c.place >= start).order_by(leaves.c.place).limit(batch)


@value
def _node(height: int, place: int) -> Select[bytes]:
    return select(nodes.c.hash).where(nodes.c.height == height, nodes.c.place == place)


@value
def _first_from(place: int) -> Select[int]:
    return select(leaves.c.seq).where(leaves.c.place >= place).order_by(leaves.c.place).limit(1)


class _End(NamedTuple):
    seq: int
    hash: bytes


@one(_End)
def _chain_end() -> Select[int, bytes]:
    return select(chain_end.c.seq, chain_end.c.hash)


@value
def _unheard(first: int) -> Select[int]:
    is_sealed = select(leaves.c.place).where(leaves.c.seq == events.c.seq).exists()
    waits = select(unsealed.c.seq).where(unsealed.c.seq == events.c.seq).exists()
    return (
        select(events.c.seq)
        .where(events.c.seq >= first, ~is_sealed, ~waits)
        .order_by(events.c.seq)
        .limit(1)
    )


@value
def _lost() -> Select[int]:
    is_there = select(events.c.id).where(events.c.seq == unsealed.c.seq).exists()
    return select(unsealed.c.seq).where(~is_there).order_by(unsealed.c.seq).limit(1)


@value
def _beyond() -> Select[int]:
    size = select(tree_row.c.size).scalar_subquery()
    return select(leaves.c.seq).where(leaves.c.place >= size).order_by(leaves.c.place).limit(1)
