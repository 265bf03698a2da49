"""Putting an event into the outbox, and delivering what is due.

An event is written in the transaction of the change it tells of. Delivery is at least once:
a handler that raises is tried again for as long as its kind has a wait left, and given up then,
or at once when it raises `UndeliverableError`. Events go in lanes, one for each place that they
are for, and few of a lane at a time: a place that is slow or dead holds up only its own.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Insert, Select, Update, delete, func, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate

from signon import ids, logs, metrics
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import SignonError
from signon.outbox.models import outbox, seal_context
from signon.prepared import change, every, one, value, values

LEASE = timedelta(seconds=60)
DELIVERY_SECONDS = 45
"""How long a handler may take: shorter than the lease, or another process would try too."""
MAX_ATTEMPTS = 60
"""About two days: eleven growing waits, then one attempt an hour."""
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
AT_ONCE = 8
"""Deliveries under way in a process."""
OF_A_LANE = 4
"""How many of them may be of one lane."""
LOOK_SECONDS = 0.5
"""How often a process that is delivering looks for more."""

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """An event leased for one delivery; `id` is the same at every attempt."""

    ring: KeyRing = field(repr=False)
    id: str
    kind: str
    lane: str
    plain: Mapping[str, Any]
    sealed: bytes | None
    created_at: datetime
    attempts: int

    @property
    def payload(self) -> Mapping[str, Any]:
        """What was queued. Raises UnsealError."""
        return opened(self.ring, self.id, self.plain, self.sealed)


Handler = Callable[[Due], Awaitable[None]]
"""Delivers one event; raises when it did not arrive."""
Patience = Callable[[int], timedelta | None]
"""How long to wait after so many failed attempts; None when there is to be no other."""


def days(attempts: int) -> timedelta | None:
    """The patience of a kind that names no other: mail, for one, may come late."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return min(FIRST_WAIT * (1 << min(attempts - 1, 20)), LONGEST_WAIT)


class UndeliverableError(SignonError):
    """This event will never arrive, however often it is tried."""


def put(
    unit: Unit,
    kind: str,
    payload: Mapping[str, Any],
    *,
    lane: str | None = None,
    event_id: str | None = None,
) -> None:
    """Queue an event of a kind for which `app` has registered a handler.

    One that was queued before under the same `event_id` is not queued again.
    """
    _put(unit, _row(unit, event_id or ids.new_id(), kind, lane, payload))


def put_many(
    unit: Unit, kind: str, payloads: Sequence[Mapping[str, Any]], *, lane: str | None = None
) -> list[str]:
    """Queue several events of a kind at once; answers their ids."""
    rows = [_row(unit, ids.new_id(), kind, lane, payload) for payload in payloads]
    unit.execute(insert(outbox), [row._asdict() for row in rows])
    return [row.id for row in rows]


def opened(
    ring: KeyRing, event_id: str, plain: Mapping[str, Any], sealed: bytes | None
) -> Mapping[str, Any]:
    """What a row says; one without a seal was queued by an earlier release. Raises UnsealError."""
    if sealed is None:
        return plain
    found: Mapping[str, Any] = json.loads(ring.open(sealed, seal_context(event_id)))
    return found


class _New(NamedTuple):
    id: str
    kind: str
    lane: str | None
    payload: Mapping[str, Any]
    sealed: bytes
    created_at: datetime
    due_at: datetime
    attempts: int = 0


def _row(
    unit: Unit, event_id: str, kind: str, lane: str | None, payload: Mapping[str, Any]
) -> _New:
    """Sealed: mails carry names, addresses and links that open something."""
    written = json.dumps(payload, separators=(",", ":")).encode()
    sealed = unit.ring.seal(written, seal_context(event_id))
    return _New(event_id, kind, lane, {}, sealed, unit.now, unit.now)


