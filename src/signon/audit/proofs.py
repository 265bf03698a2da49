"""A court's own part of the record, with the tree that proves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from signon.audit import tree
from signon.audit.models import AT_DESKS, events, leaves
from signon.audit.trail import kept
from signon.audit.tree import StoredTree
from signon.db import Unit
from signon.prepared import every


class Leaf(NamedTuple):
    """An event's leaf, and its place in the tree."""

    seq: int
    place: int
    leaf: str


@dataclass(frozen=True, slots=True)
class Proved:
    """Sealed events, and the tree of the checkpoint that proves them."""

    note: str
    size: int
    tree: StoredTree
    events: Sequence[Leaf]


def of_court(unit: Unit, court_id: str, *, before: int, limit: int) -> Proved:
    """At most `limit` sealed events of a court that its staff are shown, newest first.

    Raises BrokenError: the tree's row is gone.
    """
    row = tree.look(unit)
    found = _of_court(unit, court_id, before, row.size, limit)
    return Proved(row.note, row.size, StoredTree(unit), found)


def _leaf(place: int, *columns: Any) -> Leaf:
    found = kept(*columns)
    return Leaf(found.seq, place, found.leaf())


@every(_leaf)
def _of_court(court_id: str, before: int, size: int, limit: int) -> Select[Any]:
    both = events.join(leaves, leaves.c.seq == events.c.seq)
    columns: list[Any] = [leaves.c.place, *events.c]
    found: Select[Any] = select(*columns).select_from(both)
    return (
        found.where(events.c.court_id == court_id, AT_DESKS)
        .where(events.c.seq < before, leaves.c.place < size)
        .order_by(events.c.seq.desc())
        .limit(limit)
    )
