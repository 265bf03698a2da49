"""`/api/v1/courts/{court}/registrations`: what waits for the court, and deciding it."""

import base64
from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.court.requests_shown import waits
from signon.filing.registrations import assigning, deciding, queue, registrations
from signon.filing.registrations.api import shown
from signon.filing.registrations.api.shown import (
    CourtRegistration,
    CourtRegistrationDetails,
    CourtRegistrations,
    RegistrationContent,
)
from signon.filing.registrations.deciding import Grant
from signon.filing.registrations.documents import Document
from signon.filing.registrations.queue import File
from signon.filing.registrations.registrations import State
from signon.filing.roles import Admission, Role
from signon.rest import Answer, Call
from signon.rest.declared import refusals
from signon.rest.parameters import CourtId, IfMatch, Paged
from signon.web.json_bodies import Body
from signon.web.paging import Page


class Approval(Body):
    """What is given. Without `cases` the right is not limited to cases; without `admission` an
    attorney is admitted as the registration says.
    """

    roles: list[Role]
    """The filing roles that are given."""
    cases: list[str] | None = Field(None, examples=[["3:26-cv-00017"]])
    """The only cases to file in."""
    admission: Admission | None = None
    """How an attorney is admitted."""
    last_day: date | None = Field(None, examples=["2026-12-31"])
    """Day through which the rights hold, by the court’s calendar; without it they do not end by
    themselves.
    """
    conditions: str = Field("", examples=["Until 2026-12-31."])
    """What the court says beside the right."""
    message: str = Field("", examples=["Welcome."])
    """What the applicant is told."""


class CourtMessage(Body):
    """What the applicant is told."""

    message: str = Field(examples=["The bar number is missing."])
    """What is to be corrected, or why not."""


class Assignee(Body):
    """Who of the staff looks after a registration."""

    sub: str | None = Field(examples=["fr6flb775s4ox65xjpqan6szia"])
    """The `sub` of somebody of the staff who may decide registrations; null for nobody."""


class RegistrationsAsked(Paged):
    """Which of them."""

    state: State = State.PENDING
    """Only those in this state; drafts are nobody else’s to see."""


