"""Putting an event into the outbox, and delivering what is due.

An event is written in the transaction of the change it tells of. Delivery is at least once:
a handler that raises is tried again after a growing wait, and given up after `MAX_ATTEMPTS`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from signon import ids, logs, metrics
from signon.db import Database, Unit
from signon.outbox.models import outbox

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 12
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
BATCH = 20

_log = logs.get(__name__)

Handler = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Delivers one payload; raises when it did not arrive."""


@dataclass(frozen=True, slots=True)
class Due:
    """An event leased for one delivery."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    attempts: int


def put(unit: Unit, kind: str, payload: Mapping[str, Any]) -> None:
    """Queue an event of a kind for which `app` has registered a handler."""
    unit.execute(
        insert(outbox),
        {
            "id": ids.new_id(),
            "kind": kind,
            "payload": dict(payload),
            "created_at": unit.now,
            "due_at": unit.now,
            "attempts": 0,
        },
    )


async def deliver_due(database: Database, handlers: Mapping[str, Handler]) -> int:
    """Deliver what is due now, one by one; answers how many arrived."""
    arrived = 0
    if not await database.read(_anything_due):
        return 0
    for due in await database.write(lease):
        try:
            await handlers[due.kind](due.payload)
        except Exception as error:  # noqa: BLE001 - whatever fails is tried again
            _log.warning("delivery failed", kind=due.kind, id=due.id, error=repr(error))
            metrics.outbox_deliveries.labels(due.kind, "failed").inc()
            await database.write(_failed, due, type(error).__name__)
        else:
            metrics.outbox_deliveries.labels(due.kind, "delivered").inc()
            await database.write(_arrived, due)
            arrived += 1
    return arrived


def lease(unit: Unit) -> list[Due]:
    """Take what is due, so that no other process does; a lease that ends falls due again."""
    found = unit.execute(_DUE, {"now": unit.now}).scalars().all()
    if not found:
        return []
    rows = unit.execute(
        _LEASE, {"now": unit.now, "until": unit.now + LEASE, "found": list(found)}
    ).all()
    return [Due(row.id, row.kind, row.payload, row.attempts) for row in rows]


def _anything_due(unit: Unit) -> bool:
    return unit.scalar(_DUE.limit(1), {"now": unit.now}) is not None


def _arrived(unit: Unit, due: Due) -> None:
    unit.execute(update(outbox).where(outbox.c.id == due.id).values(done_at=unit.now, payload={}))


def _failed(unit: Unit, due: Due, error: str) -> None:
    wait = min(FIRST_WAIT * 2 ** (due.attempts - 1), LONGEST_WAIT)
    given_up = due.attempts >= MAX_ATTEMPTS
    unit.execute(
        update(outbox)
        .where(outbox.c.id == due.id)
        .values(
            due_at=unit.now + wait,
            failed_at=unit.now if given_up else None,
            last_error=error,
        )
    )


_WAITING = outbox.c.done_at.is_(None) & outbox.c.failed_at.is_(None)
_DUE = (
    select(outbox.c.id)
    .where(_WAITING, outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.due_at)
    .limit(BATCH)
)
_LEASE = (
    update(outbox)
    .where(
        outbox.c.id.in_(bindparam("found", expanding=True)),
        _WAITING,
        outbox.c.due_at <= bindparam("now"),
    )
    .values(due_at=bindparam("until"), attempts=outbox.c.attempts + 1)
    .returning(outbox.c.id, outbox.c.kind, outbox.c.payload, outbox.c.attempts)
)
