"""The console's registrations: what waits, one with its papers, and deciding it."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import directory
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing import cases
from signon.filing.court.court_policy import needs_training, offered_roles
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.registrations import answers, applying, deciding, queue
from signon.filing.registrations.deciding import APPROVE, REJECT, RETURN, Grant
from signon.filing.registrations.pages import shown
from signon.filing.registrations.queue import File, Listed
from signon.filing.registrations.registrations import SUBMITTED, WORDS, Registration, State
from signon.filing.roles import ROLES, Admission, Role
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.dates import moment_in
from signon.web.parameters import Parameters
from signon.web.site import FieldError

SHOWN = 50
ADMISSIONS = (
    ("", "As the registration says"),
    (Admission.FULL.value, "Full"),
    (Admission.PRO_HAC_VICE.value, "Pro hac vice"),
    (Admission.FEDERAL_ATTORNEY.value, "Federal attorney"),
)


GIVE_BACK = {act.name: act for act in (RETURN, REJECT)}
DONE = {act.name: act.done for act in (APPROVE, RETURN, REJECT)}


class RegistrationsSection:
    """Everybody of the staff reads; clerks and administrators decide."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The list by state, one, its documents, the decisions."""
        route, one = self._console.route, "/registrations/{registration}"
        return [
            route("/registrations", self.list),
            route(one, self.show),
            route(f"{one}/documents/{{document}}", self.open),
            route(f"{one}/{{decision}}", self.show),
            route(f"{one}/{{decision}}", self.decide, method="POST"),
        ]

    async def list(self, request: Request) -> Response:
        """GET `…/registrations?state=pending`."""
        asked = parameters.query(request)
        state = queue.state_of(asked.text("state") or State.PENDING)
        seen, (found, counts) = await self._console.read(request, _list, state, asked.get("after"))
        zone = ZoneInfo(seen.who.court.time_zone)
        return self._console.page(
            seen,
            "registrations",
            "court_registrations.html",
            state=state.value,
            states=[(one.value, WORDS[one], counts[one]) for one in SUBMITTED],
            found=[_line(one, zone) for one in found[:SHOWN]],
            next_after=found[SHOWN - 1].key if len(found) > SHOWN else None,
        )

    async def show(self, request: Request) -> Response:
        """GET: everything about one."""
        seen, file = await self._console.read(
            request, queue.file, request.path_params["registration"]
        )
        done = DONE.get(parameters.query(request).text("done"), "")
        return await self._page(request, seen, file, done=done)

    async def open(self, request: Request) -> Response:
        """GET: a document; who read it stands in the trail."""
        names = (request.path_params[part] for part in ("registration", "document"))
        _, (found, content) = await self._console.do(request, queue.READ, *names)
        return shown.document(found, content)

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
            wrong = problem(error, {"message": f"{name}_message"})
            seen, file = await self._console.read(request, queue.file, registration_id)
            status = 400 if isinstance(error, InputError) else 409
            return await self._page(
                request, seen, file, errors=[wrong], typed=fields, status=status
            )
        return self._console.go(seen, f"registrations/{registration_id}?done={name}")

    async def _page(
        self,
        request: Request,
        seen: Seen,
        file: File,
        *,
        done: str = "",
        errors: Sequence[FieldError] = (),
        typed: Parameters | None = None,
        status: int = 200,
    ) -> Response:
        seen, names = await self._console.read(request, _names, file)
        court, there = seen.who.court, file.registration
        return self._console.page(
            seen,
            "registrations",
            "court_registration.html",
            status=status,
            errors=errors,
            done=done,
            file=file,
            state_label=WORDS[there.state],
            rows=answers.shown(applying.asked(there), court.type, there.answers),
            steps=_steps(file, names, court),
            may_decide=there.state is State.PENDING
            and seen.who.may(Power.DECIDE)
            and seen.who.actor != there.account_id,
            roles=[(role.value, _label(court, role)) for role in offered_roles(court)],
            admissions=ADMISSIONS,
            typed=_typed(there, typed),
        )


def _list(
    unit: Unit, desk: Desk, state: State, after: str | None
) -> tuple[Sequence[Listed], dict[State, int]]:
    return queue.listed(unit, desk, state, after=after, limit=SHOWN + 1), queue.counts(unit, desk)


def _grant(fields: Parameters, message: str) -> Grant:
    admission = fields.text("admission")
    return Grant(
        fields.lists().get("roles", []),
        cases.read(fields.text("cases")),
        Admission(admission) if admission in _KNOWN else None,
        fields.text("conditions"),
        message,
    )


def _names(unit: Unit, _desk: Desk, file: File) -> dict[str, str]:
    """Who did what, for the court's own people."""
    found: dict[str, str] = {}
    for actor in {step.actor for step in file.steps}:
        account = directory.by_id(unit, actor)
        name = account.display_name if account else actor
        found[actor] = "The applicant" if actor == file.registration.account_id else name
    return found


def _steps(file: File, names: dict[str, str], court: Court) -> list[dict[str, Any]]:
    zone = ZoneInfo(court.time_zone)
    return [
        {
            "at": moment_in(one.at, zone.key),
            "what": "Sent to the court" if one.to_state is State.PENDING else WORDS[one.to_state],
            "who": names[one.actor],
            "message": one.message,
        }
        for one in file.steps
    ]


def _label(court: Court, role: Role) -> str:
    needs = " (needs a certificate)" if needs_training(court, role) else ""
    return f"{ROLES[role].label}{needs}"


def _line(one: Listed, zone: ZoneInfo) -> dict[str, Any]:
    there = one.registration
    assert there.submitted_at is not None
    return {
        "id": there.id,
        "name": one.applicant.display_name,
        "number": one.applicant.number,
        "asked": applying.asked(there).label,
        "since": moment_in(there.submitted_at, zone.key),
    }


def _typed(there: Registration, fields: Parameters | None) -> dict[str, Any]:
    """What the forms hold: what was sent, else what the applicant asked for."""
    if fields is not None:
        texts = {name: fields.text(name) for name in _TEXTS}
        return {**texts, "roles": fields.lists().get("roles", [])}
    grant = deciding.suggested(there)
    empty = dict.fromkeys(_TEXTS, "")
    return {**empty, "cases": "\n".join(grant.cases), "roles": list(grant.roles)}


_TEXTS = ("cases", "admission", "conditions", "approve_message", "return_message", "reject_message")
_KNOWN = {admission.value for admission in Admission}
