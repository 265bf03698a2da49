"""`/api/v1/courts/{court}/registrations`: what waits for the court, and deciding it."""

import base64
from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk, Power
from signon.filing.court.requests_shown import WAITS
from signon.filing.registrations import deciding, queue, registrations
from signon.filing.registrations.api import shown
from signon.filing.registrations.api.shown import (
    CourtRegistration,
    CourtRegistrationDetails,
    CourtRegistrations,
    RegistrationContent,
)
from signon.filing.registrations.deciding import Asker, Grant
from signon.filing.registrations.registrations import Registration, State
from signon.filing.roles import Admission, Role
from signon.rest import Answer, Call
from signon.rest.parameters import CourtId, IfMatch, Paged
from signon.web import preconditions
from signon.web.json_bodies import Body
from signon.web.paging import Page


class Approval(Body):
    """What is given. Without `cases` the right is not limited to cases; without `admission` an
    attorney is admitted as the registration says.
    """

    roles: list[Role] = Field(description="The filing roles that are given.")
    cases: list[str] | None = Field(
        None, description="The only cases to file in.", examples=[["3:26-cv-00017"]]
    )
    admission: Admission | None = Field(None, description="How an attorney is admitted.")
    conditions: str = Field(
        "", description="What the court says beside the right.", examples=["Until 2026-12-31."]
    )
    message: str = Field("", description="What the applicant is told.", examples=["Welcome."])


class CourtMessage(Body):
    """What the applicant is told."""

    message: str = Field(
        description="What is to be corrected, or why not.", examples=["The bar number is missing."]
    )


class RegistrationsAsked(Paged):
    """Which of them."""

    state: State = Field(
        State.PENDING, description="Only those in this state; drafts are nobody else’s to see."
    )


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
    return await at(call, court).write(Power.READ, _document, registration, document)


@operations.post(
    f"{ONE}/approve",
    response_model=CourtRegistrationDetails,
    summary="Approve: this makes the filing right",
    responses=WAITS,
)
async def approve_registration(
    call: Call,
    court: CourtId,
    registration: RegistrationId,
    sent: Approval,
    if_match: IfMatch = None,
) -> Response:
    """The version that `If-Match` names is approved, if it names one."""
    grant = Grant(sent.roles, sent.cases or (), sent.admission, sent.conditions, sent.message)
    how = partial(_decide, deciding.approve, grant, call)
    return await at(call, court).write(Power.DECIDE, how, registration, if_match)


@operations.post(
    f"{ONE}/return",
    response_model=CourtRegistrationDetails,
    summary="Return it to be corrected",
)
async def return_registration(
    call: Call,
    court: CourtId,
    registration: RegistrationId,
    sent: CourtMessage,
    if_match: IfMatch = None,
) -> Response:
    """The applicant is told what is to be corrected."""
    how = partial(_decide, deciding.return_, sent.message, call)
    return await at(call, court).write(Power.DECIDE, how, registration, if_match)


@operations.post(f"{ONE}/reject", response_model=CourtRegistrationDetails, summary="Reject it")
async def reject_registration(
    call: Call,
    court: CourtId,
    registration: RegistrationId,
    sent: CourtMessage,
    if_match: IfMatch = None,
) -> Response:
    """The applicant is told the reason."""
    how = partial(_decide, deciding.reject, sent.message, call)
    return await at(call, court).write(Power.DECIDE, how, registration, if_match)


def _decide(
    rule: Callable[..., Registration],
    how: object,
    call: Call,
    unit: Unit,
    desk: Desk,
    registration_id: str,
    if_match: str | None,
) -> Answer:
    """One of the three ways, of the version that was looked at."""
    asker = Asker(desk, call.rest.settings, call.source)
    version = _looked_at(unit, desk, registration_id, if_match)
    rule(unit, asker, registration_id, how, version=version)
    return _read(unit, desk, registration_id)


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
    file = queue.file(unit, desk, registration_id)
    there = file.registration
    body = CourtRegistrationDetails(
        **shown.details(there, file.documents, file.steps, for_court=True),
        applicant=shown.applicant(file.applicant),
    )
    return Answer(body, etag=shown.etag(there))


def _document(unit: Unit, desk: Desk, registration_id: str, document_id: str) -> Answer:
    found, content = queue.document(unit, desk, registration_id, document_id)
    coded = base64.b64encode(content).decode()
    return Answer(
        RegistrationContent(id=found.id, name=found.name, sha256=found.sha256, content=coded)
    )


def _looked_at(unit: Unit, desk: Desk, registration_id: str, if_match: str | None) -> int | None:
    """The version that `If-Match` names; None without one. Raises ApiError (412).

    A decision that was made meanwhile is told as such, not only as another version.
    """
    there = registrations.at_court(unit, desk.court.id, registration_id)
    if if_match is None or there.state is not State.PENDING:
        return None
    preconditions.require_match(if_match, shown.etag(there))
    return there.version
