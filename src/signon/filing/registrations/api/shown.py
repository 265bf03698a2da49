"""Registrations for e-filing as programs read them: the court's and the applicant's own."""

from collections.abc import Sequence
from typing import Any

from signon.accounts.directory import Account
from signon.filing.registration_types import RegistrationType
from signon.filing.registrations.applying import RETURN_TO
from signon.filing.registrations.documents import Document
from signon.filing.registrations.registrations import Registration, State, Step
from signon.filing.roles import Role
from signon.rest.values import CourtKey, Digest, Email, Id, Number, SignInName, Sub, When
from signon.web.json_bodies import Shown


class Applicant(Shown):
    """The account that registers, as the court sees it."""

    account_number: Number
    sub: Sub
    username: SignInName
    """The name that they sign in with."""
    name: str
    """Their name for people."""
    email: Email
    """Address that mails about the registration go to."""


class RegistrationDocument(Shown):
    """A PDF document beside a registration."""

    id: Id
    """Its id, for reading it."""
    name: str
    """Name of the file, as it was sent."""
    size: int
    """Its length in bytes."""
    sha256: Digest
    uploaded_at: When
    """When it was sent."""


class RegistrationContent(Shown):
    """A document with its bytes in base64."""

    id: Id
    """Its id, as the registration has it."""
    name: str
    """Name of the file, as it was sent."""
    sha256: Digest
    content: str
    """The bytes of the PDF document in base64 (RFC 4648 section 4)."""


class RegistrationStep(Shown):
    """A line of the history."""

    at: When
    """When it happened."""
    by: str
    """Which side did it: `applicant` or `court`."""
    actor: str | None
    """Who it was at the court, for the court only: the `sub` of an account or a client id; the
    applicant is answered null.
    """
    state: State
    """The state that the registration came to."""
    message: str | None
    """What the applicant was told; null when nothing was said."""


class RegistrationSummary(Shown):
    """A registration in a list."""

    id: Id
    """The registration’s id, for reading and deciding it."""
    court: CourtKey
    state: State
    """Where it stands; the court sees none that is still a `draft`."""
    type: RegistrationType
    """What the person registers for."""
    roles: list[Role]
    """Filing roles that are asked for."""
    created_at: When
    """When it was begun."""
    submitted_at: When | None
    """When it was last sent to the court; null while it never was."""
    decided_at: When | None
    """When it was approved, rejected or withdrawn; null until then."""


class CourtRegistration(RegistrationSummary):
    """One in the court's list, with its applicant."""

    applicant: Applicant
    """Who registers, as the account has it."""


class RegistrationDetails(RegistrationSummary):
    """One with what was answered, its documents and its history."""

    answers: dict[str, str | list[str]]
    """What was entered, by the name of the form’s field; a list where several can be chosen."""
    documents: list[RegistrationDocument]
    """PDF documents that were sent beside it."""
    history: list[RegistrationStep]
    """What became of it, the oldest first."""


class CourtRegistrationDetails(RegistrationDetails):
    """The same for the court."""

    applicant: Applicant
    """Who registers, as the account has it."""
    assigned_to: str | None
    """The `sub` of whoever of the staff looks after it; null for nobody."""


class CourtRegistrations(Shown):
    """A page of a court's registrations of one state, the longest waiting first."""

    registrations: list[CourtRegistration]
    """Registrations of this page, the longest waiting first."""


class OwnRegistrations(Shown):
    """All of one's own, newest first."""

    registrations: list[RegistrationSummary]
    """All of yours at every court, newest first."""


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


def _step(there: Registration, one: Step, *, for_court: bool) -> RegistrationStep:
    is_applicant = one.actor == there.account_id
    return RegistrationStep(
        at=one.at,
        by="applicant" if is_applicant else "court",
        actor=one.actor if for_court else None,
        state=one.to_state,
        message=one.message,
    )
