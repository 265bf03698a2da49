"""How operators find an account: by what they are told on the telephone."""

from sqlalchemy import bindparam, literal_column, or_, select

from signon.accounts.directory import (
    ACCOUNT_COLUMNS,
    Account,
    email_key,
    from_row,
    username_key,
)
from signon.accounts.models import accounts
from signon.db import Unit

SHORTEST = 2
"""Characters; fewer would find everybody."""


def find(unit: Unit, text: str, *, after: str = "", limit: int = 50) -> list[Account]:
    """Accounts by number, username, e-mail address or name, in the order of their numbers.

    What is exactly so comes alone; else whatever holds the text in a name, username or address.
    """
    tidy = " ".join(text.split()).casefold()
    if len(tidy) < SHORTEST:
        return []
    asked = {
        "text": tidy,
        "username": username_key(tidy),
        "email": email_key(tidy),
        "after": after,
        "limit": limit,
    }
    exact = unit.execute(_EXACT, asked).mappings().all()
    if exact:
        return [from_row(row) for row in exact]
    held = {"like": f"%{_escaped(tidy)}%", "after": after, "limit": limit}
    return [from_row(row) for row in unit.execute(_HOLDING, held).mappings()]


def waiting(unit: Unit, *, limit: int = 50) -> list[Account]:
    """New accounts that wait for a review, in the order of their numbers."""
    return [from_row(row) for row in unit.execute(_WAITING, {"limit": limit}).mappings()]


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in "\\%_" else one for one in text)


_WAITING = (
    select(*ACCOUNT_COLUMNS)
    # written out, so that the index of these few rows is used
    .where(accounts.c.status == literal_column("'held'"))
    .order_by(accounts.c.number)
    .limit(bindparam("limit"))
)
_EXACT = (
    select(*ACCOUNT_COLUMNS)
    .where(
        or_(
            accounts.c.number == bindparam("text"),
            accounts.c.username_key == bindparam("username"),
            accounts.c.email_key == bindparam("email"),
            accounts.c.name_key == bindparam("text"),
        ),
        accounts.c.number > bindparam("after"),
    )
    .order_by(accounts.c.number)
    .limit(bindparam("limit"))
)
_HOLDING = (
    select(*ACCOUNT_COLUMNS)
    .where(
        or_(
            *(
                column.ilike(bindparam("like"), escape="\\")
                for column in (
                    accounts.c.username_key,
                    accounts.c.name_key,
                    accounts.c.email_key,
                    accounts.c.firm_name,
                )
            )
        ),
        accounts.c.number > bindparam("after"),
    )
    .order_by(accounts.c.number)
    .limit(bindparam("limit"))
)
