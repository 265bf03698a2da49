"""A court's registrations of one state, found by name, number or what is asked for, in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, literal, select, tuple_, union_all

from signon.accounts.directory import username_key
from signon.accounts.found_by import at_court
from signon.accounts.models import accounts
from signon.db import Moment, Unit
from signon.errors import InputError
from signon.filing.court.desk import Desk
from signon.filing.models import efile_registrations as table
from signon.filing.registration_types import RegistrationType
from signon.filing.registrations import queue
from signon.filing.registrations.queue import Listed
from signon.filing.registrations.registrations import State
from signon.searching import ranges
from signon.searching.words import SHORTEST, beginnings
from signon.web.paging import place_after


class Order(StrEnum):
    """Which comes first."""

    OLDEST = "oldest"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class QueueSearch:
    """What is looked for; empty: any. `after` is the `key` of the last one of a page."""

    state: State = State.PENDING
    words: str = ""
    kind: str = ""
    order: Order = Order.OLDEST
    after: str = ""
    limit: int = 50

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves out some of the state."""
        return bool(self.words or self.kind)


def find(unit: Unit, desk: Desk, search: QueueSearch) -> Sequence[Listed]:
    """At most `limit`. Raises InputError for words that are too few and for a place that is none."""
    if not search.is_narrowed and search.order is Order.OLDEST:
        return queue.listed(unit, desk, search.state, after=search.after, limit=search.limit)
    # composed of what is looked for
    statement = queue.of_state(desk.court.id, search.state)
    if search.kind:
        statement = statement.where(table.c.type == _kind(search.kind))
    if search.words:
        statement = statement.where(_words(unit, desk.court.id, search.words))
    place = tuple_(table.c.submitted_at, table.c.id)
    is_oldest = search.order is Order.OLDEST
    if search.after:
        at, registration_id = place_after(search.after)
        last = tuple_(literal(at, Moment), registration_id)
        statement = statement.where(place > last if is_oldest else place < last)
    columns = table.c.submitted_at, table.c.id
    ordered = columns if is_oldest else tuple(column.desc() for column in columns)
    return [
        queue.of_row(*row) for row in unit.execute(statement.order_by(*ordered).limit(search.limit))
    ]


def order_of(name: str) -> Order:
    """The order of that name; the usual one for any other."""
    return Order(name) if name in set(Order) else Order.OLDEST


def _kind(name: str) -> str:
    if name not in set(RegistrationType):
        raise InputError("Choose one of the kinds of registration.", field="kind")
    return name


def _words(unit: Unit, court_id: str, text: str) -> ColumnElement[bool]:
    """By number or username, or by what a word of the name begins with."""
    tidy = " ".join(text.split()).casefold()
    if len(tidy) < SHORTEST:
        raise InputError(f"Search for {SHORTEST} characters or more.", field="q")
    if len(tidy) == 7 and tidy.isdigit():
        return accounts.c.number == tidy
    named = ranges.subjects(unit, at_court(court_id), beginnings(tidy))
    called = select(accounts.c.id).where(accounts.c.username_key == username_key(tidy))
    return table.c.account_id.in_(union_all(named, called))
