"""What happened to a firm, with before and after, and how many came and went each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon import ids, prepared
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.firms.access import ActedAs, Authority
from signon.firms.models import changes, days
from signon.web.problems import ApiError

MOST_INVITED = 10_000
"""Invitations of a firm in a day (UTC): each may be a mail to somebody who knows nothing of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is kept of a change. `about` is what the firm knows it by; secrets never come here."""

    subject: str
    about: str | None = None
    remark: str | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def record(
    unit: Unit,
    authority: Authority,
    event: Event,
    change: Change,
    *,
    account_id: str | None = None,
    **detail: Any,
) -> str:
    """Keep a change and its audit event; answers the event's id.

    `account_id` is the person whom it is about, and who sees it among what happened to them.
    """
    event_id = trail.record(
        unit,
        event,
        actor=authority.actor,
        account_id=account_id or authority.firm.id,
        source=authority.source,
        firm=authority.firm.number,
        fields=sorted({*change.before, *change.after}),
        **detail,
    )
    keep(unit, authority.firm.id, event_id, authority.actor, authority.acted_as, change)
    return event_id


def keep(
    unit: Unit,
    firm_id: str,
    event_id: str,
    actor: str,
    acted_as: ActedAs,
    change: Change,
) -> None:
    """Keep what an event that is recorded already meant for a firm."""
    _keep(unit, row(unit, firm_id, event_id, actor, acted_as, change))


class Row(NamedTuple):
    """A change as its table has it."""

    id: str
    firm_id: str
    event_id: str
    at: datetime
    actor: str
    acted_as: str
    subject: str
    about: str | None
    remark: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def row(
    unit: Unit, firm_id: str, event_id: str, actor: str, acted_as: ActedAs, change: Change
) -> Row:
    """The row of a change that happens now."""
    return Row(
        ids.new_id(),
        firm_id,
        event_id,
        unit.now,
        actor,
        acted_as,
        change.subject,
        change.about,
        change.remark,
        dict(change.before),
        dict(change.after),
    )


def keep_all(unit: Unit, rows: Sequence[Row]) -> None:
    """Keep several, as many as there may be."""
    if rows:
        unit.execute(insert(changes), [each._asdict() for each in rows])


class Counted(NamedTuple):
    """How many came and went."""

    firm_id: str
    joined: int = 0
    parted: int = 0


def count(unit: Unit, *counted: Counted) -> None:
    """Add to today's figures of each firm, in the order of their ids."""
    _count(unit, unit.now.date(), *sorted(counted, key=lambda each: each.firm_id))


def count_invited(unit: Unit, firm_id: str, invited: int) -> None:
    """Add to today's invitations. Raises ApiError (429): there were too many today."""
    if (_count_invited(unit, firm_id, unit.now.date(), invited) or 0) > MOST_INVITED:
        midnight = datetime.combine(unit.now.date() + timedelta(days=1), time(), UTC)
        raise ApiError(
            429,
            "too_many_invitations",
            f"A firm sends {MOST_INVITED} invitations a day at most: go on tomorrow (UTC).",
            headers={"retry-after": str(int((midnight - unit.now).total_seconds()) + 1)},
        )


@prepared.change
def _keep(new: Row) -> Insert:
    return insert(changes).values(**new._asdict())


@prepared.change
def _count(today: date, *counted: Counted) -> Insert:
    new = insert(days).values([{"day": today, **each._asdict()} for each in counted])
    added = {name: days.c[name] + new.excluded[name] for name in ("joined", "parted")}
    return new.on_conflict_do_update(index_elements=["firm_id", "day"], set_=added)


@prepared.value
def _count_invited(firm_id: str, today: date, invited: int) -> ReturningInsert[int]:
    new = insert(days).values(firm_id=firm_id, day=today, invited=invited)
    added = {"invited": days.c.invited + new.excluded.invited}
    return new.on_conflict_do_update(index_elements=["firm_id", "day"], set_=added).returning(
        days.c.invited
    )