async def deliver_due(
    database: Database,
    handlers: Mapping[str, Handler],
    patience: Mapping[str, Patience] | None = None,
) -> int:
    """Deliver until nothing is due; answers how many arrived.

    `patience` is by kind; kinds that are not in it have `days`.
    """
    arrived = 0
    running: dict[asyncio.Task[bool], str] = {}
    try:
        while True:
            for due in await _next(database, Counter(running.values())):
                waits = (patience or {}).get(due.kind, days)
                delivery = asyncio.create_task(_deliver(database, handlers, due, waits))
                running[delivery] = due.lane
            if not running:
                return arrived
            done, _ = await asyncio.wait(
                running, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            for delivery in done:
                del running[delivery]
            arrived += [delivery.result() for delivery in done].count(True)
    except asyncio.CancelledError:
        for delivery in running:
            delivery.cancel()
        raise
    finally:
        # one that could not be written down as done is no reason to break off the others
        await asyncio.gather(*running, return_exceptions=True)


async def _next(database: Database, under_way: Counter[str]) -> list[Due]:
    room = AT_ONCE - under_way.total()
    if room <= 0 or not await database.read(_anything_due, under_way):
        return []
    return await database.write(lease, room, under_way)


def lease(unit: Unit, room: int = AT_ONCE, under_way: Mapping[str, int] | None = None) -> list[Due]:
    """Take what is due, so that no other process does; a lease that ends falls due again.

    `under_way` counts this process's deliveries by lane: the lanes with the fewest come first,
    and none gets more than `OF_A_LANE`.
    """
    busy = Counter(under_way)
    found = _candidates(unit, unit.now, *_full(busy))
    turns = sorted((busy[row.lane] + row.place, number) for number, row in enumerate(found))
    taken = [found[number].id for turn, number in turns if turn <= OF_A_LANE][:room]
    if not taken:
        return []
    return [Due(unit.ring, *row) for row in _lease(unit, unit.now, unit.now + LEASE, *taken)]


def given_up(unit: Unit) -> int:
    """How many events could not be delivered and still stand here."""
    return _number_given_up(unit) or 0


async def _deliver(
    database: Database, handlers: Mapping[str, Handler], due: Due, patience: Patience
) -> bool:
    try:
        async with asyncio.timeout(DELIVERY_SECONDS):
            await handlers[due.kind](due)
    except Exception as error:  # noqa: BLE001 - whatever fails is tried again
        wait = None if isinstance(error, UndeliverableError) else patience(due.attempts)
        # never `str`: a mail server's answer repeats people's addresses
        reason = error.told if isinstance(error, SignonError) else type(error).__name__
        outcome = "given_up" if wait is None else "failed"
        _log.warning("delivery failed", kind=due.kind, id=due.id, error=reason, outcome=outcome)
        metrics.outbox_deliveries.labels(due.kind, outcome).inc()
        await database.write(_failed, due, reason, wait)
        return False
    metrics.outbox_deliveries.labels(due.kind, "delivered").inc()
    await database.write(_arrived, due)
    return True


def _anything_due(unit: Unit, under_way: Mapping[str, int]) -> bool:
    return _any_due(unit, unit.now, *_full(under_way)) is not None


def _full(under_way: Mapping[str, int]) -> list[str]:
    return [lane for lane, number in under_way.items() if number >= OF_A_LANE]


def _arrived(unit: Unit, due: Due) -> None:
    _done(unit, due.id, unit.now)


def _failed(unit: Unit, due: Due, error: str, wait: timedelta | None) -> None:
    again, gone = unit.now + (wait or timedelta()), unit.now if wait is None else None
    _note_failure(unit, due.id, due.attempts, due_at=again, failed_at=gone, error=error)


class _Candidate(NamedTuple):
    id: str
    lane: str
    place: int


class _Leased(NamedTuple):
    id: str
    kind: str
    lane: str
    payload: dict[str, Any]
    sealed: bytes | None
    created_at: datetime
    attempts: int


_LANE: ColumnElement[str] = func.coalesce(outbox.c.lane, outbox.c.kind)
_WAITING = outbox.c.done_at.is_(None) & outbox.c.failed_at.is_(None)


def _is_due(now: datetime, full: Sequence[str]) -> Sequence[ColumnElement[bool]]:
    due = (_WAITING, outbox.c.due_at <= now)
    return (*due, _LANE.not_in(full)) if full else due


@change
def _put(row: _New) -> Insert:
    return insert(outbox).values(**row._asdict()).on_conflict_do_nothing()


@value
def _any_due(now: datetime, *full: str) -> Select[str]:
    return select(outbox.c.id).where(*_is_due(now, full)).limit(1)


@every(_Candidate)
def _candidates(now: datetime, *full: str) -> Select[str, str, int]:
    """What is due, with its place in its lane."""
    turn = func.row_number().over(partition_by=_LANE, order_by=outbox.c.due_at)
    places = select(outbox.c.id, turn.label("place")).where(*_is_due(now, full)).subquery()
    return (
        select(outbox.c.id, _LANE.label("lane"), places.c.place)
        .join(places, places.c.id == outbox.c.id)
        .where(places.c.place <= OF_A_LANE, *_is_due(now, full))
        .order_by(outbox.c.due_at)
        .with_for_update(of=outbox, skip_locked=True)
    )


@every(_Leased)
def _lease(
    now: datetime, until: datetime, *taken: str
) -> ReturningUpdate[str, str, str, dict[str, Any], bytes | None, datetime, int]:
    return (
        update(outbox)
        .where(outbox.c.id.in_(taken), _WAITING, outbox.c.due_at <= now)
        .values(due_at=until, attempts=outbox.c.attempts + 1)
        .returning(
            outbox.c.id,
            outbox.c.kind,
            _LANE.label("lane"),
            outbox.c.payload,
            outbox.c.sealed,
            outbox.c.created_at,
            outbox.c.attempts,
        )
    )


@value
def waiting(lane: str) -> Select[int]:
    """How many events of a lane are still to arrive."""
    return select(func.count()).where(outbox.c.lane == lane, _WAITING)


@values
def withdraw(lane: str) -> ReturningDelete[str]:
    """Take back what of a lane nobody has tried to deliver; answers the ids."""
    untried = outbox.c.lane == lane, outbox.c.attempts == 0
    return delete(outbox).where(*untried, _WAITING).returning(outbox.c.id)


class Outstanding(NamedTuple):
    """An event that has not arrived: tried so often, next at `due_at`, or given up."""

    id: str
    lane: str
    created_at: datetime
    attempts: int
    due_at: datetime
    failed_at: datetime | None
    last_error: str | None


@every(Outstanding)
def outstanding(
    kind: str, limit: int
) -> Select[str, str, datetime, int, datetime, datetime | None, str | None]:
    """What of a kind was tried and did not arrive, the oldest first, given up or not."""
    found = select(
        outbox.c.id,
        _LANE.label("lane"),
        outbox.c.created_at,
        outbox.c.attempts,
        outbox.c.due_at,
        outbox.c.failed_at,
        outbox.c.last_error,
    )
    tried = outbox.c.kind == kind, outbox.c.done_at.is_(None), outbox.c.attempts > 0
    return found.where(*tried).order_by(outbox.c.created_at, outbox.c.id).limit(limit)


class Standing(NamedTuple):
    """How many events wait, when the first of them fell due, and how many were given up."""

    waiting: int
    due_since: datetime | None
    given_up: int


@one(Standing)
def standing() -> Select[int, datetime | None, int]:
    """The outbox in figures."""
    is_open = outbox.c.done_at.is_(None), outbox.c.failed_at.is_(None)
    given_up = select(func.count()).where(outbox.c.failed_at.is_not(None)).scalar_subquery()
    due_since = func.min(outbox.c.due_at).label("due_since")
    waiting = select(func.count().label("waiting"), due_since, given_up.label("given_up"))
    return waiting.select_from(outbox).where(*is_open)


@value
def _number_given_up() -> Select[int]:
    return select(func.count()).where(outbox.c.failed_at.is_not(None))


@change
def _done(event_id: str, now: datetime) -> Update:
    gone = update(outbox).where(outbox.c.id == event_id)
    return gone.values(payload={}, sealed=null(), done_at=now)


@change
def _note_failure(
    event_id: str, attempts: int, *, due_at: datetime, failed_at: datetime | None, error: str
) -> Update:
    """Somebody else's later attempt, after our lease ended, is not ours to report on."""
    return (
        update(outbox)
        .where(outbox.c.id == event_id, outbox.c.attempts == attempts, _WAITING)
        .values(due_at=due_at, failed_at=failed_at, last_error=error)
    )
