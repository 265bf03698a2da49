"""Sealing: what is new goes into the tree, and a signed checkpoint leaves the house.

Events are written unsealed, in their own transaction. Several times a second one process, the one
that has the tree's row locked, takes what is new, in the order of its numbers, into the tree: leaves,
nodes, the edge and the checkpoint in one transaction, so that a kill leaves all or nothing. It goes
on only from a tree that it signed itself, and that holds what it has last given out.
"""

import contextlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import Delete, Select, Update, delete, exists, func, insert, select, update

from signon import logs
from signon.audit import notes, tree
from signon.audit.models import events, leaves, nodes, unsealed
from signon.audit.models import tree as tree_row
from signon.audit.notes import NoteKeys
from signon.audit.trail import kept
from signon.audit.tree import BrokenError, Row
from signon.db import Database, Unit
from signon.metrics import Gauge
from signon.prepared import change, every, one, value

EVERY = timedelta(seconds=0.25)
BATCH = 1000
PAUSE_SECONDS = 60.0
"""How long a sealer waits that has found the record changed: somebody has to look."""

_log = logs.get(__name__)


class Sealed(NamedTuple):
    """A checkpoint that was just signed, and how many records it took in."""

    note: str
    size: int
    number: int


def seal(unit: Unit, keys: NoteKeys, given_out: str = "") -> Sealed | None:
    """Take the next few records into the tree; None when there are none, or another is at it.

    `given_out` is the last checkpoint that left the house. Raises BrokenError: the tree is not
    the one that was signed last, or does not go on from what was given out.
    """
    row = tree.lock(unit)
    found = _new(unit, BATCH) if row else []
    if row is None or not found:
        return None
    edge = trusted(unit, row, keys, given_out).frontier()
    start, hashes, made = edge.size, [one.leaf_hash() for one in found], []
    for leaf in hashes:
        made += edge.append(leaf)
    # a thousand rows at once
    unit.execute(
        insert(leaves),
        [
            {"place": start + place, "seq": one.seq, "hash": leaf}
            for place, (one, leaf) in enumerate(zip(found, hashes, strict=True))
        ],
    )
    if made:
        unit.execute(insert(nodes), [one._asdict() for one in made])
    _forget(unit, start)
    note = keys.sign(edge.size, edge.root())
    _grow(unit, edge.size, edge.edge(), note, unit.now)
    return Sealed(note, edge.size, len(found))


def trusted(unit: Unit, row: Row, keys: NoteKeys, given_out: str = "") -> Row:
    """The tree's row, if it is the one that was signed, and goes on from what was given out.

    Raises BrokenError.
    """
    edge = row.frontier()
    if row.note or edge.size:
        if not row.note or not keys.is_ours(row.note):
            raise BrokenError("The checkpoint was not signed by a key of the ring.")
        signed = notes.read(row.note)
        if (signed.size, signed.root) != (edge.size, edge.root()):
            raise BrokenError("The tree is not the one that was signed.")
    if given_out and given_out != row.note:
        require_extended(unit, row.size, given_out)
    return row


def require_extended(unit: Unit, size: int, note: str) -> None:
    """Raises BrokenError unless a tree of `size` goes on from the checkpoint; InputError: none."""
    given = notes.read(note)
    if given.size > size:
        raise BrokenError(
            f"A checkpoint that was given out knows {given.size} records, the tree {size}: its end "
            "was cut off.",
            size + 1,
        )
    if tree.root_at(unit, given.size) != given.root:
        raise BrokenError(
            f"The first {given.size} records are not those of the checkpoint that was given out."
        )


class Sealer:
    """Seals in the background of a serving process, and gives each checkpoint out."""

    def __init__(self, database: Database, keys: NoteKeys, file: Path | None) -> None:
        self._database = database
        self._keys = keys
        self._file = file
        self._given_out = given_out(file)
        self._paused_until = 0.0

    async def settle(self) -> None:
        """Seal all that is new. Raises BrokenError, and then nothing for a while."""
        if monotonic() < self._paused_until:
            return
        while await self._database.read(_is_any):
            try:
                sealed = await self._database.write_long(seal, self._keys, self._given_out)
            except BrokenError as error:
                self._paused_until = monotonic() + PAUSE_SECONDS
                _log.error("the record was changed: nothing is sealed", reason=error.sentence)
                raise
            if sealed is None:
                return
            self._give_out(sealed)
            if sealed.number < BATCH:
                return

    def _give_out(self, sealed: Sealed) -> None:
        """What left the house, nobody who writes to the database takes back."""
        self._given_out = sealed.note
        _log.info("audit checkpoint", size=sealed.size, note=sealed.note)
        if self._file:
            fresh = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            try:
                fresh.write_text(sealed.note, encoding="utf-8")
                fresh.replace(self._file)
            except OSError as error:
                _log.error("no checkpoint could be written", reason=error.strerror)


def given_out(file: Path | None) -> str:
    """The checkpoint that a file holds; empty when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return file.read_text(encoding="utf-8") if file else ""
    return ""


class Waiting(NamedTuple):
    """What is unsealed: how many, and since when the oldest."""

    number: int
    since: datetime | None


def waiting(unit: Unit) -> Waiting:
    """As things stand."""
    return _waiting(unit) or Waiting(0, None)


async def measure(database: Database) -> list[Gauge]:
    """How far behind sealing is, for `/metrics`."""
    found = await database.read(waiting)
    lag = (database.clock() - found.since).total_seconds() if found.since else 0.0
    return [
        Gauge("signon_audit_unsealed", "Records that no checkpoint holds", (), {(): found.number}),
        Gauge(
            "signon_audit_sealing_lag_seconds",
            "How long the oldest of them has waited",
            (),
            {(): max(0.0, lag)},
        ),
    ]


@value
def _is_any() -> Select[bool]:
    found: Select[bool] = select(exists().select_from(unsealed))
    return found


@every(kept)
def _new(batch: int) -> Select[Any]:
    found: Select[Any] = select(*events.c).select_from(
        unsealed.join(events, events.c.seq == unsealed.c.seq)
    )
    return found.order_by(unsealed.c.seq).limit(batch)


@one(Waiting)
def _waiting() -> Select[int, datetime | None]:
    both = unsealed.outerjoin(events, events.c.seq == unsealed.c.seq)
    return select(func.count().label("number"), func.min(events.c.at).label("since")).select_from(
        both
    )


@change
def _forget(start: int) -> Delete:
    taken = select(leaves.c.seq).where(leaves.c.place >= start)
    return delete(unsealed).where(unsealed.c.seq.in_(taken))


@change
def _grow(size: int, edge: bytes, note: str, now: datetime) -> Update:
    return update(tree_row).values(size=size, edge=edge, note=note, sealed_at=now)
