"""A court's filers as its staff name them, by the number of the account, and what they are told."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from signon.accounts import directory, repudiation
from signon.accounts.directory import Account
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.court.desk import Desk
from signon.filing.models import certifications, efile_registrations
from signon.filing.models import rights as table
from signon.filing.rights import rights
from signon.filing.rights.rights import Right
from signon.notices import mail
from signon.notices.filing_right import FilingRight
from signon.prepared import value
from signon.web import preconditions

LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Filer:
    """An account and its right at the court."""

    account: Account
    right: Right

    @property
    def version(self) -> str:
        """Another one whenever anything about the right changes."""
        told = self.right.told()
        return preconditions.etag_of(self.right.id, *(told[name] for name in sorted(told)))


def held(unit: Unit, desk: Desk, number: str) -> Filer:
    """A filer who is to be acted on; nobody else changes the right until the unit ends.

    Raises NotFoundError: whoever has no right there, and whoever does not exist, look the same;
    RefusedError (`own_account`).
    """
    court = desk.court
    account = directory.by_number(unit, number)
    right = rights.held(unit, account.id, court.id) if account else None
    if account is None or right is None:
        raise unknown_filer(court, number)
    desk.require_another(account.id)
    return Filer(account, right)


def version(unit: Unit, desk: Desk, number: str) -> str:
    """Of a filer who is to be acted on. Raises as `held` does."""
    return held(unit, desk, number).version


def found(unit: Unit, court: Court, number: str) -> Filer:
    """The same, only to be looked at. Raises NotFoundError."""
    account = directory.by_number(unit, number)
    right = rights.of_account(unit, account.id, court.id) if account else None
    if account is None or right is None:
        raise unknown_filer(court, number)
    return Filer(account, right)


def known(unit: Unit, court: Court, number: str) -> Account:
    """Whoever has, or had, anything to do with the court. Raises NotFoundError."""
    account = directory.by_number(unit, number)
    if account is None or not is_known(unit, court, account.id):
        raise unknown_filer(court, number)
    return account


def is_known(unit: Unit, court: Court, account_id: str) -> bool:
    """Whether the account has, or had, a right, a registration that it sent, or a certificate there."""
    return bool(_is_known(unit, account_id, court.id))


def unknown_filer(court: Court, number: str) -> NotFoundError:
    """What a court's staff are told of a number that has no filing right there."""
    return NotFoundError(f"{court.name} has no filer with the account number {number[:16]!r}.")


def require_unfrozen(account: Account) -> None:
    """Raises RefusedError (`frozen`): such an account is given nothing, whoever holds it now."""
    if account.frozen_at is not None:
        raise RefusedError(
            repudiation.FROZEN,
            f"Changes to the PACER account {account.number} are stopped, because someone said that "
            "one was not made by its owner: it can be given nothing until an operator of this "
            "service has looked at it.",
        )


def reason_of(text: str) -> str:
    """A reason that the filer is shown. Raises InputError without one."""
    tidy = " ".join(text.split())
    if not 0 < len(tidy) <= LONGEST_REASON or not tidy.isprintable():
        raise InputError(f"Say why in 1 to {LONGEST_REASON} characters.", field="reason")
    return tidy


def tell(
    unit: Unit, court: Court, account: Account, what: str, *, reason: str = "", next_step: str = ""
) -> None:
    """Mail the filer what became of the filing rights; `what` is a sentence."""
    letter = FilingRight(
        account_number=account.number,
        court=court.name,
        court_id=court.id,
        what=what,
        reason=reason,
        next_step=next_step,
    )
    mail.send(unit, letter, to=account.email, language=account.language)


@value
def _is_known(account_id: str, court_id: str) -> Select[bool]:
    def has_any(one: Any, *more: ColumnElement[bool]) -> ColumnElement[bool]:
        here = (one.c.account_id == account_id, one.c.court_id == court_id)
        return select(one.c.id).where(*here, *more).exists()

    found: Select[bool] = select(
        or_(
            has_any(table),
            # a draft is nobody's business but its writer's
            has_any(efile_registrations, efile_registrations.c.submitted_at.is_not(None)),
            has_any(certifications),
        ).label("is_known")
    )
    return found
