"""How operators find an account: by what they are told on the telephone."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Select, literal_column, or_, select

from signon.accounts import found_by
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
from signon.searching import ranges
from signon.searching.ranges import Found, Source
from signon.searching.words import SHORTEST

__all__ = ["SHORTEST", "find", "waiting"]


def find(unit: Unit, text: str, *, after: str = "", limit: int = 50) -> list[Found[Account]]:
    """Accounts by number, username, e-mail address or name, each with its place.

    What is exactly so comes alone, by its number; else whose name has words that begin so, by name;
    else whose username or address begins so. Raises InputError for a place that is none.
    """
    tidy = " ".join(text.split()).casefold()
    if len(tidy) < SHORTEST:
        return []
    if not after or after.isdecimal():
        exact = _exact(unit, tidy, username_key(tidy), email_key(tidy), after, limit)
        if exact or after:
            return [Found(one, one.number) for one in exact]
    load = partial(_load, unit)
    sources = [
        *ranges.named(found_by.NAMES, tidy, load),
        Source(found_by.LOGINS, [tidy], load),
    ]
    return ranges.page(unit, sources, after=after, limit=limit)


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


def _load(unit: Unit, ids: Sequence[str]) -> Mapping[str, Account]:
    # a list of any length
    rows = unit.execute(select(*ACCOUNT_COLUMNS).where(accounts.c.id.in_(ids)))
    return {one.id: one for one in (account_of(*row) for row in rows)}


@every(account_of)
def _exact(text: str, username: str, email: str, after: str, limit: int) -> Select[Any]:
    found = or_(
        accounts.c.number == text,
        accounts.c.username_key == username,
        accounts.c.email_key == email,
        accounts.c.name_key == text,
    )
    later = select(*ACCOUNT_COLUMNS).where(found, accounts.c.number > after)
    return later.order_by(accounts.c.number).limit(limit)
