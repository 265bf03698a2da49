"""The console's cost centers and the members' rule for client codes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.errors import InputError, RefusedError
from signon.firms import client_codes, cost_centers
from signon.firms.client_codes import ClientCodePolicy
from signon.firms.cost_centers import CostCenterBody
from signon.firms.pages.shell import Console
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.site import FieldError

DONE = {client_codes.CHANGE.name: client_codes.CHANGE.done} | {
    act.name: act.done for act in (cost_centers.ADD, cost_centers.CHANGE, cost_centers.REMOVE)
}


class SettingsSection:
    """What holds for all members."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """One page with its forms."""
        route = self._console.route
        return [
            route("/settings", self.show),
            route("/settings/client-codes", self.show),
            route("/settings/client-codes", self.set_rule, method="POST"),
            route("/settings/cost-centers", self.show),
            route("/settings/cost-centers", self.add, method="POST"),
            route("/settings/cost-centers/{code}", self.show),
            route("/settings/cost-centers/{code}", self.change, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/firm/N/settings`."""
        return await self._page(request)

    async def set_rule(self, request: Request) -> Response:
        """POST: the rule for client codes."""
        fields = await self._console.submitted(request)
        required = fields.get("required") is not None
        pattern = fields.text("client_code_pattern")
        wanted, act = ClientCodePolicy(required=required, pattern=pattern), client_codes.CHANGE
        try:
            seen, _ = await self._console.do(request, act, wanted)
        except InputError as error:
            return await self._page(request, [problem(error)], {"pattern": pattern})
        return self._console.go(seen, f"settings?done={act.name}")

    async def add(self, request: Request) -> Response:
        """POST: a new cost center."""
        fields = await self._console.submitted(request)
        wanted = CostCenterBody(code=fields.text("code"), name=fields.text("name"))
        try:
            seen, _ = await self._console.do(request, cost_centers.ADD, wanted)
        except (InputError, RefusedError) as error:
            return await self._page(request, [problem(error)], wanted.model_dump())
        return self._console.go(seen, f"settings?done={cost_centers.ADD.name}")

    async def change(self, request: Request) -> Response:
        """POST: another name, or with `remove` none any more."""
        fields = await self._console.submitted(request)
        code = request.path_params["code"]
        wanted = CostCenterBody(code=code, name=fields.text("new_name"))
        try:
            if fields.get("remove") is not None:
                seen, _ = await self._console.do(request, cost_centers.REMOVE, code)
                return self._console.go(seen, f"settings?done={cost_centers.REMOVE.name}")
            seen, _ = await self._console.do(request, cost_centers.CHANGE, code, wanted)
        except (InputError, RefusedError) as error:
            # the list has a form for each: what is wrong stands above them
            return await self._page(request, [problem(error, {"code": None, "name": None})])
        return self._console.go(seen, f"settings?done={cost_centers.CHANGE.name}")

    async def _page(
        self,
        request: Request,
        errors: list[FieldError] | None = None,
        typed: dict[str, str] | None = None,
    ) -> Response:
        seen, found = await self._console.read(request, cost_centers.listed)
        given = {"pattern": seen.who.firm.client_code_pattern or "", "code": "", "name": ""}
        return self._console.page(
            seen,
            "settings",
            "firm_settings.html",
            errors=errors or (),
            done=DONE.get(parameters.query(request).text("done"), ""),
            centers=found,
            typed=given | (typed or {}),
        )
