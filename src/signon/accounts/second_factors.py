"""What an account says of its second factors: whether there is one, and when all are to be removed."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, Update, case, null, select, update

from signon.accounts.models import AccountStatus, accounts
from signon.db import Unit
from signon.prepared import change, values


def noted(account_id: str, has_factor: ColumnElement[bool]) -> Update:
    """The statement that writes down whether there is one. With a factor nothing blocks."""
    return (
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(
            has_factor=has_factor,
            filing_blocked_at=case((has_factor, null()), else_=accounts.c.filing_blocked_at),
            factor_skips=case((has_factor, 0), else_=accounts.c.factor_skips),
        )
    )


def ask_removal(unit: Unit, number: str, due_at: datetime) -> bool:
    """Have all removed then; False when there are none, it was asked or the account is frozen."""
    return _ask_removal(unit, number, due_at) == 1


def stop_removal(unit: Unit, account_id: str) -> bool:
    """Keep them; False when no removal was pending."""
    return _stop_removal(unit, account_id) == 1


def take_removal(unit: Unit, account_id: str) -> bool:
    """Whether it is due, and ours to carry out: of any number at the same moment one gets it."""
    return _take_removal(unit, account_id, unit.now) == 1


def due_removals(unit: Unit, limit: int) -> list[str]:
    """Accounts whose delay is over, the longest first."""
    return _due_removals(unit, unit.now, limit)


@change
def set_spare_due(account_id: str, is_due: bool) -> Update:
    """Write down whether the person still has to say if they go on without a way back."""
    other = accounts.c.spare_due.is_distinct_from(is_due)
    return update(accounts).where(accounts.c.id == account_id, other).values(spare_due=is_due)


@change
def _ask_removal(number: str, due_at: datetime) -> Update:
    return (
        update(accounts)
        .where(
            accounts.c.number == number,
            accounts.c.factor_reset_due_at.is_(None),
            accounts.c.frozen_at.is_(None),
            accounts.c.has_factor,
            accounts.c.status == AccountStatus.ACTIVE.value,
        )
        .values(factor_reset_due_at=due_at)
    )


@change
def _stop_removal(account_id: str) -> Update:
    pending = accounts.c.factor_reset_due_at.is_not(None)
    return (
        update(accounts)
        .where(accounts.c.id == account_id, pending)
        .values(factor_reset_due_at=None)
    )


@change
def _take_removal(account_id: str, now: datetime) -> Update:
    due = accounts.c.factor_reset_due_at <= now
    return update(accounts).where(accounts.c.id == account_id, due).values(factor_reset_due_at=None)


@values
def _due_removals(now: datetime, limit: int) -> Select[str]:
    return (
        select(accounts.c.id)
        .where(accounts.c.factor_reset_due_at <= now)
        .order_by(accounts.c.factor_reset_due_at)
        .limit(limit)
    )
