"""Recording an event, and the writer that puts a unit's events into the record.

`record` only queues. The writer runs as the unit's last statements before the commit; each event is
one of them, waits for nobody, and lies unsealed until `sealing` takes it into the tree. An event
holds ids, names of fields, counts and a reason, never personal data.

Leaf: canonical JSON of `seq` and the record's columns; of a record from before the tree, also of
the hash that the chain gave it: ``SHA-256(previous hash | seq as 8 bytes | SHA-256(record))``.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Insert, Select, func, insert, select

from signon import ids, metrics
from signon.audit import merkle
from signon.audit.events import Event
from signon.audit.models import events, origins, tree, unsealed
from signon.db import Unit
from signon.prepared import change, every, value
from signon.web.visitor import Source

SYSTEM = "system"
COMMAND_LINE = "command_line"
ZERO = bytes(32)


class Record(NamedTuple):
    """One event before it has its place in the chain."""

    id: str
    at: datetime
    event: str
    actor: str
    account_id: str | None
    client_id: str | None
    court_id: str | None
    reason: str | None
    detail: Mapping[str, Any]

    def fields(self) -> list[Any]:
        """What is hashed, in its order."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return [self.id, at, *self[2:]]


class Kept(NamedTuple):
    """A record in its place; `hash` is the chain's, empty since there is a tree."""

    seq: int
    record: Record
    hash: bytes

    def leaf(self) -> str:
        """The canonical JSON that stands in the tree."""
        chained = [self.hash.hex()] if self.hash else []
        return _canonical([self.seq, *self.record.fields(), *chained])

    def leaf_hash(self) -> bytes:
        """Its hash (RFC 6962 section 2.1)."""
        return merkle.leaf_hash(self.leaf().encode())

    def chained(self, previous: bytes) -> bytes:
        """The hash that the chain gives it behind that one."""
        digest = hashlib.sha256(_canonical(self.record.fields()).encode()).digest()
        return hashlib.sha256(previous + self.seq.to_bytes(8, "big") + digest).digest()


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class _Queued:
    record: Record
    source: Source | None


def record(
    unit: Unit,
    event: Event,
    *,
    actor: str,
    account_id: str | None = None,
    client_id: str | None = None,
    court_id: str | None = None,
    reason: str | None = None,
    source: Source | None = None,
    **detail: Any,
) -> str:
    """Queue an event for the end of this unit; answers its id, for the feature's history.

    `actor` is an account's id, a client's id, `SYSTEM` or `COMMAND_LINE`; `account_id` is the
    account that the event is about. `detail` takes ids, counts and names of fields only.
    """
    event_id = ids.new_id()
    made = Record(event_id, unit.now, event, actor, account_id, client_id, court_id, reason, detail)
    unit.queue.append(_Queued(made, source))
    metrics.events.labels(event).inc()
    return event_id


def write_queued(unit: Unit) -> None:
    """The `before_commit` writer: put the unit's events into the record, unsealed."""
    queued = [entry for entry in unit.queue if isinstance(entry, _Queued)]
    unit.queue.clear()
    add = _add_in_one if unit.dialect == "postgresql" else _add_in_steps
    for entry in queued:
        add(unit, entry.record, entry.source)


def pages(unit: Unit, *, after: int = 0, batch: int = 1000) -> Iterator[Sequence[Kept]]:
    """The records after `after` in the order of their numbers, a batch at a time."""
    while rows := _page(unit, after, batch):
        yield rows
        after = rows[-1].seq


def newest(unit: Unit, number: int) -> list[Kept]:
    """The last few records, the newest last."""
    return _newest(unit, number)[::-1]


def number(unit: Unit) -> int:
    """How many records there are."""
    return _number(unit) or 0


def _add_in_one(unit: Unit, made: Record, source: Source | None) -> None:
    if source is None:
        _add(unit, made)
    else:
        _add_with_origin(unit, made, _seen(source))


def _add_in_steps(unit: Unit, made: Record, source: Source | None) -> None:
    # there is one writer
    seq = (_last(unit) or 0) + 1
    _insert(unit, seq, made)
    _insert_unsealed(unit, seq)
    if source is not None:
        _insert_origin(unit, made.id, made.at, _seen(source))


class _Seen(NamedTuple):
    address: str
    user_agent: str
    request_id: str


def _seen(source: Source) -> _Seen:
    return _Seen(source.address, source.user_agent, source.request_id)


def kept(seq: int, *columns: Any) -> Kept:
    """A row of the events' table, whose columns stand in this order."""
    *record, hashed = columns
    return Kept(seq, Record(*record), hashed)


@every(kept)
def _page(after: int, batch: int) -> Select[Any]:
    return select(*events.c).where(events.c.seq > after).order_by(events.c.seq).limit(batch)


@every(kept)
def _newest(number: int) -> Select[Any]:
    return select(*events.c).order_by(events.c.seq.desc()).limit(number)


@value
def _number() -> Select[int]:
    waiting = select(func.count()).select_from(unsealed).scalar_subquery()
    return select(tree.c.size + waiting)


@value
def _last() -> Select[int]:
    return select(func.max(events.c.seq))


@change
def _insert(seq: int, made: Record) -> Insert:
    return insert(events).values(seq=seq, hash=b"", **made._asdict())


@change
def _insert_unsealed(seq: int) -> Insert:
    return insert(unsealed).values(seq=seq)


@change
def _insert_origin(event_id: str, at: datetime, seen: _Seen) -> Insert:
    return insert(origins).values(event_id=event_id, at=at, **seen._asdict())


@change
def _add(made: Record) -> Insert:
    return _added(made)


@change
def _add_with_origin(made: Record, source: _Seen) -> Insert:
    seen = insert(origins).values(event_id=made.id, at=made.at, **source._asdict())
    return _added(made).add_cte(seen.cte("new_origin"))


def _added(made: Record) -> Insert:
    following = func.nextval("audit_events_seq", type_=BigInteger)
    event = insert(events).values(seq=following, hash=b"", **made._asdict())
    added = event.returning(events.c.seq).cte("new_event")
    return insert(unsealed).from_select(["seq"], select(added.c.seq))
