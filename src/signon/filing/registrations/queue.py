"""A court's registrations as its staff sees them: by state, the longest waiting first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, literal, select, tuple_

from signon.accounts.directory import ACCOUNT_COLUMNS, Account, from_row
from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Moment, Unit
from signon.errors import InputError
from signon.filing.court.desk import Desk, Power
from signon.filing.models import efile_registrations
from signon.filing.registrations import documents, registrations
from signon.filing.registrations.documents import Document
from signon.filing.registrations.registrations import SUBMITTED, Registration, State, Step
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
    statement = _LISTED
    values: dict[str, object] = {"court": desk.court.id, "state": state.value, "limit": limit}
    if after:
        at, registration_id = place_after(after)
        statement = statement.where(
            tuple_(efile_registrations.c.submitted_at, efile_registrations.c.id)
            > tuple_(literal(at, Moment), registration_id)
        )
    rows = unit.execute(statement, values).mappings()
    return [_listed(row) for row in rows]


def counts(unit: Unit, desk: Desk) -> dict[State, int]:
    """How many there are of each state that a court sees."""
    rows = unit.execute(_COUNTS, {"court": desk.court.id}).all()
    found = {State(row.state): row.number for row in rows}
    return {state: found.get(state, 0) for state in SUBMITTED}


def file(unit: Unit, desk: Desk, registration_id: str) -> File:
    """One with all that belongs to it. Raises NotFoundError."""
    there = registrations.at_court(unit, desk.court.id, registration_id)
    row = unit.execute(_APPLICANT, {"account": there.account_id}).mappings().one()
    return File(
        there,
        from_row(row),
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


def _listed(row: object) -> Listed:
    mapping = dict(row)  # type: ignore[call-overload]
    own = {column.name: mapping[f"registration_{column.name}"] for column in efile_registrations.c}
    return Listed(registrations.from_row(own), from_row(mapping))


_LISTED = (
    select(
        *(column.label(f"registration_{column.name}") for column in efile_registrations.c),
        *ACCOUNT_COLUMNS,
    )
    .join_from(efile_registrations, accounts, efile_registrations.c.account_id == accounts.c.id)
    .where(
        efile_registrations.c.court_id == bindparam("court"),
        efile_registrations.c.state == bindparam("state"),
        # what was withdrawn as a draft was never the court's
        efile_registrations.c.submitted_at.is_not(None),
    )
    .order_by(efile_registrations.c.submitted_at, efile_registrations.c.id)
    .limit(bindparam("limit"))
)
_COUNTS = (
    select(efile_registrations.c.state, func.count().label("number"))
    .where(
        efile_registrations.c.court_id == bindparam("court"),
        efile_registrations.c.submitted_at.is_not(None),
    )
    .group_by(efile_registrations.c.state)
)
_APPLICANT = select(*ACCOUNT_COLUMNS).where(accounts.c.id == bindparam("account"))
