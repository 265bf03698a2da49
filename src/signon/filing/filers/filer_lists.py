"""A court's filers in pages, newest right first, found by number, name, login, state or role."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from signon.accounts.directory import ACCOUNT_COLUMNS, from_row
from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError
from signon.filing.models import legacy_logins
from signon.filing.models import rights as table
from signon.filing.rights import rights
from signon.filing.rights.filers import Filer
from signon.filing.rights.filing_status import RightStatus
from signon.filing.roles import Role
from signon.web.paging import place_after, place_of

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
    if search.words and not search.after and (exact := _exact(unit, court, search)):
        return exact
    conditions = [table.c.court_id == bindparam("court"), table.c.ended_at.is_(None)]
    values: dict[str, Any] = {"court": court.id, "limit": search.limit}
    if search.status:
        conditions.append(_status(search.status))
    if search.role:
        conditions.append(cast(table.c.roles, String).contains(f'"{_role(search.role)}"'))
    if search.words:
        found, more = _words(search.words)
        conditions.append(found)
        values |= more
    if search.after:
        conditions.append(_AFTER)
        values |= dict(zip(("at", "id"), place_after(search.after), strict=True))
    statement = _ALL.where(*conditions).order_by(table.c.created_at.desc(), table.c.id.desc())
    rows = unit.execute(statement.limit(bindparam("limit")), values).mappings()
    return [_of_row(row) for row in rows]


def key(filer: Filer) -> str:
    """Where a filer stands in the list."""
    return place_of(filer.right.created_at, filer.right.id)


def waiting_count(unit: Unit, court: Court) -> int:
    """How many links wait for the court's look at their names."""
    statement = select(func.count()).select_from(table)
    waiting = (table.c.court_id == court.id, table.c.ended_at.is_(None))
    return unit.scalar(statement.where(*waiting, _status(RightStatus.PENDING))) or 0


def _exact(unit: Unit, court: Court, search: Search) -> list[Filer]:
    tidy = " ".join(search.words.split()).casefold()
    values = {"court": court.id, "text": tidy}
    found = {
        filer.right.id: filer
        for statement in (_OF_LOGIN, _OF_NAME)
        for filer in map(_of_row, unit.execute(statement, values).mappings())
        if search.status in {"", filer.right.status}
        and (not search.role or search.role in filer.right.roles)
    }
    return list(found.values())[: search.limit]


def _status(name: str) -> ColumnElement[bool]:
    if name not in set(RightStatus):
        raise InputError(f"The status must be one of {', '.join(RightStatus)}.", field="status")
    # written out, so that the index of these few rows is used
    return table.c.status == literal_column(f"'{name}'")


def _role(name: str) -> str:
    if name not in set(Role):
        raise InputError(f"The role must be one of {', '.join(Role)}.", field="role")
    return name


def _words(text: str) -> tuple[ColumnElement[bool], dict[str, str]]:
    tidy = " ".join(text.split()).casefold()
    if len(tidy) < SHORTEST:
        raise InputError(f"Search for {SHORTEST} characters or more.", field="q")
    if len(tidy) == 7 and tidy.isdigit():
        return accounts.c.number == bindparam("text"), {"text": tidy}
    escaped = "".join(f"\\{one}" if one in "\\%_" else one for one in tidy)
    return table.c.id.in_(_HOLDING), {"like": f"%{escaped}%"}


def _of_row(row: Any) -> Filer:
    fields = {name.removeprefix("right_"): row[name] for name in row if name.startswith("right_")}
    return Filer(from_row(row), rights.of_row({**fields, "account_id": row["account_id"]}))


_ALL = (
    select(
        *ACCOUNT_COLUMNS,
        *(
            column.label(f"right_{column.name}")
            for column in table.c
            if column is not table.c.account_id
        ),
    )
    .join_from(table, accounts, accounts.c.id == table.c.account_id)
    .where(table.c.court_id == bindparam("court"))
)
_AFTER = tuple_(table.c.created_at, table.c.id) < tuple_(
    bindparam("at", type_=table.c.created_at.type), bindparam("id", type_=table.c.id.type)
)
_OPEN = table.c.ended_at.is_(None)
_LIKE: ColumnElement[str] = bindparam("like")
_HELD = table.alias("held")
# Walking a large court's filers costs what is read of each: of those with a legacy login, names
# and login stand in one row; only the others need the account.
_LOGINS_HOLDING = (
    select(_HELD.c.id)
    .join_from(legacy_logins, _HELD, _HELD.c.legacy_login_id == legacy_logins.c.id)
    .where(
        legacy_logins.c.court_id == bindparam("court"),
        or_(
            legacy_logins.c.login_key.like(_LIKE, escape="\\"),
            func.lower(legacy_logins.c.first_name + " " + legacy_logins.c.last_name).like(
                _LIKE, escape="\\"
            ),
        ),
    )
)
_REGISTERED_HOLDING = (
    select(_HELD.c.id)
    .join_from(_HELD, accounts, accounts.c.id == _HELD.c.account_id)
    .where(
        _HELD.c.court_id == bindparam("court"),
        _HELD.c.legacy_login_id.is_(None),
        _HELD.c.ended_at.is_(None),
        or_(
            accounts.c.name_key.like(_LIKE, escape="\\"),
            func.lower(_HELD.c.login).like(_LIKE, escape="\\"),
        ),
    )
)
_HOLDING = union_all(_LOGINS_HOLDING, _REGISTERED_HOLDING)
_OF_NAME = _ALL.where(accounts.c.name_key == bindparam("text"), _OPEN)
_OF_LOGIN = _ALL.where(
    _OPEN,
    table.c.legacy_login_id.in_(
        select(legacy_logins.c.id).where(
            legacy_logins.c.court_id == bindparam("court"),
            legacy_logins.c.login_key == bindparam("text"),
        )
    ),
)
