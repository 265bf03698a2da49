"""A registration for e-filing: what it is, how it is found, and the only way it moves.

draft → pending → approved | returned | rejected; returned → pending; approved → returned; until it
is decided the applicant may withdraw it. Every move is one guarded UPDATE that makes a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Insert, Select, Update, func, insert, null, select, update

from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import NotFoundError
from signon.filing.models import efile_registration_history as history
from signon.filing.models import efile_registrations as registrations
from signon.filing.registration_types import RegistrationType
from signon.filing.roles import Form, Role, in_order
from signon.prepared import change, every, given, one, value
from signon.web import preconditions
from signon.web.visitor import Source
from signon.words.sentences import _


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
    State.DRAFT: _("Not sent yet"),
    State.PENDING: _("Waiting for the court"),
    State.RETURNED: _("Returned to the applicant"),
    State.APPROVED: _("Approved"),
    State.REJECTED: _("Rejected"),
    State.WITHDRAWN: _("Withdrawn"),
}
HEADINGS: Mapping[State, str] = {**WORDS, State.RETURNED: _("Returned to you")}
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
    assigned_to: str | None = None
    lapse_told_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it."""
        return self.state in OPEN

    @property
    def is_editable(self) -> bool:
        """Whether it is the applicant's turn."""
        return self.state in EDITABLE


class Step(NamedTuple):
    """One line of a registration's history."""

    at: datetime
    actor: str
    from_state: State | None
    to_state: State
    message: str | None


def open_one(unit: Unit, account_id: str, court_id: str) -> Registration | None:
    """The one that is not decided."""
    found = latest(unit, account_id, court_id)
    return found if found and found.is_open else None


def at_court(unit: Unit, court_id: str, registration_id: str) -> Registration:
    """One that the court may see. Raises NotFoundError, for another court's too."""
    found = _by_id(unit, registration_id)
    if found is None or found.court_id != court_id or found.submitted_at is None:
        raise NotFoundError(_("There is no such registration at this court."))
    return found


def own(unit: Unit, account_id: str, registration_id: str) -> Registration:
    """One of an account's own. Raises NotFoundError, for another account's too."""
    found = _by_id(unit, registration_id)
    if found is None or found.account_id != account_id:
        raise NotFoundError(_("You have no such registration."))
    return found


def etag(there: Registration) -> str:
    """Another one in every version."""
    return preconditions.etag_of(there.id, there.version)


def hold(unit: Unit, registration_id: str) -> None:
    """Nobody else moves it until the unit ends."""
    _hold(unit, registration_id)


def reopen(unit: Unit, there: Registration, to: State) -> bool:
    """Let one go on that was decided, from exactly the version that was looked at."""
    return _reopen(unit, _Seen(there.id, there.version, there.state), to, unit.now) == 1


def move(
    unit: Unit,
    there: Registration,
    to: State,
    *,
    submitted_at: datetime | None = None,
    decided_at: datetime | None = None,
) -> bool:
    """Move it on from exactly the version that was looked at; False: somebody else was faster."""
    seen = _Seen(there.id, there.version, there.state)
    return _move(unit, seen, to, unit.now, submitted_at, decided_at) == 1


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
    step = Step(unit.now, actor, there.state, to, message)
    _note(unit, event_id, there.id, there.version + 1, step)
    return event_id


def of_columns(*columns: Any) -> Registration:
    """The registration in the values of all the table's columns."""
    found = Registration(*columns)
    return replace(
        found,
        kind=Form(found.kind),
        type=RegistrationType(found.type),
        roles=in_order(found.roles),
        state=State(found.state),
    )


def _step(at: datetime, actor: str, was: str | None, to: str, message: str | None) -> Step:
    return Step(at, actor, State(was) if was else None, State(to), message)


class _Seen(NamedTuple):
    id: str
    version: int
    state: State


@one(of_columns)
def _by_id(registration_id: str) -> Select[*tuple[Any, ...]]:
    return select(*registrations.c).where(registrations.c.id == registration_id)


@value
def _hold(registration_id: str) -> Select[str]:
    found = select(registrations.c.id).where(registrations.c.id == registration_id)
    return found.with_for_update()


@every(of_columns)
def of_account(account_id: str) -> Select[*tuple[Any, ...]]:
    """All of an account's, at every court, newest first."""
    found = select(*registrations.c).where(registrations.c.account_id == account_id)
    return found.order_by(registrations.c.created_at.desc(), registrations.c.id)


@one(of_columns)
def latest(account_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    """The open one of an account at a court, else the one that was decided last."""
    return (
        select(*registrations.c)
        .where(registrations.c.account_id == account_id, registrations.c.court_id == court_id)
        .order_by(registrations.c.decided_at.is_not(None), registrations.c.decided_at.desc())
        .limit(1)
    )


@change
def _move(
    seen: _Seen,
    to: str,
    now: datetime,
    submitted_at: datetime | None,
    decided_at: datetime | None,
) -> Update:
    return (
        update(registrations)
        .where(
            registrations.c.id == seen.id,
            registrations.c.version == seen.version,
            registrations.c.state == seen.state,
        )
        .values(
            state=to,
            version=registrations.c.version + 1,
            updated_at=now,
            submitted_at=func.coalesce(given(submitted_at), registrations.c.submitted_at),
            decided_at=func.coalesce(given(decided_at), registrations.c.decided_at),
        )
    )


@change
def _reopen(seen: _Seen, to: str, now: datetime) -> Update:
    return (
        update(registrations)
        .where(
            registrations.c.id == seen.id,
            registrations.c.version == seen.version,
            registrations.c.state == seen.state,
        )
        .values(state=to, version=registrations.c.version + 1, updated_at=now, decided_at=null())
    )


@change
def _note(event_id: str, registration_id: str, version: int, step: Step) -> Insert:
    return insert(history).values(
        event_id=event_id, registration_id=registration_id, version=version, **step._asdict()
    )


@every(_step)
def steps(registration_id: str) -> Select[datetime, str, str | None, str, str | None]:
    """The history, oldest first."""
    return (
        select(*(history.c[name] for name in Step._fields))
        .where(history.c.registration_id == registration_id)
        .order_by(history.c.version)
    )
