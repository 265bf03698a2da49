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
from typing import Any

from sqlalchemy import LargeBinary, bindparam, func, insert, select, update

from signon import ids, metrics
from signon.audit.events import Event
from signon.audit.models import events, head, origins
from signon.db import Unit
from signon.prepared import Prepared
from signon.web.visitor import Source

SYSTEM = "system"
COMMAND_LINE = "command_line"
ZERO = bytes(32)


@dataclass(frozen=True, slots=True)
class Record:
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
        fields = [
            self.id,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.event,
            self.actor,
            self.account_id,
            self.client_id,
            self.court_id,
            self.reason,
            self.detail,
        ]
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).digest()


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


def verify(unit: Unit, *, batch: int = 1000) -> Iterator[tuple[int, bool]]:
    """Walk the chain from its start: `(seq, holds)` for each record; stops at the first break.

    A chain that ends before its head (its end was cut off) breaks at the missing `seq`.
    What others append meanwhile is walked too.
    """
    previous, seq = ZERO, 0
    while True:
        for row in unit.execute(_PAGE, {"after": seq, "batch": batch}).all():
            made = Record(*row[1:10])
            holds = row.seq == seq + 1 and row.hash == _chained(previous, row.seq, made.digest())
            yield row.seq, holds
            if not holds:
                return
            previous, seq = row.hash, row.seq
        end = unit.execute(_END).one_or_none()
        if end is None or (end.last or 0) <= seq:
            break
    if end is None or (end.seq, end.hash) != (seq, previous):
        yield seq + 1, False


def pages(unit: Unit, *, after: int = 0, batch: int = 1000) -> Iterator[Sequence[Any]]:
    """The records after `after` in their order, as rows, a batch at a time."""
    while rows := unit.execute(_PAGE, {"after": after, "batch": batch}).all():
        yield rows
        after = rows[-1].seq


def last(unit: Unit) -> int:
    """How many records there are."""
    return unit.scalar(select(head.c.seq)) or 0


def _chained(previous: bytes, seq: int, digest: bytes) -> bytes:
    return hashlib.sha256(previous + seq.to_bytes(8, "big") + digest).digest()


def _row(made: Record) -> dict[str, Any]:
    columns = ("id", "at", "event", "actor", "account_id", "client_id", "court_id", "reason")
    return {"detail": dict(made.detail), **{name: getattr(made, name) for name in columns}}


def _append_in_one(unit: Unit, made: Record, source: Source | None) -> None:
    # prefixed: a plain `id` would be taken for the head's own column
    values = {f"new_{name}": value for name, value in _row(made).items()}
    values["digest"] = made.digest()
    if source is None:
        unit.change(_APPEND, values)
    else:
        unit.change(_APPEND_WITH_ORIGIN, values | _origin_row(made, source))


def _append_in_steps(unit: Unit, made: Record, source: Source | None) -> None:
    end = unit.execute(select(head.c.seq, head.c.hash)).one()
    hashed = _chained(end.hash, end.seq + 1, made.digest())
    unit.execute(insert(events), {**_row(made), "seq": end.seq + 1, "hash": hashed})
    unit.execute(update(head).values(seq=end.seq + 1, hash=hashed))
    if source is not None:
        unit.execute(_INSERT_ORIGIN, _origin_row(made, source))


def _origin_row(made: Record, source: Source) -> dict[str, Any]:
    return {
        "origin_event_id": made.id,
        "origin_at": made.at,
        "origin_address": source.address,
        "origin_user_agent": source.user_agent,
        "origin_request_id": source.request_id,
    }


_INSERT_ORIGIN = insert(origins).values(
    {column.name: bindparam(f"origin_{column.name}", type_=column.type) for column in origins.c}
)
_PAGE = (
    select(*events.c)
    .where(events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
    .limit(bindparam("batch"))
)
# in one statement, so that nobody can append between the two looks
_END = select(
    head.c.seq, head.c.hash, select(func.max(events.c.seq)).scalar_subquery().label("last")
)
_NEW_HEAD = (
    update(head)
    .values(
        seq=head.c.seq + 1,
        hash=func.sha256(
            head.c.hash.concat(func.int8send(head.c.seq + 1, type_=LargeBinary)).concat(
                bindparam("digest", type_=LargeBinary)
            ),
            type_=LargeBinary,
        ),
    )
    .returning(head.c.seq, head.c.hash)
    .cte("new_head")
)
_COLUMNS = [column for column in events.c if column.name not in {"seq", "hash"}]
_INSERT_EVENT = insert(events).from_select(
    ["seq", "hash", *(column.name for column in _COLUMNS)],
    select(
        _NEW_HEAD.c.seq,
        _NEW_HEAD.c.hash,
        *(bindparam(f"new_{column.name}", type_=column.type) for column in _COLUMNS),
    ),
)
_APPEND = Prepared(_INSERT_EVENT)
_APPEND_WITH_ORIGIN = Prepared(_INSERT_EVENT.add_cte(_INSERT_ORIGIN.cte("new_origin")))
