"""A firm's invitations, as the firm may see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, select, tuple_

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
    values = {"firm": authority.firm.id, "of": invitation_id, "now": unit.now}
    row = unit.execute(_ONE, values).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such invitation.")
    return _seen(row)


def listed(
    unit: Unit,
    authority: Authority,
    *,
    status: InvitationStatus | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Invitation]:
    """The firm's invitations, newest first."""
    values = {"firm": authority.firm.id, "now": unit.now, "limit": limit}
    statement = _LISTED
    if status is not None:
        statement = statement.where(_IS_WANTED)
        values["wanted"] = status.value
    if after is not None:
        statement = statement.where(_IS_OLDER)
        values |= {"after_at": after[0], "after_id": after[1]}
    return [_seen(row) for row in unit.execute(statement, values).mappings()]


def _seen(row: Mapping[Any, Any]) -> Invitation:
    shown = {name: row[name] for name in Invitation.__dataclass_fields__}
    status = InvitationStatus(row["seen_status"])
    shown |= {"kind": InvitationKind(row["kind"]), "status": status}
    return Invitation(**shown)


_NOW: ColumnElement[datetime] = bindparam("now", type_=invitations.c.expires_at.type)
_IS_PENDING = invitations.c.status == InvitationStatus.PENDING.value
_STATUS = case(
    (_IS_PENDING & (invitations.c.expires_at <= _NOW), InvitationStatus.EXPIRED.value),
    else_=invitations.c.status,
)
_SEEN = (
    select(
        *(
            invitations.c[name]
            for name in Invitation.__dataclass_fields__
            if name not in {"cost_center", "status"}
        ),
        _STATUS.label("seen_status"),
        cost_centers.c.code.label("cost_center"),
        invitations.c.status,
    )
    .select_from(
        invitations.outerjoin(cost_centers, cost_centers.c.id == invitations.c.cost_center_id)
    )
    .where(invitations.c.firm_id == bindparam("firm"))
)
_ONE = _SEEN.where(invitations.c.id == bindparam("of"))
_IS_OLDER: Any = tuple_(invitations.c.created_at, invitations.c.id) < tuple_(
    bindparam("after_at", type_=invitations.c.created_at.type),
    bindparam("after_id", type_=invitations.c.id.type),
)
_IS_WANTED = bindparam("wanted") == _STATUS
_LISTED = _SEEN.order_by(invitations.c.created_at.desc(), invitations.c.id.desc()).limit(
    bindparam("limit")
)
