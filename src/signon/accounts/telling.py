"""Mails of one kind that several rules send."""

from sqlalchemy import Select, select

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, AccountStatus, accounts
from signon.db import Unit
from signon.notices import mail
from signon.notices.factor_required import FactorRequired
from signon.notices.message import Message
from signon.prepared import values
from signon.web.dates import day_in_words


def tell_operators(unit: Unit, message: Message) -> None:
    """Mail that message to every operator who can sign in."""
    for address in _operators(unit):
        mail.send(unit, message, to=address)


def tell_second_factor_is_due(
    unit: Unit, account: Account, because: str, *, skips_left: int = 0, blocks_all: bool = True
) -> None:
    """Tell somebody who has no second factor that one is needed from today on, and why.

    `blocks_all`: nothing goes on without it; otherwise only filing, once no skip is left.
    """
    if account.has_factor:
        return
    letter = FactorRequired(
        account_number=account.number,
        because=because,
        since=day_in_words(unit.now),
        skips_left=skips_left,
        blocks_all=blocks_all,
    )
    mail.send(unit, letter, to=account.email, language=account.language)


@values
def _operators() -> Select[str]:
    return (
        select(accounts.c.email)
        .where(
            accounts.c.kind == AccountKind.OPERATOR.value,
            accounts.c.status == AccountStatus.ACTIVE.value,
        )
        .order_by(accounts.c.number)
    )
