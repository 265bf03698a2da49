"""A court's registrations as its staff sees them: by state, the longest waiting first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select, tuple_

from signon.accounts import directory
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import InputError
from signon.filing.court.desk import Desk, Power
from signon.filing.models import efile_registrations
from signon.filing.registrations import documents, registrations
from signon.filing.registrations.documents import Document
from signon.filing.registrations.registrations import SUBMITTED, Registration, State, Step
from signon.prepared import every, given
from signon.web.acts import Act
from signon.web.paging import place_after, place_of


@dataclass(frozen=True, slots=True)
class Listed:
    """A registration with its applicant."""

    registration: Registration
    applicant: Account

    @property
    def key(self) -> str:
        """Its place in the list."""
        at = self.registration.submitted_at
        assert at is not None
        return place_of(at, self.registration.id)


@dataclass(frozen=True, slots=True)
class File:
    """Everything about one registration."""

    registration: Registration
    applicant: Account
    documents: Sequence[Document]
    steps: Sequence[Step]


def listed(
    unit: Unit, desk: Desk, state: State, *, after: str | None = None, limit: int = 50
) -> list[Listed]:
    """At most `limit` of a state after that place. Raises InputError for a place that is none."""
    if not after:
        return _first(unit, desk.court.id, state, limit)
    return _after(unit, desk.court.id, state, limit, *place_after(after))


def oldest(unit: Unit, court_id: str, limit: int) -> list[Listed]:
    """At most `limit` of those that wait for a court, the longest waiting first."""
    return _first(unit, court_id, State.PENDING, limit)


class Tally(NamedTuple):
    """How many registrations a state holds, and when the oldest of them was sent."""

    number: int = 0
    oldest: datetime | None = None


def tallies(unit: Unit, desk: Desk) -> dict[State, Tally]:
    """Of each state that a court sees."""
    found = {row.state: Tally(row.number, row.oldest) for row in _tallies(unit, desk.court.id)}
    return {state: found.get(state, Tally()) for state in SUBMITTED}


def file(unit: Unit, desk: Desk, registration_id: str) -> File:
    """One with all that belongs to it. Raises NotFoundError."""
    there = registrations.at_court(unit, desk.court.id, registration_id)
    applicant = directory.by_id(unit, there.account_id)
    assert applicant is not None
    return File(
        there,
        applicant,
        documents.of(unit, there.id),
        registrations.steps(unit, there.id),
    )


def document(
    unit: Unit, desk: Desk, registration_id: str, document_id: str
) -> tuple[Document, bytes]:
    """One of its documents for the court; who read it stands in the trail. Raises NotFoundError."""
    there = registrations.at_court(unit, desk.court.id, registration_id)
    found = documents.content(unit, there.id, document_id)
    trail.record(
        unit,
        Event.DOCUMENT_READ,
        actor=desk.actor,
        account_id=there.account_id,
        court_id=desk.court.id,
        registration=there.id,
        document=document_id,
    )
    return found


READ = Act("read", document, needs=Power.READ)
"""It changes nothing but the trail."""


def state_of(name: str) -> State:
    """A state that a court may list. Raises InputError."""
    if name not in set(SUBMITTED):
        raise InputError(f"The state must be one of {', '.join(SUBMITTED)}.", field="state")
    return State(name)


def of_row(*columns: Any) -> Listed:
    """What a row of `of_state` says."""
    count = len(efile_registrations.c)
    there = registrations.of_columns(*columns[:count])
    return Listed(there, account_of(*columns[count:]))


def of_state(court_id: str, state: str) -> Select[*tuple[Any, ...]]:
    """Those of a state with their applicants, in no order; `of_row` reads what it finds."""
    return (
        select(
            *(column.label(f"registration_{column.name}") for column in efile_registrations.c),
            *ACCOUNT_COLUMNS,
        )
        .join_from(efile_registrations, accounts, efile_registrations.c.account_id == accounts.c.id)
        .where(
            efile_registrations.c.court_id == court_id,
            efile_registrations.c.state == state,
            # what was withdrawn as a draft was never the court's
            efile_registrations.c.submitted_at.is_not(None),
        )
    )


def _page(court_id: str, state: str, limit: int) -> Select[*tuple[Any, ...]]:
    oldest = efile_registrations.c.submitted_at, efile_registrations.c.id
    return of_state(court_id, state).order_by(*oldest).limit(limit)


@every(of_row)
def _first(court_id: str, state: str, limit: int) -> Select[*tuple[Any, ...]]:
    return _page(court_id, state, limit)


@every(of_row)
def _after(
    court_id: str, state: str, limit: int, at: datetime, registration_id: str
) -> Select[*tuple[Any, ...]]:
    place = tuple_(efile_registrations.c.submitted_at, efile_registrations.c.id)
    return _page(court_id, state, limit).where(place > tuple_(given(at), given(registration_id)))


class _Tally(NamedTuple):
    state: str
    number: int
    oldest: datetime | None


@every(_Tally)
def _tallies(court_id: str) -> Select[str, int, datetime | None]:
    return (
        select(
            efile_registrations.c.state,
            func.count().label("number"),
            func.min(efile_registrations.c.submitted_at).label("oldest"),
        )
        .where(
            efile_registrations.c.court_id == court_id,
            efile_registrations.c.submitted_at.is_not(None),
        )
        .group_by(efile_registrations.c.state)
    )
