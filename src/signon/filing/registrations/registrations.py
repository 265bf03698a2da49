"""A registration for e-filing: what it is, how it is found, and the only way it moves.

draft → pending → approved | returned | rejected; returned → pending; until it is decided the
applicant may withdraw it. Every move is one guarded UPDATE that makes a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import NotFoundError
from signon.filing.models import efile_registration_history as history
from signon.filing.models import efile_registrations as registrations
from signon.filing.registration_types import RegistrationType
from signon.filing.roles import Form, Role, in_order
from signon.web import preconditions
from signon.web.visitor import Source


class State(StrEnum):
    """Where a registration stands."""

    DRAFT = "draft"
    PENDING = "pending"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN = (State.DRAFT, State.PENDING, State.RETURNED)
"""Not decided yet; an account has one such registration at a court."""
EDITABLE = (State.DRAFT, State.RETURNED)
"""What the applicant may change."""
SUBMITTED = tuple(state for state in State if state is not State.DRAFT)
"""What a court may see: a draft is the applicant's alone."""
WORDS: Mapping[State, str] = {
    State.DRAFT: "Not sent yet",
    State.PENDING: "Waiting for the court",
    State.RETURNED: "Returned to the applicant",
    State.APPROVED: "Approved",
    State.REJECTED: "Rejected",
    State.WITHDRAWN: "Withdrawn",
}
HEADINGS: Mapping[State, str] = {**WORDS, State.RETURNED: "Returned to you"}
"""The same for the applicant."""


@dataclass(frozen=True, slots=True)
class Registration:
    """One registration. `answers` are what was typed, by field."""

    id: str
    account_id: str
    court_id: str
    kind: Form
    type: RegistrationType
    roles: tuple[Role, ...]
    answers: Mapping[str, Any]
    state: State
    version: int
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it."""
        return self.state in OPEN

    @property
    def is_editable(self) -> bool:
        """Whether it is the applicant's turn."""
        return self.state in EDITABLE


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a registration's history."""

    at: datetime
    actor: str
    from_state: State | None
    to_state: State
    message: str | None


def latest(unit: Unit, account_id: str, court_id: str) -> Registration | None:
    """The open one of an account at a court, else the one that was decided last."""
    values = {"account": account_id, "court": court_id}
    return _one(unit, _LATEST, values)


def open_one(unit: Unit, account_id: str, court_id: str) -> Registration | None:
    """The one that is not decided."""
    found = latest(unit, account_id, court_id)
    return found if found and found.is_open else None


def at_court(unit: Unit, court_id: str, registration_id: str) -> Registration:
    """One that the court may see. Raises NotFoundError, for another court's too."""
    found = _one(unit, _BY_ID, {"id": registration_id})
    if found is None or found.court_id != court_id or found.submitted_at is None:
        raise NotFoundError("There is no such registration at this court.")
    return found


def of_account(unit: Unit, account_id: str) -> list[Registration]:
    """All of an account's, at every court, newest first."""
    rows = unit.execute(_OF_ACCOUNT, {"account": account_id}).mappings()
    return [from_row(row) for row in rows]


def own(unit: Unit, account_id: str, registration_id: str) -> Registration:
    """One of an account's own. Raises NotFoundError, for another account's too."""
    found = _one(unit, _BY_ID, {"id": registration_id})
    if found is None or found.account_id != account_id:
        raise NotFoundError("You have no such registration.")
    return found


def steps(unit: Unit, registration_id: str) -> list[Step]:
    """The history, oldest first."""
    rows = unit.execute(_STEPS, {"registration": registration_id}).all()
    return [
        Step(
            row.at,
            row.actor,
            State(row.from_state) if row.from_state else None,
            State(row.to_state),
            row.message,
        )
        for row in rows
    ]


def etag(there: Registration) -> str:
    """Another one in every version."""
    return preconditions.etag_of(there.id, there.version)


def hold(unit: Unit, registration_id: str) -> None:
    """Nobody else moves it until the unit ends."""
    unit.execute(_HOLD, {"id": registration_id})


def move(unit: Unit, there: Registration, to: State, **values: Any) -> bool:
    """Move it on from exactly the version that was looked at; False: somebody else was faster."""
    moved = unit.execute(
        _MOVE.values(state=to.value, version=there.version + 1, updated_at=unit.now, **values),
        {"row_id": there.id, "row_version": there.version, "row_state": there.state.value},
    )
    return moved.rowcount == 1


def note(
    unit: Unit,
    there: Registration,
    to: State,
    event: Event,
    *,
    actor: str,
    source: Source | None = None,
    message: str | None = None,
    **detail: Any,
) -> str:
    """A step of the history and its audit event, whose id is answered."""
    event_id = trail.record(
        unit,
        event,
        actor=actor,
        account_id=there.account_id,
        court_id=there.court_id,
        source=source,
        registration=there.id,
        **detail,
    )
    unit.execute(
        insert(history),
        {
            "event_id": event_id,
            "registration_id": there.id,
            "version": there.version + 1,
            "at": unit.now,
            "actor": actor,
            "from_state": there.state.value,
            "to_state": to.value,
            "message": message,
        },
    )
    return event_id


def from_row(row: Mapping[Any, Any]) -> Registration:
    """A registration from a row with all the table's columns."""
    return Registration(
        **{
            **{column.name: row[column.name] for column in registrations.c},
            "kind": Form(row["kind"]),
            "type": RegistrationType(row["type"]),
            "roles": in_order(row["roles"]),
            "state": State(row["state"]),
        }
    )


def _one(unit: Unit, statement: Any, values: Mapping[str, str]) -> Registration | None:
    row = unit.execute(statement, values).mappings().one_or_none()
    return from_row(row) if row else None


_ALL = select(*registrations.c)
_BY_ID = _ALL.where(registrations.c.id == bindparam("id"))
_HOLD = _BY_ID.with_for_update()
_OF_ACCOUNT = _ALL.where(registrations.c.account_id == bindparam("account")).order_by(
    registrations.c.created_at.desc(), registrations.c.id
)
_LATEST = (
    _ALL.where(
        registrations.c.account_id == bindparam("account"),
        registrations.c.court_id == bindparam("court"),
    )
    .order_by(registrations.c.decided_at.is_not(None), registrations.c.decided_at.desc())
    .limit(1)
)
_STEPS = (
    select(*history.c)
    .where(history.c.registration_id == bindparam("registration"))
    .order_by(history.c.version)
)
_MOVE = update(registrations).where(
    registrations.c.id == bindparam("row_id"),
    registrations.c.version == bindparam("row_version"),
    registrations.c.state == bindparam("row_state"),
)
