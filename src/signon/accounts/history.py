"""What an account said before and after each change, beside the audit trail.

The trail's events may never change, so they hold the names of the fields only; the values
stand here, found by the event's id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from signon import ids
from signon.accounts.models import account_changes
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.web.visitor import Source


@dataclass(frozen=True, slots=True)
class Proof:
    """What an act of an account's holder was proved with.

    `session_id` of one that was done signed in; `factor_since` is when the second factor was
    added that proved the session, None without one; `address` of one that was done by a mailed
    link is where that was mailed.
    """

    session_id: str | None = None
    factor_since: datetime | None = None
    address: str | None = None

    def has_settled_factor(self, at: datetime, settling: timedelta) -> bool:
        """Whether a factor stands behind it that was no new one at that moment."""
        return self.factor_since is not None and self.factor_since <= at - settling


NO_PROOF = Proof()
"""Of what operators, firms and the house itself do."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `before` and `after` hold the fields that differ, dates as ISO 8601 text.

    `disowned_by` is the change that took it back, if one has.
    """

    id: str
    at: datetime
    actor: str
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    proof: Proof = NO_PROOF
    disowned_by: str | None = None

    def shown(self) -> dict[str, Any]:
        """What operators are shown of it."""
        names = ("id", "at", "actor", "subject", "before", "after")
        return {name: getattr(self, name) for name in names}


def record(
    unit: Unit,
    account_id: str,
    subject: str,
    event: Event,
    *,
    actor: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    source: Source | None = None,
    reason: str | None = None,
    proof: Proof = NO_PROOF,
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
        source=source,
        fields=fields,
    )
    return note(
        unit,
        account_id,
        subject,
        event_id,
        actor=actor,
        before=before,
        after=after,
        proof=proof,
    )


def note(
    unit: Unit,
    account_id: str,
    subject: str,
    event_id: str,
    *,
    actor: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    proof: Proof = NO_PROOF,
) -> str:
    """Keep a change whose audit event another feature has recorded; answers the change's id."""
    change_id = ids.new_id()
    unit.execute(
        insert(account_changes),
        {
            "id": change_id,
            "account_id": account_id,
            "event_id": event_id,
            "at": unit.now,
            "actor": actor,
            "subject": subject,
            "before": _plain(before or {}),
            "after": _plain(after or {}),
            "session_id": proof.session_id,
            "factor_since": proof.factor_since,
            "address": proof.address,
        },
    )
    return change_id


def changes(unit: Unit, account_id: str, *, limit: int = 50) -> list[Change]:
    """The account's latest changes, newest first."""
    rows = unit.execute(_LATEST, {"account": account_id, "limit": limit}).mappings()
    return [_from(row) for row in rows]


def since(unit: Unit, account_id: str, moment: datetime) -> list[Change]:
    """All that was changed from that moment on, oldest first."""
    rows = unit.execute(_SINCE, {"account": account_id, "since": moment}).mappings()
    return [_from(row) for row in rows]


def disown(unit: Unit, change_ids: Sequence[str], dispute_id: str | None) -> None:
    """Write down which dispute took these changes back; None: none any more."""
    if change_ids:
        unit.execute(_DISOWN, {"some": list(change_ids), "by": dispute_id})


def _from(row: Mapping[Any, Any]) -> Change:
    proof = Proof(row["session_id"], row["factor_since"], row["address"])
    names = ("id", "at", "actor", "subject", "before", "after", "disowned_by")
    return Change(**{name: row[name] for name in names}, proof=proof)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in values.items()
    }


_OF_ACCOUNT = select(
    account_changes.c.id,
    account_changes.c.at,
    account_changes.c.actor,
    account_changes.c.subject,
    account_changes.c.before,
    account_changes.c.after,
    account_changes.c.session_id,
    account_changes.c.factor_since,
    account_changes.c.address,
    account_changes.c.disowned_by,
).where(account_changes.c.account_id == bindparam("account"))
_LATEST = _OF_ACCOUNT.order_by(account_changes.c.at.desc(), account_changes.c.id).limit(
    bindparam("limit")
)
_SINCE = _OF_ACCOUNT.where(account_changes.c.at >= bindparam("since")).order_by(
    account_changes.c.at, account_changes.c.id
)
_DISOWN = (
    update(account_changes)
    .where(account_changes.c.id.in_(bindparam("some", expanding=True)))
    .values(disowned_by=bindparam("by"))
)
