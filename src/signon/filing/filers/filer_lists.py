"""A court's filers in pages, newest right first, found by number, name, login, state or role."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from signon.accounts.directory import ACCOUNT_COLUMNS, account_of
from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Moment, Unit
from signon.errors import InputError
from signon.filing.models import folded_logins, legacy_logins
from signon.filing.models import rights as table
from signon.filing.rights import rights
from signon.filing.rights.filers import Filer
from signon.filing.rights.filing_status import RightStatus
from signon.filing.roles import Role
from signon.prepared import every, given
from signon.web.paging import place_after, place_of

LATEST = datetime(9999, 1, 1, tzinfo=UTC), ""
"""The place that everybody stands after."""
SHORTEST = 2
"""Characters of a search; fewer would find everybody."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; empty: anybody. `after` is the `key` of the last one of a page."""

    words: str = ""
    status: str = ""
    role: str = ""
    after: str = ""
    limit: int = 50


def find(unit: Unit, court: Court, search: Search) -> list[Filer]:
    """At most `limit` filers whose right has not ended. Raises InputError.

    Whose login or whole name is exactly what was typed comes alone, by an index; else whatever
    holds the words, for which the court's rights are walked through.
    """
    if not (search.words or search.status or search.role):
        at, right_id = place_after(search.after) if search.after else LATEST
        return _before(unit, court.id, at, right_id, search.limit)
    if search.words and not search.after and (exact := _exact(unit, court, search)):
        return exact
    # composed of what is looked for
    conditions = [table.c.court_id == court.id, table.c.ended_at.is_(None)]
    if search.status:
        conditions.append(_status(search.status))
    if search.role:
        conditions.append(cast(table.c.roles, String).contains(f'"{_role(search.role)}"'))
    if search.words:
        conditions.append(_words(court, search.words))
    if search.after:
        at, right_id = place_after(search.after)
        place = tuple_(table.c.created_at, table.c.id)
        conditions.append(place < tuple_(literal(at, Moment), right_id))
    statement = _ALL.where(*conditions).order_by(table.c.created_at.desc(), table.c.id.desc())
    return [_filer(*row) for row in unit.execute(statement.limit(search.limit))]


def key(filer: Filer) -> str:
    """Where a filer stands in the list."""
    return place_of(filer.right.created_at, filer.right.id)


def _exact(unit: Unit, court: Court, search: Search) -> list[Filer]:
    tidy = " ".join(search.words.split()).casefold()
    found = {
        filer.right.id: filer
        for filer in (*_of_login(unit, court.id, tidy), *_of_name(unit, court.id, tidy))
        if search.status in {"", filer.right.status}
        and (not search.role or search.role in filer.right.roles)
    }
    return list(found.values())[: search.limit]


def _status(name: str) -> ColumnElement[bool]:
    if name not in set(RightStatus):
        raise InputError(f"The status must be one of {', '.join(RightStatus)}.", field="status")
    # written out, so that the index of these few rows is used
    is_it = table.c.status == literal_column(f"'{name}'")
    if name != RightStatus.PENDING:
        return is_it
    waits = select(folded_logins.c.right_id).where(folded_logins.c.accepted_at.is_(None))
    return or_(is_it, table.c.id.in_(waits))


def _role(name: str) -> str:
    if name not in set(Role):
        raise InputError(f"The role must be one of {', '.join(Role)}.", field="role")
    return name


def _words(court: Court, text: str) -> ColumnElement[bool]:
    tidy = " ".join(text.split()).casefold()
    if len(tidy) < SHORTEST:
        raise InputError(f"Search for {SHORTEST} characters or more.", field="q")
    if len(tidy) == 7 and tidy.isdigit():
        return accounts.c.number == tidy
    escaped = "".join(f"\\{one}" if one in "\\%_" else one for one in tidy)
    return table.c.id.in_(_holding(court, f"%{escaped}%"))


def _filer(*values: Any) -> Filer:
    count = len(rights.COLUMNS)
    return Filer(account_of(*values[count:]), rights.of_columns(*values[:count]))


_ALL = select(*rights.LABELLED, *ACCOUNT_COLUMNS).join_from(
    table, accounts, accounts.c.id == table.c.account_id
)
_HELD = table.alias("held")


def _holding(court: Court, like: str) -> CompoundSelect[Any]:
    """The rights of whose names or login it is part.

    Walking a large court's filers costs what is read of each: of those with a legacy login, names
    and login stand in one row; only the others need the account.
    """
    names = func.trim(func.lower(legacy_logins.c.first_name + " " + legacy_logins.c.last_name))
    # said of the rights too, although a court's logins are linked at that court alone: else all
    # rights of all courts are read to find them
    here = (_HELD.c.court_id == court.id, _HELD.c.ended_at.is_(None))
    logins = (
        select(_HELD.c.id)
        .join_from(legacy_logins, _HELD, _HELD.c.legacy_login_id == legacy_logins.c.id)
        .where(
            *here,
            legacy_logins.c.court_id == court.id,
            or_(legacy_logins.c.login_key.like(like, escape="\\"), names.like(like, escape="\\")),
        )
    )
    registered = (
        select(_HELD.c.id)
        .join_from(_HELD, accounts, accounts.c.id == _HELD.c.account_id)
        .where(
            *here,
            _HELD.c.legacy_login_id.is_(None),
            or_(
                accounts.c.name_key.like(like, escape="\\"),
                func.lower(_HELD.c.login).like(like, escape="\\"),
            ),
        )
    )
    return union_all(logins, registered)


@every(_filer)
def _before(court_id: str, at: datetime, right_id: str, limit: int) -> Select[*tuple[Any, ...]]:
    open_here = _ALL.where(table.c.court_id == court_id, table.c.ended_at.is_(None))
    place = tuple_(table.c.created_at, table.c.id)
    newest = table.c.created_at.desc(), table.c.id.desc()
    return (
        open_here.where(place < tuple_(given(at), given(right_id))).order_by(*newest).limit(limit)
    )


@every(_filer)
def _of_name(court_id: str, name: str) -> Select[*tuple[Any, ...]]:
    open_here = _ALL.where(table.c.court_id == court_id, table.c.ended_at.is_(None))
    return open_here.where(accounts.c.name_key == name)


@every(_filer)
def _of_login(court_id: str, login: str) -> Select[*tuple[Any, ...]]:
    of_court = (legacy_logins.c.court_id == court_id, legacy_logins.c.login_key == login)
    open_here = _ALL.where(table.c.court_id == court_id, table.c.ended_at.is_(None))
    named = select(legacy_logins.c.id).where(*of_court)
    into = select(folded_logins.c.right_id).where(folded_logins.c.legacy_login_id.in_(named))
    return open_here.where(or_(table.c.legacy_login_id.in_(named), table.c.id.in_(into)))
