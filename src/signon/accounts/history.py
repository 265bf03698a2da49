"""What an account said before and after each change, beside the audit trail.

The trail's events may never change, so they hold the names of the fields only; the values
stand here, found by the event's id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Insert, Select, insert, select, update

from signon import ids
from signon.accounts.models import account_changes
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.prepared import change, every, one
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
    row = _New(
        change_id,
        account_id,
        event_id,
        unit.now,
        actor,
        subject,
        _plain(before or {}),
        _plain(after or {}),
        proof.session_id,
        proof.factor_since,
        proof.address,
    )
    _note(unit, row)
    return change_id


def changes(unit: Unit, account_id: str, *, limit: int = 50) -> list[Change]:
    """The account's latest changes, newest first."""
    return _latest(unit, account_id, limit)


def since(unit: Unit, account_id: str, moment: datetime) -> list[Change]:
    """All that was changed from that moment on, oldest first."""
    return _since(unit, account_id, moment)


def latest_of(unit: Unit, account_id: str, subject: str) -> Change | None:
    """The newest change of that subject, if there was any."""
    return _latest_of(unit, account_id, subject)


def disown(unit: Unit, change_ids: Sequence[str], dispute_id: str | None) -> None:
    """Write down which dispute took these changes back; None: none any more."""
    if change_ids:
        # as many as an account has
        these = update(account_changes).where(account_changes.c.id.in_(change_ids))
        unit.execute(these.values(disowned_by=dispute_id))


def note_of_many(
    unit: Unit,
    account_ids: Sequence[str],
    subject: str,
    event_id: str,
    *,
    actor: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Keep one and the same change of many accounts, which have one audit event together."""
    rows = [
        _New(ids.new_id(), one, event_id, unit.now, actor, subject, _plain(before), _plain(after))
        for one in account_ids
    ]
    unit.execute(insert(account_changes), [row._asdict() for row in rows])


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in values.items()
    }


class _New(NamedTuple):
    """A row of a change."""

    id: str
    account_id: str
    event_id: str
    at: datetime
    actor: str
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    session_id: str | None = None
    factor_since: datetime | None = None
    address: str | None = None


def _change(
    change_id: str,
    at: datetime,
    actor: str,
    subject: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    disowned_by: str | None,
    session_id: str | None,
    factor_since: datetime | None,
    address: str | None,
) -> Change:
    proof = Proof(session_id, factor_since, address)
    return Change(change_id, at, actor, subject, before, after, proof, disowned_by)


_Changes = Select[
    str, datetime, str, str, dict[str, Any], dict[str, Any], str | None,
    str | None, datetime | None, str | None,
]  # fmt: skip


def _of_account(account_id: str) -> _Changes:
    return select(
        account_changes.c.id,
        account_changes.c.at,
        account_changes.c.actor,
        account_changes.c.subject,
        account_changes.c.before,
        account_changes.c.after,
        account_changes.c.disowned_by,
        account_changes.c.session_id,
        account_changes.c.factor_since,
        account_changes.c.address,
    ).where(account_changes.c.account_id == account_id)


@every(_change)
def _latest(account_id: str, limit: int) -> _Changes:
    newest_first = account_changes.c.at.desc(), account_changes.c.id
    return _of_account(account_id).order_by(*newest_first).limit(limit)


@one(_change)
def _latest_of(account_id: str, subject: str) -> _Changes:
    found = _of_account(account_id).where(account_changes.c.subject == subject)
    newest_first = account_changes.c.at.desc(), account_changes.c.id
    return found.order_by(*newest_first).limit(1)


@every(_change)
def _since(account_id: str, moment: datetime) -> _Changes:
    later = _of_account(account_id).where(account_changes.c.at >= moment)
    return later.order_by(account_changes.c.at, account_changes.c.id)


@change
def _note(row: _New) -> Insert:
    return insert(account_changes).values(**row._asdict())
