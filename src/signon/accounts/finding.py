"""How operators find an account: by what they are told on the telephone."""

from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, or_, select

from signon.accounts.directory import (
    ACCOUNT_COLUMNS,
    Account,
    account_of,
    email_key,
    username_key,
)
from signon.accounts.models import accounts
from signon.db import Unit
from signon.prepared import every

SHORTEST = 2
"""Characters; fewer would find everybody."""


def find(unit: Unit, text: str, *, after: str = "", limit: int = 50) -> list[Account]:
    """Accounts by number, username, e-mail address or name, in the order of their numbers.

    What is exactly so comes alone; else whatever holds the text in a name, username or address.
    """
    tidy = " ".join(text.split()).casefold()
    if len(tidy) < SHORTEST:
        return []
    exact = _exact(unit, tidy, username_key(tidy), email_key(tidy), after, limit)
    return exact or _holding(unit, f"%{_escaped(tidy)}%", after, limit)


@every(account_of)
def waiting(*, limit: int = 50) -> Select[Any]:
    """New accounts that wait for a review, in the order of their numbers."""
    return (
        select(*ACCOUNT_COLUMNS)
        # written out, so that the index of these few rows is used
        .where(accounts.c.status == literal_column("'held'"))
        .order_by(accounts.c.number)
        .limit(limit)
    )


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in "\\%_" else one for one in text)


def _that(found: ColumnElement[bool], after: str, limit: int) -> Select[Any]:
    later = select(*ACCOUNT_COLUMNS).where(found, accounts.c.number > after)
    return later.order_by(accounts.c.number).limit(limit)


@every(account_of)
def _exact(text: str, username: str, email: str, after: str, limit: int) -> Select[Any]:
    found = or_(
        accounts.c.number == text,
        accounts.c.username_key == username,
        accounts.c.email_key == email,
        accounts.c.name_key == text,
    )
    return _that(found, after, limit)


@every(account_of)
def _holding(like: str, after: str, limit: int) -> Select[Any]:
    found = or_(
        accounts.c.username_key.ilike(like, escape="\\"),
        accounts.c.name_key.ilike(like, escape="\\"),
        accounts.c.email_key.ilike(like, escape="\\"),
        accounts.c.firm_name.ilike(like, escape="\\"),
    )
    return _that(found, after, limit)
