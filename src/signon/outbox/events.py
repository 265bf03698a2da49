"""Putting an event into the outbox, and delivering what is due.

An event is written in the transaction of the change it tells of. Delivery is at least once:
a handler that raises is tried again after a growing wait, and given up after `MAX_ATTEMPTS`,
or at once when it raises `UndeliverableError`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from signon import ids, logs, metrics
from signon.db import Database, Unit
from signon.errors import SignonError
from signon.outbox.models import outbox

LEASE = timedelta(seconds=60)
DELIVERY_SECONDS = 45
"""How long a handler may take: shorter than the lease, or another process would try too."""
MAX_ATTEMPTS = 60
"""About two days: eleven growing waits, then one attempt an hour."""
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
BATCH = 10

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """An event leased for one delivery; `id` is the same at every attempt."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    created_at: datetime
    attempts: int


Handler = Callable[[Due], Awaitable[None]]
"""Delivers one event; raises when it did not arrive."""


class UndeliverableError(SignonError):
    """This event will never arrive, however often it is tried."""


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
    """Deliver what is due now, a batch side by side; answers how many arrived."""
    if not await database.read(_anything_due):
        return 0
    found = await database.write(lease)
    outcomes = await asyncio.gather(
        *(_deliver(database, handlers, due) for due in found), return_exceptions=True
    )
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return outcomes.count(True)


def lease(unit: Unit) -> list[Due]:
    """Take what is due, so that no other process does; a lease that ends falls due again."""
    found = unit.execute(_DUE.with_for_update(skip_locked=True), {"now": unit.now}).scalars().all()
    if not found:
        return []
    rows = unit.execute(
        _LEASE, {"now": unit.now, "until": unit.now + LEASE, "found": list(found)}
    ).all()
    return [Due(row.id, row.kind, row.payload, row.created_at, row.attempts) for row in rows]


def given_up(unit: Unit) -> int:
    """How many events could not be delivered and still stand here."""
    return unit.scalar(select(func.count()).where(outbox.c.failed_at.is_not(None))) or 0


async def _deliver(database: Database, handlers: Mapping[str, Handler], due: Due) -> bool:
    hopeless = False
    try:
        async with asyncio.timeout(DELIVERY_SECONDS):
            await handlers[due.kind](due)
    except Exception as error:  # noqa: BLE001 - whatever fails is tried again
        hopeless = isinstance(error, UndeliverableError) or due.attempts >= MAX_ATTEMPTS
        # never `str`: a mail server's answer repeats people's addresses
        reason = error.sentence if isinstance(error, SignonError) else type(error).__name__
        outcome = "given_up" if hopeless else "failed"
        _log.warning("delivery failed", kind=due.kind, id=due.id, error=reason, outcome=outcome)
        metrics.outbox_deliveries.labels(due.kind, outcome).inc()
        await database.write(_failed, due, reason, hopeless=hopeless)
        return False
    metrics.outbox_deliveries.labels(due.kind, "delivered").inc()
    await database.write(_arrived, due)
    return True


def _anything_due(unit: Unit) -> bool:
    return unit.scalar(_DUE.limit(1), {"now": unit.now}) is not None


def _arrived(unit: Unit, due: Due) -> None:
    unit.execute(update(outbox).where(outbox.c.id == due.id).values(done_at=unit.now, payload={}))


def _failed(unit: Unit, due: Due, error: str, *, hopeless: bool) -> None:
    wait = min(FIRST_WAIT * 2 ** min(due.attempts - 1, 20), LONGEST_WAIT)
    unit.execute(
        update(outbox)
        # somebody else's later attempt, after our lease ended, is not ours to report on
        .where(outbox.c.id == due.id, outbox.c.attempts == due.attempts, _WAITING)
        .values(
            due_at=unit.now + wait,
            failed_at=unit.now if hopeless else None,
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
    .returning(outbox.c.id, outbox.c.kind, outbox.c.payload, outbox.c.created_at, outbox.c.attempts)
)
