"""What an account may file at one court, at this moment: the source of the ``ecf_`` claims.

A statement of a higher feature learns it in one round trip::

    select(…, *RIGHT_COLUMNS, asked_at(accounts.c.id, given(court_id)))
        .outerjoin(rights, right_at(accounts.c.id, given(court_id)))

and hands the columns as `HeldRight` to `filing_status`, or the row to `of_row`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Label, Select, and_, select

from signon.accounts.models import accounts
from signon.courts.registry import Court, CourtStatus
from signon.db import Unit
from signon.filing.models import efile_registrations, rights
from signon.filing.rights import training
from signon.filing.rights.training import Certified
from signon.filing.roles import Permission, Role, in_order, permissions_of
from signon.prepared import given, one


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
    rights.c.last_day.label("right_last_day"),
    rights.c.notice_email.label("right_notice_email"),
    rights.c.other_logins.label("right_other_logins"),
    accounts.c.filing_blocked_at,
    accounts.c.frozen_at.label("filing_frozen_at"),
)
"""The fields of `HeldRight` in a row that joins the account; the right's are NULL where there is none."""


class HeldRight(NamedTuple):
    """`RIGHT_COLUMNS` of one row, and `asked_at`."""

    right_id: str | None
    right_login: str | None = None
    right_status: str | None = None
    right_roles: Sequence[str] | None = None
    right_cases: Sequence[str] | None = None
    right_admission: str | None = None
    right_certified: Certified | None = None
    right_last_day: date | None = None
    right_notice_email: str | None = None
    right_other_logins: Sequence[str] | None = None
    filing_blocked_at: datetime | None = None
    filing_frozen_at: datetime | None = None
    right_is_asked_for: bool | None = None


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
    notice_email: str | None = None
    other_logins: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    has_right: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether anything can be filed with it now, by its holder alone."""
        return self.status is EcfStatus.ACTIVE and bool(self.permissions)

    def claims(self) -> dict[str, Any]:
        """The ``ecf_`` claims (interface contract 5); what does not apply is absent."""
        optional = {
            "ecf_go_live": self.go_live.isoformat() if self.go_live else None,
            "ecf_login": self.login,
            "ecf_admission": self.admission,
            "ecf_notice_email": self.notice_email,
            "ecf_other_logins": list(self.other_logins) or None,
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


def filing_status(court: Court, held: HeldRight | None, now: datetime) -> FilingStatus:
    """The filing status of whoever holds that.

    None, or an outer join that found nothing, means that there is no right. At a court that is
    not live nothing else is told: filing there is none of our business yet.
    """
    state = court.status(now)
    if state is not CourtStatus.LIVE:
        go_live = court.go_live_local if state is CourtStatus.SCHEDULED else None
        return FilingStatus(court.id, EcfStatus.NOT_LIVE, go_live)
    if held is None or held.right_id is None:
        is_asked_for = held and held.right_is_asked_for
        return FilingStatus(court.id, EcfStatus.PENDING if is_asked_for else EcfStatus.NOT_LINKED)
    status = _status(court, held, now)
    active = status is EcfStatus.ACTIVE
    roles = (held.right_roles or ()) if active else ()
    return FilingStatus(
        court.id,
        status,
        has_right=True,
        login=held.right_login,
        roles=in_order(roles),
        admission=held.right_admission,
        permissions=permissions_of(roles),
        cases=None if held.right_cases is None else tuple(held.right_cases),
        notice_email=held.right_notice_email,
        other_logins=tuple(held.right_other_logins or ()),
        blocked_by=_blocked_by(held) if status is EcfStatus.BLOCKED else (),
    )


def _status(court: Court, held: HeldRight, now: datetime) -> EcfStatus:
    if held.right_status == RightStatus.PENDING:
        return EcfStatus.PENDING
    # both run out at their hour, whenever the job that says so to the court comes
    lapsed = training.has_lapsed(court, held.right_roles or (), held.right_certified, now)
    is_over = held.right_last_day is not None and held.right_last_day < training.today(court, now)
    if lapsed or is_over or held.right_status != RightStatus.ACTIVE:
        return EcfStatus.SUSPENDED
    return EcfStatus.BLOCKED if _blocked_by(held) else EcfStatus.ACTIVE


def _blocked_by(held: HeldRight) -> tuple[str, ...]:
    reasons = ((SECOND_FACTOR, held.filing_blocked_at), (FROZEN, held.filing_frozen_at))
    return tuple(name for name, since in reasons if since)


def of_row(court: Court, row: Mapping[Any, Any], now: datetime) -> FilingStatus:
    """`filing_status` of a row that has `HeldRight`'s columns beside others."""
    return filing_status(court, HeldRight(*map(row.get, HeldRight._fields)), now)


def find(unit: Unit, account_id: str, court: Court) -> FilingStatus:
    """The filing status of one account at one court."""
    return filing_status(court, _find(unit, account_id, court.id), unit.now)


@one(HeldRight)
def _find(account_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    at = given(court_id)
    return (
        select(*RIGHT_COLUMNS, asked_at(accounts.c.id, at))
        .select_from(accounts)
        .outerjoin(rights, right_at(accounts.c.id, at))
        .where(accounts.c.id == account_id)
    )
