"""What filing writes of an account: how often a second factor was put off, and that filing waits for it."""

from datetime import datetime

from sqlalchemy import Update, update

from signon.accounts.models import accounts
from signon.db import Unit
from signon.prepared import change


def put_off(unit: Unit, account_id: str, *, most: int) -> bool:
    """Count that the second factor was put off; False when it was `most` times already."""
    return _put_off(unit, account_id, most) == 1


def block(unit: Unit, account_id: str) -> bool:
    """Block filing until there is a second factor; False when it is blocked already."""
    return _block(unit, account_id, unit.now) == 1


@change
def _put_off(account_id: str, most: int) -> Update:
    few = update(accounts).where(accounts.c.id == account_id, accounts.c.factor_skips < most)
    return few.values(factor_skips=accounts.c.factor_skips + 1)


@change
def _block(account_id: str, now: datetime) -> Update:
    open_to = update(accounts).where(
        accounts.c.id == account_id, accounts.c.filing_blocked_at.is_(None)
    )
    return open_to.values(filing_blocked_at=now)
