"""A court's legacy logins in pages, by their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.legacy_logins.legacy_logins import LINKED, email_key
from signon.filing.models import legacy_logins, rights
from signon.prepared import every
from signon.prepared import one as one_row

FEW = 5
"""Bar numbers that are looked for together."""


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
    tidy = words.strip().casefold()
    if not tidy:
        return _all(unit, court.id, after, limit)
    escaped = "".join(f"\\{one}" if one in "\\%_" else one for one in tidy)
    return _holding(unit, court.id, after, limit, tidy, f"%{escaped}%")


def of_bar_number(unit: Unit, court: Court, number: str, *, limit: int = 20) -> list[ListedLogin]:
    """At most `limit` of exactly that bar number."""
    return _of_bar_number(unit, court.id, number.strip(), limit)


def alike(
    unit: Unit, court: Court, email: str, name: str, *, bars: Sequence[str] = (), limit: int = 5
) -> list[ListedLogin]:
    """At most `limit` that may be one person's: the same address, bar number or whole name."""
    some = (*bars[:FEW], *[""] * (FEW - len(bars)))
    return _alike(unit, court.id, email_key(email), name, limit, *some)


def one(unit: Unit, court: Court, login_id: str) -> ListedLogin | None:
    """One of the court's logins."""
    return _one(unit, court.id, login_id)


def _login(*columns: Any) -> ListedLogin:
    fields = dict(zip(ListedLogin.__slots__, columns, strict=True))
    fields["roles"] = tuple(fields["roles"])
    fields["cases"] = None if fields["cases"] is None else tuple(fields["cases"])
    fields["status"] = LINKED if fields["account_number"] else fields["status"]
    return ListedLogin(**fields)


def _of_court(court_id: str) -> Select[*tuple[Any, ...]]:
    linked = (rights.c.legacy_login_id == legacy_logins.c.id) & rights.c.ended_at.is_(None)
    return (
        select(
            legacy_logins.c.id,
            legacy_logins.c.login_key.label("key"),
            *(legacy_logins.c[name] for name in ListedLogin.__slots__[2:-1]),
            accounts.c.number.label("account_number"),
        )
        .select_from(
            legacy_logins.outerjoin(rights, linked).outerjoin(
                accounts, accounts.c.id == rights.c.account_id
            )
        )
        .where(legacy_logins.c.court_id == court_id)
    )


@every(_login)
def _of_bar_number(court_id: str, number: str, limit: int) -> Select[*tuple[Any, ...]]:
    return _page(court_id, "", limit).where(legacy_logins.c.bar_id == number)


@every(_login)
def _alike(
    court_id: str, email: str, name: str, limit: int, *bars: str
) -> Select[*tuple[Any, ...]]:
    whole = func.lower(legacy_logins.c.first_name + " " + legacy_logins.c.last_name)
    return _page(court_id, "", limit).where(
        or_(
            (legacy_logins.c.email_key == email) & (legacy_logins.c.email_key != ""),
            (whole == name) & (whole != " "),
            legacy_logins.c.bar_id.in_(bars) & (legacy_logins.c.bar_id != ""),
        )
    )


def _page(court_id: str, after: str, limit: int) -> Select[*tuple[Any, ...]]:
    found = _of_court(court_id).where(legacy_logins.c.login_key > after)
    return found.order_by(legacy_logins.c.login_key).limit(limit)


@one_row(_login)
def _one(court_id: str, login_id: str) -> Select[*tuple[Any, ...]]:
    return _of_court(court_id).where(legacy_logins.c.id == login_id)


@every(_login)
def _all(court_id: str, after: str, limit: int) -> Select[*tuple[Any, ...]]:
    return _page(court_id, after, limit)


@every(_login)
def _holding(
    court_id: str, after: str, limit: int, text: str, like: str
) -> Select[*tuple[Any, ...]]:
    return _page(court_id, after, limit).where(
        or_(
            legacy_logins.c.login_key.like(like, escape="\\"),
            func.lower(legacy_logins.c.last_name).like(like, escape="\\"),
            legacy_logins.c.email_key == text,
        )
    )
