"""The console's cost centres and the members' rule for client codes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.firms import client_codes, cost_centers
from signon.firms.access import Authority
from signon.firms.pages.shell import Console, problems
from signon.web import parameters
from signon.web.site import FieldError

DONE = {
    "rule": "The rule is set; members meet it at their next sign-in.",
    "added": "The cost centre is there.",
    "changed": "The cost centre is changed.",
    "removed": "The cost centre is removed.",
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
        try:
            seen, _ = await self._console.write(
                request, client_codes.change_rule, is_required=required, pattern=pattern
            )
        except InputError as error:
            return await self._page(request, problems(error), {"pattern": pattern})
        return self._console.go(seen, "settings?done=rule")

    async def add(self, request: Request) -> Response:
        """POST: a new cost centre."""
        fields = await self._console.submitted(request)
        code, name = fields.text("code"), fields.text("name")
        try:
            seen, _ = await self._console.write(request, cost_centers.add, code, name)
        except (InputError, RefusedError) as error:
            return await self._page(request, problems(error), {"code": code, "name": name})
        return self._console.go(seen, "settings?done=added")

    async def change(self, request: Request) -> Response:
        """POST: another name, or with `remove` none any more."""
        fields = await self._console.submitted(request)
        code, name = request.path_params["code"], fields.text("new_name")
        is_removal = fields.get("remove") is not None
        try:
            seen, _ = await self._console.write(request, _change, code, name, is_removal)
        except (InputError, RefusedError) as error:
            # the list has a form for each: what is wrong stands above them
            wrong = [FieldError(None, one.message) for one in problems(error)]
            return await self._page(request, wrong)
        return self._console.go(seen, f"settings?done={'removed' if is_removal else 'changed'}")

    async def _page(
        self,
        request: Request,
        errors: list[FieldError] | None = None,
        typed: dict[str, str] | None = None,
    ) -> Response:
        seen, found = await self._console.read(request, cost_centers.listed)
        given = {"pattern": seen.authority.firm.client_code_pattern or "", "code": "", "name": ""}
        return self._console.page(
            seen,
            "settings",
            "firm_settings.html",
            errors=errors or (),
            done=DONE.get(parameters.query(request).text("done"), ""),
            centers=found,
            typed=given | (typed or {}),
        )


def _change(unit: Unit, authority: Authority, code: str, name: str, is_removal: bool) -> None:
    before = cost_centers.one(unit, authority, code, locked=True)
    if is_removal:
        cost_centers.remove(unit, authority, before)
    else:
        cost_centers.change(unit, authority, before, before.code, name)
