"""Registrations for e-filing as programs read them: the court's and the applicant's own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from signon.accounts.directory import Account
from signon.filing.registration_types import RegistrationType
from signon.filing.registrations.applying import RETURN_TO
from signon.filing.registrations.documents import Document
from signon.filing.registrations.registrations import Registration, State, Step
from signon.filing.roles import Role
from signon.web import preconditions
from signon.web.json_bodies import Shown


class Applicant(Shown):
    """Who registers."""

    account_number: str
    sub: str
    username: str
    name: str
    email: str


class RegistrationDocument(Shown):
    """A PDF document beside a registration; `size` in bytes."""

    id: str
    name: str
    size: int
    sha256: str
    uploaded_at: datetime


class RegistrationContent(Shown):
    """A document with its bytes in base64."""

    id: str
    name: str
    sha256: str
    content: str


class RegistrationStep(Shown):
    """A line of the history; `by` is `applicant` or `court`, `actor` who it was at the court."""

    at: datetime
    by: str
    actor: str | None
    state: State
    message: str | None


class RegistrationSummary(Shown):
    """A registration in a list."""

    id: str
    court: str
    state: State
    type: RegistrationType
    roles: list[Role]
    created_at: datetime
    submitted_at: datetime | None
    decided_at: datetime | None


class CourtRegistration(RegistrationSummary):
    """One in the court's list, with its applicant."""

    applicant: Applicant


class RegistrationDetails(RegistrationSummary):
    """One with what was answered, its documents and its history."""

    answers: dict[str, str | list[str]]
    documents: list[RegistrationDocument]
    history: list[RegistrationStep]


class CourtRegistrationDetails(RegistrationDetails):
    """The same for the court."""

    applicant: Applicant


class CourtRegistrations(Shown):
    """A page of a court's registrations of one state, the longest waiting first."""

    registrations: list[CourtRegistration]


class OwnRegistrations(Shown):
    """All of one's own, newest first."""

    registrations: list[RegistrationSummary]


def summary(there: Registration) -> dict[str, Any]:
    """The fields of a list's line."""
    return {
        "id": there.id,
        "court": there.court_id,
        "state": there.state,
        "type": there.type,
        "roles": list(there.roles),
        "created_at": there.created_at,
        "submitted_at": there.submitted_at,
        "decided_at": there.decided_at,
    }


def applicant(account: Account) -> Applicant:
    """Who it is."""
    return Applicant(
        account_number=account.number,
        sub=account.id,
        username=account.username,
        name=account.display_name,
        email=account.email,
    )


def details(
    there: Registration, documents: Sequence[Document], steps: Sequence[Step], *, for_court: bool
) -> dict[str, Any]:
    """The fields of one; the applicant is not told who at the court did what."""
    answers = {name: value for name, value in there.answers.items() if name != RETURN_TO}
    return {
        **summary(there),
        "answers": answers,
        "documents": [
            RegistrationDocument(**{name: getattr(one, name) for name in Document.__slots__})
            for one in documents
        ],
        "history": [_step(there, one, for_court=for_court) for one in steps],
    }


def etag(there: Registration) -> str:
    """Of this version."""
    return preconditions.etag_of(there.id, there.version)


def _step(there: Registration, one: Step, *, for_court: bool) -> RegistrationStep:
    is_applicant = one.actor == there.account_id
    return RegistrationStep(
        at=one.at,
        by="applicant" if is_applicant else "court",
        actor=one.actor if for_court else None,
        state=one.to_state,
        message=one.message,
    )
