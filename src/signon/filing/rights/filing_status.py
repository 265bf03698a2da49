"""What an account may file at one court, at this moment: the source of the ``ecf_`` claims.

A statement of a higher feature learns it in one round trip::

    select(…, *RIGHT_COLUMNS, asked_at(accounts.c.id, bindparam("court_id")))
        .outerjoin(rights, right_at(accounts.c.id, bindparam("court_id")))

and hands the row to `filing_status` or `claims`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Label, and_, bindparam, select

from signon.accounts.models import accounts
from signon.courts.registry import Court, CourtStatus
from signon.db import Unit
from signon.filing.models import efile_registrations, rights
from signon.filing.rights import training
from signon.filing.roles import Permission, Role, in_order, permissions_of


class RightStatus(StrEnum):
    """The state of a right that has not ended."""

    ACTIVE = "active"
    PENDING = "pending"
    SUSPENDED = "suspended"


def status_of(suspended_by: Collection[str], pending_for: Collection[str] | None) -> RightStatus:
    """The status of a right that something may have suspended or that may wait for something."""
    if suspended_by:
        return RightStatus.SUSPENDED
    return RightStatus.PENDING if pending_for else RightStatus.ACTIVE


class EcfStatus(StrEnum):
    """Where an account stands with a court (claim ``ecf_status``)."""

    NOT_LIVE = "not_live"
    NOT_LINKED = "not_linked"
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    BLOCKED = "blocked"


SECOND_FACTOR, FROZEN = "second_factor", "frozen"
"""What blocks: the account must have a second factor and has none; somebody with a say disowned a
change of it (claim ``ecf_blocked_by``)."""

RIGHT_COLUMNS = (
    rights.c.id.label("right_id"),
    rights.c.login.label("right_login"),
    rights.c.status.label("right_status"),
    rights.c.roles.label("right_roles"),
    rights.c.cases.label("right_cases"),
    rights.c.admission.label("right_admission"),
    rights.c.certified.label("right_certified"),
    accounts.c.filing_blocked_at,
    accounts.c.frozen_at.label("filing_frozen_at"),
)
"""What `filing_status` needs of a row that joins the account; the right's columns are NULL where there
is none."""


def right_at(
    account_id: ColumnElement[str], court_id: ColumnElement[str] | ColumnElement[str | None]
) -> ColumnElement[bool]:
    """The condition of an outer join to the one right of an account at a court."""
    return and_(
        rights.c.account_id == account_id,
        rights.c.court_id == court_id,
        rights.c.ended_at.is_(None),
    )


def asked_at(account_id: ColumnElement[str], court_id: ColumnElement[Any]) -> Label[bool]:
    """Whether an account without a right has asked that court for one and waits for its answer:
    one probe of the index of open registrations.
    """
    return (
        select(efile_registrations.c.id)
        .where(
            efile_registrations.c.account_id == account_id,
            efile_registrations.c.court_id == court_id,
            efile_registrations.c.decided_at.is_(None),
            efile_registrations.c.submitted_at.is_not(None),
        )
        .exists()
        .label("right_is_asked_for")
    )


@dataclass(frozen=True, slots=True)
class FilingStatus:
    """An account's filing status at one court.

    `go_live` has the court's offset and is given for a scheduled court only; `cases` of None
    means not limited to cases. Roles and permissions are empty unless the status is active.
    `has_right` tells a right that waits for something from a request for one.
    """

    court_id: str
    status: EcfStatus
    go_live: datetime | None = None
    login: str | None = None
    roles: tuple[Role, ...] = ()
    admission: str | None = None
    permissions: tuple[Permission, ...] = ()
    cases: tuple[str, ...] | None = None
    blocked_by: tuple[str, ...] = ()
    has_right: bool = False

    def claims(self) -> dict[str, Any]:
        """The ``ecf_`` claims (interface contract 5); what does not apply is absent."""
        optional = {
            "ecf_go_live": self.go_live.isoformat() if self.go_live else None,
            "ecf_login": self.login,
            "ecf_admission": self.admission,
            "ecf_blocked_by": list(self.blocked_by) or None,
            "ecf_cases": None if self.cases is None else list(self.cases),
        }
        return {
            "ecf_court": self.court_id,
            "ecf_status": self.status.value,
            "ecf_roles": [role.value for role in self.roles],
            "ecf_permissions": [permission.value for permission in self.permissions],
            **{name: value for name, value in optional.items() if value is not None},
        }


def filing_status(court: Court, row: Mapping[Any, Any] | None, now: datetime) -> FilingStatus:
    """The filing status of whoever's row selected `RIGHT_COLUMNS`.

    A row of None, or one whose outer join found nothing, means that there is no right. At a
    court that is not live nothing else is told: filing there is none of our business yet.
    """
    state = court.status(now)
    if state is not CourtStatus.LIVE:
        go_live = court.go_live_local if state is CourtStatus.SCHEDULED else None
        return FilingStatus(court.id, EcfStatus.NOT_LIVE, go_live)
    if row is None or row["right_id"] is None:
        is_asked_for = row is not None and row.get("right_is_asked_for")
        return FilingStatus(court.id, EcfStatus.PENDING if is_asked_for else EcfStatus.NOT_LINKED)
    status = _status(court, row, now)
    active = status is EcfStatus.ACTIVE
    cases = row["right_cases"]
    return FilingStatus(
        court.id,
        status,
        has_right=True,
        login=row["right_login"],
        roles=in_order(row["right_roles"]) if active else (),
        admission=row["right_admission"],
        permissions=permissions_of(row["right_roles"]) if active else (),
        cases=None if cases is None else tuple(cases),
        blocked_by=_blocked_by(row) if status is EcfStatus.BLOCKED else (),
    )


def _status(court: Court, row: Mapping[Any, Any], now: datetime) -> EcfStatus:
    if row["right_status"] == RightStatus.PENDING:
        return EcfStatus.PENDING
    # a certificate runs out at its hour, whenever the job that says so to the court comes
    lapsed = training.has_lapsed(court, row["right_roles"], row.get("right_certified"), now)
    if lapsed or row["right_status"] != RightStatus.ACTIVE:
        return EcfStatus.SUSPENDED
    return EcfStatus.BLOCKED if _blocked_by(row) else EcfStatus.ACTIVE


def _blocked_by(row: Mapping[Any, Any]) -> tuple[str, ...]:
    reasons = ((SECOND_FACTOR, "filing_blocked_at"), (FROZEN, "filing_frozen_at"))
    return tuple(name for name, column in reasons if row[column])


def claims(court: Court, row: Mapping[Any, Any] | None, now: datetime) -> dict[str, Any]:
    """`filing_status` as claims, in one call."""
    return filing_status(court, row, now).claims()


def find(unit: Unit, account_id: str, court: Court) -> FilingStatus:
    """The filing status of one account at one court."""
    values = {"account_id": account_id, "court_id": court.id}
    row = unit.execute(_FIND, values).mappings().one_or_none()
    return filing_status(court, row, unit.now)


_FIND = (
    select(*RIGHT_COLUMNS, asked_at(accounts.c.id, bindparam("court_id")))
    .select_from(accounts)
    .outerjoin(rights, right_at(accounts.c.id, bindparam("court_id")))
    .where(accounts.c.id == bindparam("account_id"))
)
