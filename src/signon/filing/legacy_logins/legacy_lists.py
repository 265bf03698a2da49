"""A court's legacy logins in pages, by their names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.legacy_logins.legacy_logins import LINKED
from signon.filing.models import legacy_logins, rights


@dataclass(frozen=True, slots=True)
class ListedLogin:
    """A login without its password; `account_number` of whoever linked it."""

    id: str
    key: str
    login: str
    first_name: str
    last_name: str
    bar_id: str | None
    email: str
    roles: tuple[str, ...]
    cases: tuple[str, ...] | None
    status: str
    account_number: str | None


def find(
    unit: Unit, court: Court, *, words: str = "", after: str = "", limit: int = 50
) -> list[ListedLogin]:
    """At most `limit` after the login of that key; `words`: in login or last name, or the address."""
    values: dict[str, Any] = {"court": court.id, "after": after, "limit": limit}
    statement = _ALL
    if tidy := words.strip().casefold():
        escaped = "".join(f"\\{one}" if one in "\\%_" else one for one in tidy)
        values |= {"like": f"%{escaped}%", "text": tidy}
        statement = statement.where(_HOLDING)
    return [_of_row(row) for row in unit.execute(statement, values).mappings()]


def one(unit: Unit, court: Court, login_id: str) -> ListedLogin | None:
    """One of the court's logins."""
    row = unit.execute(_ONE, {"court": court.id, "of": login_id}).mappings().one_or_none()
    return _of_row(row) if row else None


def _of_row(row: Mapping[Any, Any]) -> ListedLogin:
    return ListedLogin(
        id=row["id"],
        key=row["login_key"],
        login=row["login"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        bar_id=row["bar_id"],
        email=row["email"],
        roles=tuple(row["roles"]),
        cases=None if row["cases"] is None else tuple(row["cases"]),
        status=LINKED if row["number"] else row["status"],
        account_number=row["number"],
    )


_LOGINS = (
    select(
        *(column for column in legacy_logins.c if column is not legacy_logins.c.password),
        accounts.c.number,
    )
    .select_from(
        legacy_logins.outerjoin(
            rights, (rights.c.legacy_login_id == legacy_logins.c.id) & rights.c.ended_at.is_(None)
        ).outerjoin(accounts, accounts.c.id == rights.c.account_id)
    )
    .where(legacy_logins.c.court_id == bindparam("court"))
)
_ONE = _LOGINS.where(legacy_logins.c.id == bindparam("of"))
_ALL = (
    _LOGINS.where(legacy_logins.c.login_key > bindparam("after"))
    .order_by(legacy_logins.c.login_key)
    .limit(bindparam("limit"))
)
_LIKE: Any = bindparam("like")
_HOLDING = or_(
    legacy_logins.c.login_key.like(_LIKE, escape="\\"),
    func.lower(legacy_logins.c.last_name).like(_LIKE, escape="\\"),
    legacy_logins.c.email_key == bindparam("text"),
)
