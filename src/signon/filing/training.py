"""Which roles of a person lack a valid certificate at a court that wants one.

Dates are the court's own calendar's: a certificate is good through the day it expires on.
"""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.court_policy import needs_training
from signon.filing.models import certifications
from signon.filing.roles import Role, in_order

CERTIFICATION = "certification"
"""What a right waits for, or is suspended by, while a certificate is missing."""


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
    held = valid_roles(unit, court, account_id)
    return tuple(role for role in needed if role not in held)


def valid_roles(unit: Unit, court: Court, account_id: str) -> set[str]:
    """The roles that the account has a valid certificate for at the court."""
    values = {"account": account_id, "court": court.id, "today": today(court, unit.now)}
    return set(unit.execute(_VALID, values).scalars())


def rests(unit: Unit, court: Court, account_id: str, roles: Iterable[str]) -> bool:
    """Whether a certificate that the account once had there is valid no more.

    Filers from before who never needed one link and file without; what the court once recorded
    and let expire, or withdrew, suspends.
    """
    lapsed = lacking(unit, court, account_id, roles)
    return bool(lapsed) and not recorded_roles(unit, court.id, account_id).isdisjoint(lapsed)


def recorded_roles(unit: Unit, court_id: str, account_id: str) -> set[str]:
    """The roles that it ever had a certificate for there, expired and withdrawn ones too."""
    return set(unit.execute(_EVER, {"account": account_id, "court": court_id}).scalars())


_OF = (
    certifications.c.account_id == bindparam("account"),
    certifications.c.court_id == bindparam("court"),
)
_EVER = select(certifications.c.role).where(*_OF)
_VALID = _EVER.where(
    certifications.c.withdrawn_at.is_(None),
    certifications.c.expires_on.is_(None) | (certifications.c.expires_on >= bindparam("today")),
)