RegistrationId = Annotated[
    str,
    Path(
        description="The registration’s id, as the list has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
DocumentId = Annotated[
    str,
    Path(
        description="The document’s id, as the registration has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
ONE = f"{AT}/registrations/{{registration}}"
DECIDED = refusals(deciding.DECIDED, status=412)
"""Somebody else was first."""
APPROVING = (
    *("own_registration", "applicant_not_active", "court_not_live", "registration_closed"),
    *("account_not_individual", "account_not_upgraded", "already_has_rights"),
)
"""What is against giving a right."""
operations = court_router()


@operations.get(
    f"{AT}/registrations",
    response_model=CourtRegistrations,
    summary="Registrations of a state (pending, unless `state` says otherwise)",
)
async def list_registrations(
    call: Call, court: CourtId, asked: Annotated[RegistrationsAsked, Query()]
) -> Response:
    """The longest waiting first."""
    state = queue.state_of(asked.state)
    return await at(call, court).read(_list, state, asked.page)


@operations.get(ONE, response_model=CourtRegistrationDetails, summary="A registration")
async def read_registration(call: Call, court: CourtId, registration: RegistrationId) -> Response:
    """Everything about one, with its version as `ETag`."""
    return await at(call, court).read(_read, registration)


@operations.get(
    f"{ONE}/documents/{{document}}",
    response_model=RegistrationContent,
    summary="A document beside a registration",
)
async def read_registration_document(
    call: Call, court: CourtId, registration: RegistrationId, document: DocumentId
) -> Response:
    """Its bytes in base64; who read it stands in the trail."""
    return await at(call, court).do(queue.READ, _document, registration, document)


@operations.post(
    f"{ONE}/approve",
    response_model=CourtRegistrationDetails,
    summary="Approve: this makes the filing right",
    responses=DECIDED | waits(*APPROVING),
)
async def approve_registration(
    call: Call,
    court: CourtId,
    registration: RegistrationId,
    sent: Approval,
    if_match: IfMatch = None,
) -> Response:
    """The version that `If-Match` names is approved, if it names one."""
    last_day = sent.last_day.isoformat() if sent.last_day else ""
    texts = sent.conditions, sent.message, last_day
    grant = Grant(sent.roles, sent.cases or (), sent.admission, *texts)
    here = at(call, court).when(if_match, deciding.version, registration)
    return await here.do(deciding.APPROVE, _answer, registration, grant)


@operations.post(
    f"{ONE}/return",
    response_model=CourtRegistrationDetails,
    summary="Return it to be corrected",
    responses=DECIDED | refusals("own_registration"),
)
async def return_registration(
    call: Call,
    court: CourtId,
    registration: RegistrationId,
    sent: CourtMessage,
    if_match: IfMatch = None,
) -> Response:
    """The applicant is told what is to be corrected."""
    here = at(call, court).when(if_match, deciding.version, registration)
    return await here.do(deciding.RETURN, _answer, registration, sent.message)


@operations.post(
    f"{ONE}/give-back",
    response_model=CourtRegistrationDetails,
    summary="Give an approved one back: its filing right ends",
    responses=DECIDED | refusals("own_registration", "nothing_to_give_back"),
)
async def give_registration_back(
    call: Call,
    court: CourtId,
    registration: RegistrationId,
    sent: CourtMessage,
    if_match: IfMatch = None,
) -> Response:
    """The applicant is told why, corrects it and sends it again; a new approval makes a new right."""
    here = at(call, court).when(if_match, deciding.approved_version, registration)
    return await here.do(deciding.GIVE_BACK, _answer, registration, sent.message)


@operations.put(
    f"{ONE}/assignee",
    response_model=CourtRegistrationDetails,
    summary="Say who looks after it",
    responses=DECIDED,
)
async def assign_registration(
    call: Call, court: CourtId, registration: RegistrationId, sent: Assignee
) -> Response:
    """A word among colleagues: anybody who may decide it still may."""
    return await at(call, court).do(assigning.ASSIGN, _answer, registration, sent.sub or "")


@operations.post(
    f"{ONE}/reject",
    response_model=CourtRegistrationDetails,
    summary="Reject it",
    responses=DECIDED | refusals("own_registration"),
)
async def reject_registration(
    call: Call,
    court: CourtId,
    registration: RegistrationId,
    sent: CourtMessage,
    if_match: IfMatch = None,
) -> Response:
    """The applicant is told the reason."""
    here = at(call, court).when(if_match, deciding.version, registration)
    return await here.do(deciding.REJECT, _answer, registration, sent.message)


def _list(unit: Unit, desk: Desk, state: State, page: Page) -> Answer:
    rows = queue.listed(unit, desk, state, after=page.after, limit=page.look_ahead)
    found, cursor = page.cut(rows, lambda one: one.key)
    listed = [
        CourtRegistration(
            **shown.summary(one.registration), applicant=shown.applicant(one.applicant)
        )
        for one in found
    ]
    return Answer(CourtRegistrations(registrations=listed), next_cursor=cursor)


def _read(unit: Unit, desk: Desk, registration_id: str) -> Answer:
    return _answer(queue.file(unit, desk, registration_id))


def _answer(file: File) -> Answer:
    there = file.registration
    body = CourtRegistrationDetails(
        **shown.details(there, file.documents, file.steps, for_court=True),
        applicant=shown.applicant(file.applicant),
        assigned_to=there.assigned_to,
    )
    return Answer(body, etag=registrations.etag(there))


def _document(opened: tuple[Document, bytes]) -> Answer:
    found, content = opened
    coded = base64.b64encode(content).decode()
    return Answer(
        RegistrationContent(id=found.id, name=found.name, sha256=found.sha256, content=coded)
    )
