"""Looking for events in the trail: about whom, of what kind, since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select, union_all

from signon.audit.activity import NEWEST
from signon.audit.events import Event
from signon.audit.models import ON_OTHERS, events, origins
from signon.db import Unit
from signon.prepared import value

LATE = timedelta(hours=1)
"""No unit lasts as long: an event is written at most so late after its moment."""
_ON_OTHERS: ColumnElement[bool] = literal_column(ON_OTHERS.text)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; None is everything.

    `account_id`: what is about the account, and what it did itself. `event`: its name, or the
    beginning of names up to a colon, such as `signin:`.
    """

    account_id: str | None = None
    client_id: str | None = None
    event: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An event in its place."""

    seq: int
    at: datetime
    event: str
    actor: str
    account_id: str | None
    client_id: str | None
    court_id: str | None
    reason: str | None
    detail: dict[str, Any]


def find(unit: Unit, wanted: Wanted, *, before: int = NEWEST, limit: int) -> Sequence[Found]:
    """At most `limit` events with a `seq` below `before`, newest first."""
    kinds = _kinds(wanted.event)
    within = [events.c.seq < before]
    if wanted.client_id:
        within.append(events.c.client_id == wanted.client_id)
    if wanted.since:
        within.append(events.c.at >= wanted.since)
        if floor := _last_before(unit, wanted.since - LATE):
            within.append(events.c.seq > floor)
    if wanted.account_id or wanted.client_id:
        within += [events.c.event.in_(kinds)] if wanted.event else []
        return _newest(unit, [[*within, *one] for one in _about(wanted.account_id)], limit)
    if wanted.event:
        return _newest(unit, [[*within, events.c.event == kind] for kind in kinds], limit)
    return _newest(unit, [within], limit)


def latest(unit: Unit, kinds: Sequence[Event], *, limit: int) -> Sequence[Found]:
    """The newest of some kinds, whatever else happened since: each kind's are looked up by themselves."""
    return _newest(unit, [[events.c.event == kind.value] for kind in kinds], limit)


def _kinds(name: str | None) -> list[str]:
    if name is None or not name.endswith(":"):
        return [name] if name else []
    return [one.value for one in Event if one.value.startswith(name)]


def _about(account_id: str | None) -> list[list[ColumnElement[bool]]]:
    """What is about it, and what it did to others: two indexes."""
    if account_id is None:
        return [[]]
    return [[events.c.account_id == account_id], [events.c.actor == account_id, _ON_OTHERS]]


def _newest(
    unit: Unit, walks: Sequence[Sequence[ColumnElement[bool]]], limit: int
) -> Sequence[Found]:
    """The newest that any of the walks meets, each of which is along an index of its own."""
    if not walks:
        return []
    # composed by what is looked for
    each = (
        select(events.c.seq).where(*one).order_by(events.c.seq.desc()).limit(limit).subquery()
        for one in walks
    )
    newest = union_all(*(select(one.c.seq) for one in each)).subquery()
    columns = [events.c[name] for name in Found.__dataclass_fields__]
    of_them = select(*columns).where(events.c.seq.in_(select(newest.c.seq)))
    return [Found(*row) for row in unit.execute(of_them.order_by(events.c.seq.desc()).limit(limit))]


@value
def _last_before(moment: datetime) -> Select[int]:
    """A place in the trail up to which everything is earlier, but for what took `LATE` to be written."""
    return (
        select(events.c.seq)
        .select_from(origins.join(events, events.c.id == origins.c.event_id))
        .where(origins.c.at < moment)
        .order_by(origins.c.at.desc())
        .limit(1)
    )
