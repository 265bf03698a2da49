"""Which roles of a person lack a valid certificate at a court that wants one.

Dates are the court's own calendar's: a certificate is good through the day it expires on.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.court.court_policy import needs_training
from signon.filing.models import certifications
from signon.filing.roles import Role, in_order
from signon.prepared import every

CERTIFICATION = "certification"
"""What a right waits for, or is suspended by, while a certificate is missing."""
WITHDRAWN = date.min.isoformat()
"""The last day of a certificate that was withdrawn."""
Certified = Mapping[str, str | None]
"""Of each role that was ever certified the last day, in ISO 8601; None: for good."""


def today(court: Court, now: datetime) -> date:
    """The day that the court's calendar shows."""
    return now.astimezone(ZoneInfo(court.time_zone)).date()


def wanted(court: Court, roles: Iterable[str]) -> tuple[Role, ...]:
    """Those of the roles that the court wants a certificate for."""
    return tuple(role for role in in_order(roles) if needs_training(court, role))


def lacking(unit: Unit, court: Court, account_id: str, roles: Iterable[str]) -> tuple[Role, ...]:
    """Those of the roles that need a certificate and have no valid one.

    A right that an approval makes with such a role waits (`pending_for` of `CERTIFICATION`).
    """
    needed = wanted(court, roles)
    if not needed:
        return ()
    held = certified(unit, court.id, account_id) or {}
    return tuple(
        role for role in needed if role not in held or _is_over(court, held[role], unit.now)
    )


def rests(unit: Unit, court: Court, account_id: str, roles: Iterable[str]) -> bool:
    """Whether a certificate that the account once had there is valid no more.

    Filers from before who never needed one link and file without; what the court once recorded
    and let expire, or withdrew, suspends.
    """
    return has_lapsed(court, roles, certified(unit, court.id, account_id), unit.now)


def has_lapsed(court: Court, roles: Iterable[str], held: Certified | None, now: datetime) -> bool:
    """The same of what a right keeps (`certified`): asked at every use, so nobody files on a
    certificate after midnight at the end of its last day, by the court's clock.
    """
    if not held:
        return False
    return any(role in held and _is_over(court, held[role], now) for role in wanted(court, roles))


def certified(unit: Unit, court_id: str, account_id: str) -> Certified | None:
    """Through which day the account's last certificate for a role is good, of each role that it
    ever had one for there; None of one: for good. None when it never had any.
    """
    found: dict[str, str | None] = {}
    for row in _of(unit, account_id, court_id):
        through = _through(row)
        before = found.get(row.role, "")
        found[row.role] = None if None in {through, before} else max(through or "", before or "")
    return found or None


class _Recorded(NamedTuple):
    role: str
    expires_on: date | None
    withdrawn_at: datetime | None


def _through(row: _Recorded) -> str | None:
    if row.withdrawn_at is not None:
        return WITHDRAWN
    return row.expires_on.isoformat() if row.expires_on else None


def _is_over(court: Court, through: str | None, now: datetime) -> bool:
    return through is not None and through < today(court, now).isoformat()


@every(_Recorded)
def _of(account_id: str, court_id: str) -> Select[str, date | None, datetime | None]:
    return select(
        certifications.c.role, certifications.c.expires_on, certifications.c.withdrawn_at
    ).where(certifications.c.account_id == account_id, certifications.c.court_id == court_id)
