"""A court's filers in pages, newest right first, found by number, name, login, state or role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)

from signon.accounts import found_by
from signon.accounts.directory import ACCOUNT_COLUMNS, account_of
from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Moment, Unit
from signon.errors import InputError
from signon.filing.legacy_logins.found_by import logins_at
from signon.filing.models import folded_logins, holds, legacy_logins
from signon.filing.models import rights as table
from signon.filing.rights import rights
from signon.filing.rights.filers import Filer
from signon.filing.rights.filing_status import RightStatus
from signon.filing.roles import Role
from signon.prepared import every, given
from signon.searching import ranges
from signon.searching.ranges import Found, Source
from signon.searching.words import SHORTEST
from signon.web.paging import place_after, place_of

LATEST = datetime(9999, 1, 1, tzinfo=UTC), ""
"""The place that everybody stands after."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; empty: anybody. `after` is the place of the last one of a page."""

    words: str = ""
    status: str = ""
    role: str = ""
    after: str = ""
    limit: int = 50


def find(unit: Unit, court: Court, search: Search) -> list[Found[Filer]]:
    """At most `limit` filers whose right has not ended, each with its place. Raises InputError.

    Whose login, number or whole name is exactly what was typed comes alone; else whose name has
    words that begin so, by name; else whose login begins so.
    """
    if not (search.words or search.status or search.role):
        at, right_id = place_after(search.after) if search.after else LATEST
        return _placed(_before(unit, court.id, at, right_id, search.limit))
    conditions: list[ColumnElement[bool]] = [
        table.c.court_id == court.id,
        table.c.ended_at.is_(None),
        *([holds(_role(search.role))] if search.role else []),
    ]
    if search.words:
        stands = [_status(court.id, search.status)] if search.status else []
        return _of_words(unit, court, search, [*conditions, *stands])
    if search.after:
        at, right_id = place_after(search.after)
        place = tuple_(table.c.created_at, table.c.id)
        conditions.append(place < tuple_(literal(at, Moment), right_id))
    if search.status == RightStatus.PENDING:
        conditions = [_newest_pending(conditions, search.limit)]
    elif search.status:
        conditions.append(_is(search.status))
    # composed of what is looked for
    statement = _ALL.where(*conditions).order_by(*_NEWEST).limit(search.limit)
    return _placed([_filer(*row) for row in unit.execute(statement)])


def _placed(filers: Sequence[Filer]) -> list[Found[Filer]]:
    return [Found(one, place_of(one.right.created_at, one.right.id)) for one in filers]


def _of_words(
    unit: Unit, court: Court, search: Search, conditions: Sequence[ColumnElement[bool]]
) -> list[Found[Filer]]:
    tidy = " ".join(search.words.split()).casefold()
    if len(tidy) < SHORTEST:
        raise InputError(f"Search for {SHORTEST} characters or more.", field="q")
    if not search.after and (exact := _exact(unit, court, search, tidy)):
        return exact
    if len(tidy) == 7 and tidy.isdigit():
        numbered = _ALL.where(*conditions, accounts.c.number == tidy)
        return _placed([_filer(*row) for row in unit.execute(numbered)])
    sources = [
        *ranges.named(found_by.at_court(court.id), tidy, partial(_of_accounts, unit, conditions)),
        Source(logins_at(court.id), [tidy], partial(_of_logins, unit, conditions)),
    ]
    return ranges.page(unit, sources, after=search.after, limit=search.limit)


def _of_accounts(
    unit: Unit, conditions: Sequence[ColumnElement[bool]], ids: Sequence[str]
) -> Mapping[str, Filer]:
    # a list of any length
    rows = unit.execute(_ALL.where(*conditions, table.c.account_id.in_(ids)))
    return {one.account.id: one for one in (_filer(*row) for row in rows)}


def _of_logins(
    unit: Unit, conditions: Sequence[ColumnElement[bool]], ids: Sequence[str]
) -> Mapping[str, Filer]:
    """By the login that the right came of, or one that was folded into it."""
    # a list of any length
    folded = dict(_folded(unit, ids))
    # with OR, the court's rights would be walked through
    linked = select(table.c.id).where(table.c.legacy_login_id.in_(ids), table.c.ended_at.is_(None))
    other = select(folded_logins.c.right_id).where(folded_logins.c.legacy_login_id.in_(ids))
    meant = table.c.id.in_(union_all(linked, other))
    found = [_filer(*row) for row in unit.execute(_ALL.where(*conditions, meant))]
    rights_of = {one.right.id: one for one in found}
    own = {one.right.legacy_login_id: one for one in found if one.right.legacy_login_id}
    into = {login: rights_of[right] for login, right in folded.items() if right in rights_of}
    return {login: one for login, one in (own | into).items() if login in set(ids)}


