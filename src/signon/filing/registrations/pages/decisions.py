"""Deciding a registration: approving, returning and rejecting, each on a page of its own."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.registry import Court
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing import cases
from signon.filing.court.court_policy import needs_training, offered_roles
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.registrations import answers, applying, deciding
from signon.filing.registrations.deciding import APPROVE, REJECT, RETURN, Grant
from signon.filing.registrations.pages import record as records
from signon.filing.registrations.pages.record import Record
from signon.filing.registrations.registrations import Registration
from signon.filing.roles import ROLES, Admission, Role
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError

ADMISSIONS = (
    ("", "As the registration says"),
    (Admission.FULL.value, "Full"),
    (Admission.PRO_HAC_VICE.value, "Pro hac vice"),
    (Admission.FEDERAL_ATTORNEY.value, "Federal attorney"),
)
NO_ROLE = "Choose at least one of the roles."
GIVE_BACK = {act.name: act for act in (RETURN, REJECT)}
TEMPLATES = {
    APPROVE.name: "court_approve.html",
    RETURN.name: "court_return.html",
    REJECT.name: "court_reject.html",
}


class DecisionPages:
    """Clerks and administrators decide; to everybody else a decision's page is the record."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """One page for each decision."""
        one = "/registrations/{registration}/{decision}"
        return [
            self._console.route(one, self.show),
            self._console.route(one, self.decide, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET: what the decision does, and its form."""
        seen, record = await self._read(request)
        name = request.path_params["decision"]
        if name in TEMPLATES and _may(seen, record, name):
            return self._page(seen, record, name)
        return records.page(self._console, seen, record)

    async def decide(self, request: Request) -> Response:
        """POST: approve, return or reject the version that was looked at."""
        fields = await self._console.submitted(request)
        name, registration_id = (request.path_params[part] for part in ("decision", "registration"))
        version = parameters.number(fields.text("version"))
        message = fields.text(f"{name}_message")
        do = self._console.do
        try:
            if name == APPROVE.name:
                grant = _grant(fields, message)
                seen, _ = await do(request, APPROVE, registration_id, grant, version=version)
            elif name in GIVE_BACK:
                act = GIVE_BACK[name]
                seen, _ = await do(request, act, registration_id, message, version=version)
            else:
                raise NotFoundError("There is no such page.")
        except (InputError, RefusedError) as error:
            return await self._refused(request, error, fields)
        return self._console.go(seen, f"registrations/{registration_id}?done={name}")

    async def _read(self, request: Request) -> tuple[Seen, Record]:
        return await self._console.read(request, records.read, request.path_params["registration"])

    async def _refused(
        self, request: Request, error: InputError | RefusedError, fields: Parameters
    ) -> Response:
        """The form again with what was typed; the record where it cannot be decided any more."""
        name = request.path_params["decision"]
        told = problem(error, {"message": f"{name}_message"})
        # the rule's sentence names roles as programs send them
        wrong = [FieldError("roles", NO_ROLE) if told.field == "roles" else told]
        status = 400 if isinstance(error, InputError) else 409
        seen, record = await self._read(request)
        if _may(seen, record, name):
            return self._page(seen, record, name, wrong, fields, status)
        return records.page(self._console, seen, record, errors=wrong, status=status)

    def _page(
        self,
        seen: Seen,
        record: Record,
        name: str,
        errors: Sequence[FieldError] = (),
        typed: Parameters | None = None,
        status: int = 200,
    ) -> Response:
        court, there = seen.who.court, record.file.registration
        return self._console.page(
            seen,
            "registrations",
            TEMPLATES[name],
            status=status,
            errors=errors,
            file=record.file,
            rows=answers.shown(applying.asked(there), court.type, there.answers),
            roles=[(role.value, _label(court, role)) for role in offered_roles(court)],
            admissions=ADMISSIONS,
            typed=_typed(there, typed),
            gives_back=records.may_give_back(seen, record),
        )


def _may(seen: Seen, record: Record, name: str) -> bool:
    if name == RETURN.name and records.may_give_back(seen, record):
        return True
    return records.may_decide(seen, record)


def _grant(fields: Parameters, message: str) -> Grant:
    admission = fields.text("admission")
    return Grant(
        fields.lists().get("roles", []),
        cases.read(fields.text("cases")),
        Admission(admission) if admission in _KNOWN else None,
        fields.text("conditions"),
        message,
        fields.text("last_day"),
    )


def _label(court: Court, role: Role) -> str:
    needs = " (needs a certificate)" if needs_training(court, role) else ""
    return f"{ROLES[role].label}{needs}"


def _typed(there: Registration, fields: Parameters | None) -> dict[str, Any]:
    """What the forms hold: what was sent, else what the applicant asked for."""
    if fields is not None:
        texts = {name: fields.text(name) for name in _TEXTS}
        return {**texts, "roles": fields.lists().get("roles", [])}
    grant = deciding.suggested(there)
    empty = dict.fromkeys(_TEXTS, "")
    return {**empty, "cases": "\n".join(grant.cases), "roles": list(grant.roles)}


_TEXTS = (
    *("cases", "admission", "last_day", "conditions"),
    *("approve_message", "return_message", "reject_message"),
)
_KNOWN = {admission.value for admission in Admission}
