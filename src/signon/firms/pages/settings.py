"""The console's cost centers, and the members' rules for client codes and for programs."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.errors import InputError, RefusedError
from signon.firms import client_codes, cost_centers, program_policy
from signon.firms.client_codes import ClientCodePolicy
from signon.firms.cost_centers import CostCenterBody
from signon.firms.pages.asking import Question, ask
from signon.firms.pages.shell import Console
from signon.firms.program_policy import ProgramPolicy
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.site import FieldError

DONE = {
    act.name: act.done
    for act in (
        client_codes.CHANGE,
        program_policy.CHANGE,
        *(cost_centers.ADD, cost_centers.CHANGE, cost_centers.REMOVE),
    )
}


class SettingsSection:
    """What holds for all members."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The cost centers, each with its page, and the rules."""
        route = self._console.route
        return [
            route("/settings", self.show),
            route("/settings/client-codes", self.rule),
            route("/settings/client-codes", self.set_rule, method="POST"),
            route("/settings/programs", self.programs),
            route("/settings/programs", self.set_programs, method="POST"),
            route("/settings/cost-centers", self.new),
            route("/settings/cost-centers", self.add, method="POST"),
            route("/settings/cost-centers/{code}", self.one),
            route("/settings/cost-centers/{code}", self.change, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/firm/N/settings`."""
        seen, found = await self._console.read(request, cost_centers.listed)
        done = DONE.get(parameters.query(request).text("done"), "")
        return self._console.page(seen, "settings", "firm_settings.html", centers=found, done=done)

    async def rule(self, request: Request) -> Response:
        """GET `/firm/N/settings/client-codes`."""
        return await self._rule(request)

    async def set_rule(self, request: Request) -> Response:
        """POST: the rule for client codes."""
        fields = await self._console.submitted(request)
        required = fields.get("required") is not None
        pattern = fields.text("client_code_pattern")
        wanted, act = ClientCodePolicy(required=required, pattern=pattern), client_codes.CHANGE
        try:
            seen, _ = await self._console.do(request, act, wanted)
        except InputError as error:
            return await self._rule(request, [problem(error)], pattern)
        return self._console.go(seen, f"settings/client-codes?done={act.name}")

    async def programs(self, request: Request) -> Response:
        """GET `/firm/N/settings/programs`."""
        seen, _ = await self._console.read(request, program_policy.version)
        done = DONE.get(parameters.query(request).text("done"), "")
        return self._console.page(seen, "settings/programs", "firm_member_programs.html", done=done)

    async def set_programs(self, request: Request) -> Response:
        """POST: the rule for programs."""
        fields = await self._console.submitted(request)
        wanted = ProgramPolicy(allowed=fields.get("allowed") is not None)
        seen, _ = await self._console.do(request, program_policy.CHANGE, wanted)
        return self._console.go(seen, f"settings/programs?done={program_policy.CHANGE.name}")

    async def new(self, request: Request) -> Response:
        """GET `/firm/N/settings/cost-centers`: the form of a new one."""
        return await self._center(request)

    async def add(self, request: Request) -> Response:
        """POST: a new cost center."""
        fields = await self._console.submitted(request)
        wanted = CostCenterBody(code=fields.text("code"), name=fields.text("name"))
        try:
            seen, _ = await self._console.do(request, cost_centers.ADD, wanted)
        except (InputError, RefusedError) as error:
            return await self._center(request, [problem(error)], wanted)
        return self._console.go(seen, f"settings?done={cost_centers.ADD.name}")

    async def one(self, request: Request) -> Response:
        """GET `/firm/N/settings/cost-centers/C`: its name, or with `?remove=1` its end."""
        if parameters.query(request).text("remove"):
            return await self._ask_to_remove(request)
        return await self._center(request)

    async def change(self, request: Request) -> Response:
        """POST: another name, or with `remove` none any more."""
        fields = await self._console.submitted(request)
        code = request.path_params["code"]
        if fields.get("remove") is not None:
            return await self._remove(request, code)
        wanted = CostCenterBody(code=code, name=fields.text("new_name"))
        try:
            seen, _ = await self._console.do(request, cost_centers.CHANGE, code, wanted)
        except (InputError, RefusedError) as error:
            told = problem(error, {"code": None, "name": "new_name"})
            return await self._center(request, [told], wanted)
        return self._console.go(seen, f"settings?done={cost_centers.CHANGE.name}")

    async def _remove(self, request: Request, code: str) -> Response:
        try:
            seen, _ = await self._console.do(request, cost_centers.REMOVE, code)
        except RefusedError as error:
            return await self._ask_to_remove(request, [problem(error)])
        return self._console.go(seen, f"settings?done={cost_centers.REMOVE.name}")

    async def _ask_to_remove(self, request: Request, errors: Sequence[FieldError] = ()) -> Response:
        code = request.path_params["code"]
        seen, there = await self._console.read(request, cost_centers.one, code)
        question = Question(
            title=f"Remove the cost center {there.code}?",
            button="remove",
            label="Remove the cost center",
            back="settings",
            where="Cost centers",
            effects=(
                ("stop", "At once", f"{there.name} is not offered any longer."),
                ("check", "Earlier bills", "Go on naming it."),
            ),
            keep="Keep it",
        )
        return ask(self._console, seen, "settings", question, errors)

    async def _center(
        self,
        request: Request,
        errors: Sequence[FieldError] = (),
        typed: CostCenterBody | None = None,
    ) -> Response:
        """The form of one, or of a new one."""
        code = request.path_params.get("code")
        if code is None:
            seen, _ = await self._console.read(request, cost_centers.codes)
            there = None
        else:
            seen, there = await self._console.read(request, cost_centers.one, code)
        name = typed.name if typed else there.name if there else ""
        return self._console.page(
            seen,
            "settings",
            "firm_cost_center.html",
            errors=errors,
            there=there,
            code=typed.code if typed else "",
            name=name,
        )

    async def _rule(
        self, request: Request, errors: Sequence[FieldError] = (), typed: str | None = None
    ) -> Response:
        seen, _ = await self._console.read(request, client_codes.version)
        pattern = seen.who.firm.client_code_pattern or ""
        return self._console.page(
            seen,
            "settings/client-codes",
            "firm_client_codes.html",
            errors=errors,
            done=DONE.get(parameters.query(request).text("done"), ""),
            pattern=pattern if typed is None else typed,
        )
