"""A court's logins by what it may see of each person: filtered, sorted, in pages and as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, Tuple, literal, select, tuple_, union_all

from signon.db import Unit
from signon.errors import InputError
from signon.filing.cutover import states
from signon.filing.cutover.states import Preparedness
from signon.filing.legacy_logins import found_by
from signon.filing.models import legacy_logins as table
from signon.searching import ranges
from signon.searching.words import SHORTEST, beginnings

PART = 1000
"""Logins of a part of an export."""
WALKED = 3000
"""Logins that are looked through for one part: more would let somebody wait."""
BETWEEN = "\x1f"
"""Between the words of a place; no name has it in it."""
RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


class LoginOrder(StrEnum):
    """What it is sorted by."""

    LOGIN = "login"
    NAME = "name"


class Line(NamedTuple):
    """A login; `status` is the court's own word for it."""

    id: str
    key: str
    login: str
    first_name: str
    last_name: str
    email: str
    status: str
    standing: str

    @property
    def why(self) -> str:
        """Why nobody can prove it, in a word; empty when somebody can."""
        if self.standing != Preparedness.UNUSABLE:
            return ""
        if self.status != "active":
            return self.status
        return "mail comes back" if self.email else "no address"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty: any. `after` is the `place` of the last one of a page."""

    words: str = ""
    standing: str = ""
    order: LoginOrder = LoginOrder.LOGIN
    after: str = ""
    limit: int = 50


class Part(NamedTuple):
    """Some of them, and after which place the list goes on; None: these were the last.

    A part may be short, or empty, and yet not the last: of a large court no more than `WALKED`
    logins are looked through for one.
    """

    lines: list[Line]
    after: str | None


def find(unit: Unit, court_id: str, wanted: Wanted) -> Part:
    """At most `limit`. Raises InputError for a standing that there is none of, or too few words."""
    by = [table.c.last_name, table.c.login_key][wanted.order is LoginOrder.LOGIN :]
    # composed of what is looked for
    conditions: list[ColumnElement[bool]] = [table.c.court_id == court_id]
    if wanted.words:
        conditions.append(_words(unit, court_id, wanted.words))
    if wanted.after:
        conditions.append(tuple_(*by) > _place(by, wanted.after))
    end = None
    if wanted.standing:
        one = _standing(wanted.standing)
        # whoever is found by words are few
        few = None if wanted.words else states.few(unit, court_id, one)
        if few is not None:
            conditions.append(table.c.id.in_(few))
        elif not wanted.words and (end := _end(unit, by, conditions)):
            conditions.append(tuple_(*by) <= _place(by, end))
        conditions.append(states.stands(one))
    found = select(
        table.c.id,
        table.c.login_key,
        *(table.c[name] for name in Line._fields[2:-1]),
        states.standing().label("standing"),
    )
    listed = found.select_from(states.joined()).where(*conditions).order_by(*by)
    lines = [Line(*row) for row in unit.execute(listed.limit(wanted.limit + 1))]
    if len(lines) <= wanted.limit:
        return Part(lines, end)
    return Part(lines[:-1], place(wanted, lines[-2]))


def place(wanted: Wanted, line: Line) -> str:
    """Where a login stands in the list."""
    by_name = wanted.order is LoginOrder.NAME
    return BETWEEN.join([*([line.last_name] if by_name else []), line.key])


def _place(by: Sequence[ColumnElement[str]], after: str) -> Tuple:
    values = after.split(BETWEEN)
    if len(values) != len(by):
        raise InputError("This cursor is of another list.", field="cursor")
    return tuple_(*(literal(one) for one in values))


def _end(
    unit: Unit, by: Sequence[ColumnElement[str]], conditions: Sequence[ColumnElement[bool]]
) -> str | None:
    """Up to which place one part looks; None: to the end."""
    # composed of what is looked for
    last = select(*by).where(*conditions).order_by(*by).offset(WALKED - 1).limit(1)
    row = next(iter(unit.execute(last)), None)
    return None if row is None else BETWEEN.join(row)


def every(unit: Unit, court_id: str, wanted: Wanted) -> Iterator[list[Line]]:
    """All of them, part by part."""
    part = replace(wanted, limit=PART)
    after: str | None = part.after
    while after is not None:
        lines, after = find(unit, court_id, replace(part, after=after))
        yield lines


COLUMNS = ("login", "last_name", "first_name", "email", "state", "why")


def as_csv(lines: Iterable[Line], *, with_heading: bool = True) -> str:
    """Lines of CSV (RFC 4180) that no spreadsheet runs."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    if with_heading:
        writer.writerow(COLUMNS)
    for one in lines:
        cells = (one.login, one.last_name, one.first_name, one.email, one.standing, one.why)
        writer.writerow([f"'{cell}" if cell.startswith(RUNS) else cell for cell in cells])
    return made.getvalue()


def order_of(name: str) -> LoginOrder:
    """The order of that name; the usual one for any other."""
    return LoginOrder(name) if name in set(LoginOrder) else LoginOrder.LOGIN


def _standing(name: str) -> Preparedness:
    if name not in set(Preparedness):
        raise InputError(f"The state must be one of {', '.join(Preparedness)}.", field="state")
    return Preparedness(name)


def _words(unit: Unit, court_id: str, text: str) -> ColumnElement[bool]:
    """Whose name, login or address has a word that begins so; the list keeps its order."""
    tidy = " ".join(text.split()).casefold()
    if len(tidy) < SHORTEST:
        raise InputError(f"Search for {SHORTEST} characters or more.", field="q")
    named = ranges.subjects(unit, found_by.names_at(court_id), beginnings(tidy))
    logins = ranges.subjects(unit, found_by.logins_at(court_id), [tidy])
    return table.c.id.in_(union_all(named, logins))
