"""Recording an event, and the writer that puts a unit's events into the chain.

`record` only queues. The writer runs as the unit's last statements before the commit, because
the chain's head is one lock for everybody: taken early it deadlocks, held long it stops every
sign-in. An event holds ids, names of fields, counts and a reason, never personal data.

Chain: ``hash = SHA-256(previous hash | seq as 8 bytes, big-endian | SHA-256(record))``,
where the record is canonical JSON of the columns between `seq` and `hash`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import CTE, Insert, LargeBinary, Select, Update, func, insert, select, update

from signon import ids, metrics
from signon.audit.events import Event
from signon.audit.models import events, head, origins
from signon.db import Unit
from signon.prepared import change, every, given, one, value
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

    def digest(self) -> bytes:
        """SHA-256 of the record's canonical JSON."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        fields = [self.id, at, *self[2:]]
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).digest()


class Kept(NamedTuple):
    """A record in its place in the chain."""

    seq: int
    record: Record
    hash: bytes


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
    """The `before_commit` writer: append the unit's events to the chain."""
    queued = [entry for entry in unit.queue if isinstance(entry, _Queued)]
    unit.queue.clear()
    append = _append_in_one if unit.dialect == "postgresql" else _append_in_steps
    for entry in queued:
        append(unit, entry.record, entry.source)


def write_nothing(unit: Unit) -> None:
    """Write the chain's head as it is: where this is possible, so is every change.

    Raises BusyError or DBAPIError: somebody holds the head, the disk is full, the database is a
    standby that is only read.
    """
    _keep(unit)


def verify(unit: Unit, *, batch: int = 1000) -> Iterator[tuple[int, bool]]:
    """Walk the chain from its start: `(seq, holds)` for each record; stops at the first break.

    A chain that ends before its head (its end was cut off) breaks at the missing `seq`.
    What others append meanwhile is walked too.
    """
    previous, seq = ZERO, 0
    while True:
        for row in _page(unit, seq, batch):
            hashed = _chained(previous, row.seq, row.record.digest())
            holds = row.seq == seq + 1 and row.hash == hashed
            yield row.seq, holds
            if not holds:
                return
            previous, seq = row.hash, row.seq
        end = _end(unit)
        if end is None or (end.last or 0) <= seq:
            break
    if end is None or (end.seq, end.hash) != (seq, previous):
        yield seq + 1, False


def pages(unit: Unit, *, after: int = 0, batch: int = 1000) -> Iterator[Sequence[Kept]]:
    """The records after `after` in their order, a batch at a time."""
    while rows := _page(unit, after, batch):
        yield rows
        after = rows[-1].seq


def last(unit: Unit) -> int:
    """How many records there are."""
    return _last(unit) or 0


def _chained(previous: bytes, seq: int, digest: bytes) -> bytes:
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + digest).digest()


def _append_in_one(unit: Unit, made: Record, source: Source | None) -> None:
    if source is None:
        _append(unit, made.digest(), made)
    else:
        _append_with_origin(unit, made.digest(), made, _seen(source))


def _append_in_steps(unit: Unit, made: Record, source: Source | None) -> None:
    end = _head(unit)
    assert end, "the first migration makes the chain's head"
    hashed = _chained(end.hash, end.seq + 1, made.digest())
    _insert(unit, end.seq + 1, hashed, made)
    _move(unit, end.seq + 1, hashed)
    if source is not None:
        _insert_origin(unit, made.id, made.at, _seen(source))


class _Seen(NamedTuple):
    address: str
    user_agent: str
    request_id: str


def _seen(source: Source) -> _Seen:
    return _Seen(source.address, source.user_agent, source.request_id)


class _ChainHead(NamedTuple):
    seq: int
    hash: bytes


class _End(NamedTuple):
    seq: int
    hash: bytes
    last: int | None


def _kept(seq: int, *columns: Any) -> Kept:
    *record, hashed = columns
    return Kept(seq, Record(*record), hashed)


@every(_kept)
def _page(after: int, batch: int) -> Select[Any]:
    return select(*events.c).where(events.c.seq > after).order_by(events.c.seq).limit(batch)


@value
def _last() -> Select[int]:
    return select(head.c.seq).select_from(head)


@one(_ChainHead)
def _head() -> Select[int, bytes]:
    return select(head.c.seq, head.c.hash).select_from(head)


@one(_End)
def _end() -> Select[int, bytes, int | None]:
    """In one statement, so that nobody can append between the two looks."""
    last = select(func.max(events.c.seq)).scalar_subquery().label("last")
    return select(head.c.seq, head.c.hash, last).select_from(head)


@change
def _insert(seq: int, hashed: bytes, made: Record) -> Insert:
    return insert(events).values(seq=seq, hash=hashed, **made._asdict())


@change
def _move(seq: int, hashed: bytes) -> Update:
    return update(head).values(seq=seq, hash=hashed)


@change
def _keep() -> Update:
    return update(head).values(seq=head.c.seq)


@change
def _insert_origin(event_id: str, at: datetime, seen: _Seen) -> Insert:
    return insert(origins).values(event_id=event_id, at=at, **seen._asdict())


@change
def _append(digest: bytes, made: Record) -> Insert:
    return _appended(digest, made)


@change
def _append_with_origin(digest: bytes, made: Record, source: _Seen) -> Insert:
    seen = insert(origins).values(event_id=made.id, at=made.at, **source._asdict())
    return _appended(digest, made).add_cte(seen.cte("new_origin"))


def _appended(digest: bytes, made: Record) -> Insert:
    end = _new_head(digest)
    return insert(events).from_select(
        ["seq", "hash", *Record._fields],
        select(end.c.seq, end.c.hash, *(given(column) for column in made)),
    )


def _new_head(digest: bytes) -> CTE:
    following = func.int8send(head.c.seq + 1, type_=LargeBinary)
    chained = head.c.hash.concat(following).concat(given(digest))
    return (
        update(head)
        .values(seq=head.c.seq + 1, hash=func.sha256(chained, type_=LargeBinary))
        .returning(head.c.seq, head.c.hash)
        .cte("new_head")
    )
