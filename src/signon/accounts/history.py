"""What an account said before and after each change, beside the audit trail.

The trail's events may never change, so they hold the names of the fields only; the values
stand here, found by the event's id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select

from signon import ids
from signon.accounts.models import account_changes
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.web.visitor import Origin


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `before` and `after` hold the fields that differ, dates as ISO 8601 text."""

    id: str
    at: datetime
    actor: str
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def record(
    unit: Unit,
    account_id: str,
    subject: str,
    event: Event,
    *,
    actor: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    origin: Origin | None = None,
    reason: str | None = None,
) -> str:
    """Keep a change and its audit event; answers the change's id.

    `reason` goes into the event. Secrets never come in here: a changed password has neither `before` nor `after`.
    """
    fields = sorted({*(before or {}), *(after or {})})
    event_id = trail.record(
        unit,
        event,
        actor=actor,
        account_id=account_id,
        reason=reason,
        origin=origin,
        fields=fields,
    )
    values = {
        "id": ids.new_id(),
        "account_id": account_id,
        "event_id": event_id,
        "at": unit.now,
        "actor": actor,
        "subject": subject,
        "before": _plain(before or {}),
        "after": _plain(after or {}),
    }
    unit.execute(insert(account_changes), values)
    return str(values["id"])


def changes(unit: Unit, account_id: str, *, limit: int = 50) -> list[Change]:
    """The account's latest changes, newest first."""
    rows = unit.execute(_LATEST, {"account": account_id, "limit": limit}).mappings()
    return [Change(**row) for row in rows]


def values_before(unit: Unit, account_id: str, since: datetime) -> list[Mapping[str, Any]]:
    """What stood before each change from then on, newest first."""
    values = {"account": account_id, "since": since}
    return list(unit.execute(_BEFORE, values).scalars())


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in values.items()
    }


_BEFORE = (
    select(account_changes.c.before)
    .where(
        account_changes.c.account_id == bindparam("account"),
        account_changes.c.at >= bindparam("since"),
    )
    .order_by(account_changes.c.at.desc(), account_changes.c.id.desc())
)
_LATEST = (
    select(
        account_changes.c.id,
        account_changes.c.at,
        account_changes.c.actor,
        account_changes.c.subject,
        account_changes.c.before,
        account_changes.c.after,
    )
    .where(account_changes.c.account_id == bindparam("account"))
    .order_by(account_changes.c.at.desc(), account_changes.c.id)
    .limit(bindparam("limit"))
)