def _folded(unit: Unit, ids: Sequence[str]) -> list[tuple[str, str]]:
    # a list of any length
    columns = folded_logins.c.legacy_login_id, folded_logins.c.right_id
    rows = unit.execute(select(*columns).where(folded_logins.c.legacy_login_id.in_(ids)))
    return [(login, right) for login, right in rows]


def _exact(unit: Unit, court: Court, search: Search, tidy: str) -> list[Found[Filer]]:
    found = {
        filer.right.id: filer
        for filer in (*_of_login(unit, court.id, tidy), *_of_name(unit, court.id, tidy))
        if search.status in {"", filer.right.status}
        and (not search.role or search.role in filer.right.roles)
    }
    return _placed(list(found.values())[: search.limit])


def _is(status: str) -> ColumnElement[bool]:
    if status not in set(RightStatus):
        raise InputError(f"The status must be one of {', '.join(RightStatus)}.", field="status")
    is_it = table.c.status == literal_column(f"'{status}'")
    # written out, so that the index of these few rows is used
    return is_it if status == RightStatus.ACTIVE else is_it & (table.c.status != ACTIVE)


def _newest_pending(conditions: Sequence[ColumnElement[bool]], limit: int) -> ColumnElement[bool]:
    """Rights that wait, and those that a further login waits for: each by an index in its order."""
    waits = select(table.c.id).join(folded_logins, folded_logins.c.right_id == table.c.id)
    walks = (
        select(table.c.id).where(*conditions, _is(RightStatus.PENDING)),
        waits.where(*conditions, folded_logins.c.accepted_at.is_(None)),
    )
    newest = (one.order_by(*_NEWEST).limit(limit).subquery() for one in walks)
    return table.c.id.in_(union_all(*(select(one.c.id) for one in newest)))


def _status(court_id: str, name: str) -> ColumnElement[bool]:
    is_it = _is(name)
    if name != RightStatus.PENDING:
        return is_it
    here = table.c.court_id == court_id, table.c.ended_at.is_(None)
    waits = select(folded_logins.c.right_id).where(folded_logins.c.accepted_at.is_(None))
    # with OR, the court's rights would be walked through
    return table.c.id.in_(union_all(select(table.c.id).where(*here, is_it), waits))


def _role(name: str) -> str:
    if name not in set(Role):
        raise InputError(f"The role must be one of {', '.join(Role)}.", field="role")
    return name


def _filer(*values: Any) -> Filer:
    count = len(rights.COLUMNS)
    return Filer(account_of(*values[count:]), rights.of_columns(*values[:count]))


ACTIVE: ColumnElement[str] = literal_column("'active'")
_NEWEST = table.c.created_at.desc(), table.c.id.desc()
_ALL = select(*rights.LABELLED, *ACCOUNT_COLUMNS).join_from(
    table, accounts, accounts.c.id == table.c.account_id
)


@every(_filer)
def _before(court_id: str, at: datetime, right_id: str, limit: int) -> Select[*tuple[Any, ...]]:
    open_here = _ALL.where(table.c.court_id == court_id, table.c.ended_at.is_(None))
    place = tuple_(table.c.created_at, table.c.id)
    further = open_here.where(place < tuple_(given(at), given(right_id)))
    return further.order_by(*_NEWEST).limit(limit)


@every(_filer)
def _of_name(court_id: str, name: str) -> Select[*tuple[Any, ...]]:
    open_here = _ALL.where(table.c.court_id == court_id, table.c.ended_at.is_(None))
    return open_here.where(accounts.c.name_key == name)


@every(_filer)
def _of_login(court_id: str, login: str) -> Select[*tuple[Any, ...]]:
    of_court = (legacy_logins.c.court_id == court_id, legacy_logins.c.login_key == login)
    open_here = _ALL.where(table.c.court_id == court_id, table.c.ended_at.is_(None))
    named = select(legacy_logins.c.id).where(*of_court)
    # said of each: the index of logins is one of open rights
    own = select(table.c.id).where(table.c.legacy_login_id.in_(named), table.c.ended_at.is_(None))
    into = select(folded_logins.c.right_id).where(folded_logins.c.legacy_login_id.in_(named))
    # with OR, the court's rights would be walked through
    return open_here.where(table.c.id.in_(union_all(own, into)))
