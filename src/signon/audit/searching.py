"""Looking for events in the trail: about whom, of what kind, since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, union_all

from signon.audit.activity import NEWEST
from signon.audit.events import Event
from signon.audit.models import events
from signon.db import Unit


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
    # composed by what is looked for
    columns = [events.c[name] for name in Found.__dataclass_fields__]
    found: Any = select(*columns).where(events.c.seq < before)
    if wanted.account_id:
        about = events.c.account_id == wanted.account_id
        found = found.where(or_(about, events.c.actor == wanted.account_id))
    if wanted.client_id:
        found = found.where(events.c.client_id == wanted.client_id)
    if wanted.event and wanted.event.endswith(":"):
        found = found.where(events.c.event.startswith(wanted.event, autoescape=True))
    elif wanted.event:
        found = found.where(events.c.event == wanted.event)
    if wanted.since:
        found = found.where(events.c.at >= wanted.since)
    newest = found.order_by(events.c.seq.desc()).limit(limit)
    return [Found(*row) for row in unit.execute(newest)]


def latest(unit: Unit, kinds: Sequence[Event], *, limit: int) -> Sequence[Found]:
    """The newest of some kinds, whatever else happened since: each kind's are looked up by themselves."""
    # composed of the kinds
    each = (
        select(events.c.seq)
        .where(events.c.event == kind.value)
        .order_by(events.c.seq.desc())
        .limit(limit)
        .subquery()
        for kind in kinds
    )
    newest = union_all(*(select(one.c.seq) for one in each)).subquery()
    columns = [events.c[name] for name in Found.__dataclass_fields__]
    of_them = select(*columns).where(events.c.seq.in_(select(newest.c.seq)))
    return [Found(*row) for row in unit.execute(of_them.order_by(events.c.seq.desc()).limit(limit))]
