"""What the court does about a filer: each act that takes something away on a page of its own."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.errors import BusyError, InputError, NotFoundError, RefusedError
from signon.filing import cases
from signon.filing.callers import passwords
from signon.filing.court.court_policy import offered_roles
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.filers.acts import CONFIRMED, PLAIN, WITH_REASON
from signon.filing.filers.pages import one_filer
from signon.filing.filers.pages.one_filer import Whole, acts_of
from signon.filing.filers.words import ADMISSIONS
from signon.filing.rights import last_days
from signon.filing.rights.last_days import Terms
from signon.filing.rights.role_changes import CHANGE, GivenRoles
from signon.filing.roles import ROLES, Admission
from signon.signin.shell import problem
from signon.web.parameters import Parameters
from signon.web.site import FieldError

FULL, FEDERAL = Admission.FULL, Admission.FEDERAL_ATTORNEY
NO_ROLE = "Choose at least one of the roles."


class FilerActs:
    """Clerks and administrators act; to everybody else an act's page is the filer's."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """Roles, cases and conditions; the other acts by their names."""
        route, one = self._console.route, "/filers/{account_number}"
        return [
            route(f"{one}/roles", self.show_roles),
            route(f"{one}/roles", self.change_roles, method="POST"),
            route(f"{one}/terms", self.show_terms),
            route(f"{one}/terms", self.set_terms, method="POST"),
            route(f"{one}/{{act}}", self.show),
            route(f"{one}/{{act}}", self.do, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET: what the act does, and the form; the filer's page where there is nothing to ask."""
        name = request.path_params["act"]
        seen, found = await self._read(request)
        if name in CONFIRMED and name in acts_of(seen, found):
            return self._confirm(seen, found, name)
        return one_filer.page(self._console, seen, found)

    async def do(self, request: Request) -> Response:
        """POST of an act."""
        fields = await self._console.submitted(request)
        number, name = (request.path_params[part] for part in ("account_number", "act"))
        reason = fields.text(CONFIRMED[name].field) if name in CONFIRMED else ""
        try:
            if name in PLAIN:
                seen, _ = await self._console.do(request, PLAIN[name], number)
            elif name == passwords.SEND.name:
                seen, _ = await self._console.do(request, passwords.SEND, number)
            elif name in WITH_REASON:
                seen, _ = await self._console.do(request, WITH_REASON[name], number, reason)
            else:
                raise NotFoundError("There is no such page.")
        except InputError as error:
            wrong = problem(error, {"reason": CONFIRMED[name].field})
            seen, found = await self._read(request)
            return self._confirm(seen, found, name, [wrong], reason)
        except BusyError as error:
            seen, found = await self._read(request)
            return one_filer.page(self._console, seen, found, errors=[FieldError(None, error.told)])
        except RefusedError as error:
            return await self._refused(request, error)
        return self._console.go(seen, f"filers/{number}?done={name}")

    async def show_roles(self, request: Request) -> Response:
        """GET: the form, with what the filer holds."""
        seen, found = await self._read(request)
        if CHANGE.name in acts_of(seen, found):
            return self._roles(seen, found)
        return one_filer.page(self._console, seen, found)

    async def change_roles(self, request: Request) -> Response:
        """POST: roles, cases and conditions, all three as they stand on the page."""
        fields = await self._console.submitted(request)
        number, wanted = request.path_params["account_number"], _wanted(fields)
        try:
            seen, _ = await self._console.do(request, CHANGE, number, wanted)
        except (InputError, RefusedError) as error:
            told = problem(error)
            # the rule's sentence names roles as programs send them
            wrong = FieldError("roles", NO_ROLE) if told.field == "roles" else told
            seen, found = await self._read(request)
            if CHANGE.name in acts_of(seen, found):
                return self._roles(seen, found, [wrong], wanted)
            return one_filer.page(self._console, seen, found, errors=[wrong])
        return self._console.go(seen, f"filers/{number}?done={CHANGE.name}")

    async def show_terms(self, request: Request) -> Response:
        """GET: how an attorney is admitted, and the last day."""
        seen, found = await self._read(request)
        if CHANGE.name in acts_of(seen, found):
            return self._terms(seen, found)
        return one_filer.page(self._console, seen, found)

    async def set_terms(self, request: Request) -> Response:
        """POST: both, as they stand on the page."""
        fields = await self._console.submitted(request)
        wanted = Terms(fields.text("admission"), fields.text("last_day"))
        number = request.path_params["account_number"]
        try:
            seen, _ = await self._console.do(request, last_days.SET, number, wanted)
        except (InputError, RefusedError) as error:
            wrong = problem(error)
            seen, found = await self._read(request)
            if CHANGE.name in acts_of(seen, found):
                return self._terms(seen, found, [wrong], wanted)
            return one_filer.page(self._console, seen, found, errors=[wrong])
        return self._console.go(seen, f"filers/{number}?done={last_days.SET.name}")

    async def _read(self, request: Request) -> tuple[Seen, Whole]:
        settings, number = self._console.settings, request.path_params["account_number"]
        return await self._console.read(request, one_filer.whole, settings, number)

    async def _refused(self, request: Request, error: RefusedError) -> Response:
        """The filer's page as it is by now: it shows why."""
        wrong = problem(error)
        seen, found = await self._read(request)
        return one_filer.page(self._console, seen, found, errors=[wrong])

    def _confirm(
        self,
        seen: Seen,
        found: Whole,
        name: str,
        errors: Sequence[FieldError] = (),
        reason: str = "",
    ) -> Response:
        asked, account = CONFIRMED[name], found.account
        told = {
            "name": account.display_name,
            "court": seen.who.court.name,
            "email": account.email,
        }
        return self._console.page(
            seen,
            "filers",
            "court_filer_act.html",
            errors=errors,
            number=account.number,
            name=account.display_name,
            act=name,
            asked=asked,
            heading=asked.heading.format(**told),
            happens=[(icon, head, text.format(**told)) for icon, head, text in asked.happens],
            reason=reason,
        )

    def _terms(
        self,
        seen: Seen,
        found: Whole,
        errors: Sequence[FieldError] = (),
        wanted: Terms | None = None,
    ) -> Response:
        right = found.right
        assert right is not None
        day = right.last_day.isoformat() if right.last_day else ""
        admissions = [(one.value, ADMISSIONS[one]) for one in (FULL, FEDERAL)]
        return self._console.page(
            seen,
            "filers",
            "court_filer_terms.html",
            errors=errors,
            number=found.account.number,
            name=found.account.display_name,
            wanted=wanted or Terms(right.admission or "", day),
            admissions=admissions if right.admission in {FULL, FEDERAL} else [],
            admission=ADMISSIONS.get(right.admission or "", ""),
        )

    def _roles(
        self,
        seen: Seen,
        found: Whole,
        errors: Sequence[FieldError] = (),
        wanted: GivenRoles | None = None,
    ) -> Response:
        return self._console.page(
            seen,
            "filers",
            "court_filer_roles.html",
            errors=errors,
            number=found.account.number,
            name=found.account.display_name,
            wanted=wanted or found.right,
            roles=[(role.value, ROLES[role].label) for role in offered_roles(seen.who.court)],
        )


def _wanted(fields: Parameters) -> GivenRoles:
    return GivenRoles(
        roles=fields.lists().get("roles", []),
        cases=list(cases.read(fields.get("cases") or "")) or None,
        conditions=fields.text("conditions"),
    )
