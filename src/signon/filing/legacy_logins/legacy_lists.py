"""A court's legacy logins in pages, by their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Select, func, select

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.legacy_logins import bar_numbers, found_by
from signon.filing.legacy_logins.legacy_logins import LINKED
from signon.filing.models import folded_logins, legacy_logins, rights
from signon.prepared import every
from signon.prepared import one as one_row
from signon.searching import ranges
from signon.searching.ranges import Found, Source


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
) -> list[Found[ListedLogin]]:
    """At most `limit` after a place, each with its own: all by their logins; with `words` those of
    whose person's name a word begins so, by name, else whose login or address does.

    Raises InputError for a place that is none.
    """
    tidy = words.strip().casefold()
    if not tidy:
        return [Found(one, one.key) for one in _all(unit, court.id, after, limit)]
    load = partial(_load, unit)
    sources = [
        *ranges.named(found_by.names_at(court.id), tidy, load),
        Source(found_by.logins_at(court.id), [tidy], load),
    ]
    return ranges.page(unit, sources, after=after, limit=limit)


def of_bar_number(unit: Unit, court: Court, number: str, *, limit: int = 20) -> list[ListedLogin]:
    """At most `limit` of that bar number, however it is written."""
    key = bar_numbers.key(number)
    found = _of_bar_number(unit, court.id, key, limit) if key else []
    return [each for each in found if bar_numbers.are_alike(each.bar_id, number)]


def one(unit: Unit, court: Court, login_id: str) -> ListedLogin | None:
    """One of the court's logins."""
    return _one(unit, court.id, login_id)


def _login(*columns: Any) -> ListedLogin:
    fields = dict(zip(ListedLogin.__slots__, columns, strict=True))
    fields["roles"] = tuple(fields["roles"])
    fields["cases"] = None if fields["cases"] is None else tuple(fields["cases"])
    fields["status"] = LINKED if fields["account_number"] else fields["status"]
    return ListedLogin(**fields)


def _linked() -> Select[*tuple[Any, ...]]:
    """Logins, and whoever has them: linked, or folded into a right. Joined by either at once, SQLite
    would look through all rights for each.
    """
    own, into = rights.alias("own"), rights.alias("into")
    is_own = (own.c.legacy_login_id == legacy_logins.c.id) & own.c.ended_at.is_(None)
    is_into = (into.c.id == folded_logins.c.right_id) & into.c.ended_at.is_(None)
    is_folded = folded_logins.c.legacy_login_id == legacy_logins.c.id
    holder = func.coalesce(own.c.account_id, into.c.account_id)
    return select(
        legacy_logins.c.id,
        legacy_logins.c.login_key.label("key"),
        *(legacy_logins.c[name] for name in ListedLogin.__slots__[2:-1]),
        accounts.c.number.label("account_number"),
    ).select_from(
        legacy_logins.outerjoin(folded_logins, is_folded)
        .outerjoin(own, is_own)
        .outerjoin(into, is_into)
        .outerjoin(accounts, accounts.c.id == holder)
    )


def _of_court(court_id: str) -> Select[*tuple[Any, ...]]:
    return _linked().where(legacy_logins.c.court_id == court_id)


@every(_login)
def _of_bar_number(court_id: str, key: str, limit: int) -> Select[*tuple[Any, ...]]:
    return _page(court_id, "", limit).where(bar_numbers.of_login == key)


def _page(court_id: str, after: str, limit: int) -> Select[*tuple[Any, ...]]:
    found = _of_court(court_id).where(legacy_logins.c.login_key > after)
    return found.order_by(legacy_logins.c.login_key).limit(limit)


@one_row(_login)
def _one(court_id: str, login_id: str) -> Select[*tuple[Any, ...]]:
    return _of_court(court_id).where(legacy_logins.c.id == login_id)


@every(_login)
def _all(court_id: str, after: str, limit: int) -> Select[*tuple[Any, ...]]:
    return _page(court_id, after, limit)


def _load(unit: Unit, ids: Sequence[str]) -> Mapping[str, ListedLogin]:
    """By ids of the court's place; if the court were named again, all its logins could be read."""
    # a list of any length
    rows = unit.execute(_linked().where(legacy_logins.c.id.in_(ids)))
    return {one.id: one for one in (_login(*row) for row in rows)}
