"""What happened to a firm, with before and after, and how many came and went each day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert

from signon import ids
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit, insert_for
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
    keep_all(unit, [row(unit, firm_id, event_id, actor, acted_as, change)])


def row(
    unit: Unit, firm_id: str, event_id: str, actor: str, acted_as: ActedAs, change: Change
) -> dict[str, Any]:
    """A change as its table has it."""
    return {
        "id": ids.new_id(),
        "firm_id": firm_id,
        "event_id": event_id,
        "at": unit.now,
        "actor": actor,
        "acted_as": acted_as.value,
        "subject": change.subject,
        "about": change.about,
        "remark": change.remark,
        "before": dict(change.before),
        "after": dict(change.after),
    }


def keep_all(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep several."""
    if rows:
        unit.execute(_INSERT, [dict(one) for one in rows])


@dataclass(frozen=True, slots=True)
class Counted:
    """How many came and went."""

    firm_id: str
    joined: int = 0
    parted: int = 0


def count(unit: Unit, *counted: Counted) -> None:
    """Add to today's figures of each firm, in the order of their ids."""
    today = unit.now.date()
    ordered = sorted(counted, key=lambda one: one.firm_id)
    new = insert_for(unit)(days).values(
        [
            {
                "firm_id": one.firm_id,
                "day": today,
                "joined": one.joined,
                "parted": one.parted,
            }
            for one in ordered
        ]
    )
    added = {name: days.c[name] + new.excluded[name] for name in ("joined", "parted")}
    unit.execute(new.on_conflict_do_update(index_elements=["firm_id", "day"], set_=added))


def count_invited(unit: Unit, firm_id: str, invited: int) -> None:
    """Add to today's invitations. Raises ApiError (429): there were too many today."""
    new = insert_for(unit)(days).values(firm_id=firm_id, day=unit.now.date(), invited=invited)
    added = new.on_conflict_do_update(
        index_elements=["firm_id", "day"], set_={"invited": days.c.invited + new.excluded.invited}
    )
    if unit.execute(added.returning(days.c.invited)).scalar_one() > MOST_INVITED:
        midnight = datetime.combine(unit.now.date() + timedelta(days=1), time(), UTC)
        raise ApiError(
            429,
            "too_many_invitations",
            f"A firm sends {MOST_INVITED} invitations a day at most: go on tomorrow (UTC).",
            headers={"retry-after": str(int((midnight - unit.now).total_seconds()) + 1)},
        )


_INSERT = insert(changes)
