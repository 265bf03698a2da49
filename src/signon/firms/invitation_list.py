"""A firm's invitations, as the firm may see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, or_, select, tuple_

from signon import prepared
from signon.db import Unit
from signon.errors import NotFoundError
from signon.firms.access import Authority
from signon.firms.models import InvitationKind, InvitationStatus, cost_centers, invitations


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as the firm may see it."""

    id: str
    kind: InvitationKind
    status: InvitationStatus
    account_number: str | None
    first_name: str | None
    last_name: str
    email: str | None
    remark: str
    cost_center: str | None
    created_at: datetime
    sent_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    bulk_id: str | None


def one(unit: Unit, authority: Authority, invitation_id: str) -> Invitation:
    """One of the firm's. Raises NotFoundError."""
    found = _one(unit, authority.firm.id, invitation_id, unit.now)
    if found is None:
        raise NotFoundError("There is no such invitation.")
    return found


def listed(
    unit: Unit,
    authority: Authority,
    *,
    status: InvitationStatus | None = None,
    q: str = "",
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Invitation]:
    """The firm's invitations, newest first; `q` is the beginning of a number, name or address."""
    # composed by what is looked for
    wanted = _of(authority.firm.id, unit.now)
    if status is not None:
        wanted = wanted.where(_status(unit.now) == status.value)
    if words := " ".join(q.split()):
        wanted = wanted.where(_begins(words))
    if after is not None:
        wanted = wanted.where(tuple_(invitations.c.created_at, invitations.c.id) < after)
    newest = wanted.order_by(invitations.c.created_at.desc(), invitations.c.id.desc())
    return [_invitation(*found) for found in unit.execute(newest.limit(limit))]


def waiting(unit: Unit, authority: Authority, *, limit: int) -> list[Invitation]:
    """Those that can still be answered, what ends first first."""
    return _waiting(unit, authority.firm.id, unit.now, limit)


def counts(unit: Unit, authority: Authority) -> dict[InvitationStatus, int]:
    """How many stand at each state; none is left out."""
    found = {one.status: one.number for one in _counts(unit, authority.firm.id, unit.now)}
    return {status: found.get(status.value, 0) for status in InvitationStatus}


def _invitation(invitation_id: str, kind: str, status: str, *rest: Any) -> Invitation:
    return Invitation(invitation_id, InvitationKind(kind), InvitationStatus(status), *rest)


def _status(now: datetime) -> ColumnElement[str]:
    is_pending = invitations.c.status == InvitationStatus.PENDING.value
    return case(
        (is_pending & (invitations.c.expires_at <= now), InvitationStatus.EXPIRED.value),
        else_=invitations.c.status,
    )


def _begins(words: str) -> ColumnElement[bool]:
    """Of the last name, of `first name last name`, of the number or of the address."""
    name = func.coalesce(invitations.c.first_name, "") + " " + invitations.c.last_name
    columns: tuple[ColumnElement[Any], ...] = (
        *(invitations.c.last_name, name, invitations.c.account_number, invitations.c.email),
    )
    return or_(*(column.istartswith(words, autoescape=True) for column in columns))


def _of(firm_id: str, now: datetime) -> Select[Any]:
    in_its_place = {"status": _status(now), "cost_center": cost_centers.c.code}
    columns: list[ColumnElement[Any]] = [
        in_its_place[name].label(name) if name in in_its_place else invitations.c[name]
        for name in Invitation.__dataclass_fields__
    ]
    return (
        select(*columns)
        .select_from(
            invitations.outerjoin(cost_centers, cost_centers.c.id == invitations.c.cost_center_id)
        )
        .where(invitations.c.firm_id == firm_id)
    )


@prepared.one(_invitation)
def _one(firm_id: str, invitation_id: str, now: datetime) -> Select[Any]:
    return _of(firm_id, now).where(invitations.c.id == invitation_id)


@prepared.every(_invitation)
def _waiting(firm_id: str, now: datetime, limit: int) -> Select[Any]:
    is_open = (
        invitations.c.status == InvitationStatus.PENDING.value,
        invitations.c.expires_at > now,
    )
    soonest = invitations.c.expires_at, invitations.c.id
    return _of(firm_id, now).where(*is_open).order_by(*soonest).limit(limit)


class _Number(NamedTuple):
    status: str
    number: int


@prepared.every(_Number)
def _counts(firm_id: str, now: datetime) -> Select[str, int]:
    # grouped by a name: the moment in its expression is another parameter each time
    each = select(_status(now).label("status")).where(invitations.c.firm_id == firm_id).subquery()
    return select(each.c.status, func.count().label("number")).group_by(each.c.status)
