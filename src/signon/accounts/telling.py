"""Telling the operators by mail that something waits for them."""

from sqlalchemy import select

from signon.accounts.models import AccountKind, AccountStatus, accounts
from signon.db import Unit
from signon.notices import mail


def tell_operators(unit: Unit, message: str, **values: str) -> None:
    """Mail that message to every operator who can sign in."""
    for address in unit.execute(_OPERATORS).scalars().all():
        mail.send(unit, message, address, **values)


_OPERATORS = (
    select(accounts.c.email)
    .where(
        accounts.c.kind == AccountKind.OPERATOR.value,
        accounts.c.status == AccountStatus.ACTIVE.value,
    )
    .order_by(accounts.c.number)
)
