"""`/api/v1/courts/{court}/registrations`: what waits for the court, and deciding it."""

import base64
from collections.abc import Callable

from starlette.routing import Route

from signon.db import Unit
from signon.filing.api import shown_registrations as shown
from signon.filing.api.court import CourtRest, court_operation
from signon.filing.api.requests_shown import CourtRequest
from signon.filing.api.shown_registrations import (
    CourtRegistration,
    CourtRegistrationDetails,
    CourtRegistrations,
    RegistrationContent,
)
from signon.filing.desk import Desk, Power
from signon.filing.efile import deciding, queue, registrations
from signon.filing.efile.deciding import Asker, Grant
from signon.filing.efile.registrations import Registration, State
from signon.filing.roles import Admission, Role
from signon.tokens.api import Answer, Call, Rendered
from signon.web import preconditions
from signon.web.json_bodies import Body
from signon.web.paging import Page


class Approval(Body):
    """What is given. Without `cases` the right is not limited to cases; without `admission` an
    attorney is admitted as the registration says.
    """

    roles: list[Role]
    cases: list[str] | None = None
    admission: Admission | None = None
    conditions: str = ""
    message: str = ""


class CourtMessage(Body):
    """What the applicant is told."""

    message: str


class RegistrationsApi:
    """Registrations for programs, by the rules of the console."""

    def __init__(self, rest: CourtRest) -> None:
        self._rest = rest
        self._settings = rest.rest.settings

    def routes(self) -> list[Route]:
        """The list, one, its documents, the decisions."""
        one = "/registrations/{registration}"
        decided = {"answer": CourtRegistrationDetails, "changes_versions": True}
        return self._rest.routes(
            [
                court_operation(
                    "GET", "/registrations", self.list_registrations,
                    "Registrations of a state (pending, unless `state` says otherwise)",
                    answer=CourtRegistrations, query=("state",), is_paged=True,
                ),
                court_operation(
                    "GET", one, self.read_registration, "A registration",
                    answer=CourtRegistrationDetails,
                ),
                court_operation(
                    "GET", f"{one}/documents/{{document}}", self.read_registration_document,
                    "A document beside a registration", answer=RegistrationContent,
                ),
                court_operation(
                    "POST", f"{one}/approve", self.approve_registration,
                    "Approve: this makes the filing right", body=Approval, **decided,
                    waits=CourtRequest,
                ),
                court_operation(
                    "POST", f"{one}/return", self.return_registration,
                    "Return it to be corrected", body=CourtMessage, **decided,
                ),
                court_operation(
                    "POST", f"{one}/reject", self.reject_registration, "Reject it",
                    body=CourtMessage, **decided,
                ),
            ]
        )  # fmt: skip

    async def list_registrations(self, call: Call) -> Rendered:
        """The longest waiting first."""
        state = queue.state_of(call.query.text("state") or State.PENDING)
        return await self._rest.read(call, _list, state, call.page)

    async def read_registration(self, call: Call) -> Rendered:
        """Everything about one, with its version."""
        return await self._rest.read(call, _read, call.path_params["registration"])

    async def read_registration_document(self, call: Call) -> Rendered:
        """Who read it stands in the trail."""
        return await self._rest.write(
            call,
            Power.READ,
            _document,
            call.path_params["registration"],
            call.path_params["document"],
        )

    async def approve_registration(self, call: Call) -> Rendered:
        """Of the version that `If-Match` names, if it does."""
        body = call.body(Approval)
        grant = Grant(body.roles, body.cases or (), body.admission, body.conditions, body.message)
        return await self._decide(call, deciding.approve, grant)

    async def return_registration(self, call: Call) -> Rendered:
        """With what is to be corrected."""
        return await self._decide(call, deciding.return_, call.body(CourtMessage).message)

    async def reject_registration(self, call: Call) -> Rendered:
        """With the reason."""
        return await self._decide(call, deciding.reject, call.body(CourtMessage).message)

    async def _decide(self, call: Call, rule: Callable[..., Registration], how: object) -> Rendered:
        """One of the three ways, of the version that was looked at."""

        def decide(unit: Unit, desk: Desk, registration_id: str) -> Answer:
            asker = Asker(desk, self._settings, call.origin)
            version = _looked_at(unit, desk, registration_id, call.if_match)
            rule(unit, asker, registration_id, how, version=version)
            return _read(unit, desk, registration_id)

        registration_id = call.path_params["registration"]
        return await self._rest.write(call, Power.DECIDE, decide, registration_id)


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
