"""The console's members: found, filtered, looked at, removed one by one."""

from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.firms import activity, bulk, cost_centers, members, parting
from signon.firms.access import Authority
from signon.firms.activity import Happened
from signon.firms.api.members import MembersAsked, MembersChosen
from signon.firms.members import Member, MembersWanted, Order
from signon.firms.pages.shell import Console
from signon.signin.shell import problem
from signon.web import paging, parameters
from signon.web.problems import ApiError
from signon.web.site import FieldError

ORDERS = {
    Order.NAME: "Name",
    Order.NUMBER: "Account number",
    Order.JOINED_DOWN: "Joined last",
    Order.JOINED: "Joined first",
}
DONE = {act.name: act.done for act in (parting.REMOVE, members.ASSIGN)} | {
    bulk.REMOVE.name: bulk.REMOVE.done
}
RECENT = 10


class MembersSection:
    """Who belongs to the firm."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The list, a member, and what can be done with one."""
        route = self._console.route
        return [
            route("/members", self.find),
            route("/members/{number}", self.show),
            route("/members/{number}/remove", self.back),
            route("/members/{number}/remove", self.remove, method="POST"),
            route("/members/{number}/cost-center", self.back),
            route("/members/{number}/cost-center", self.assign, method="POST"),
        ]

    async def find(self, request: Request) -> Response:
        """GET: what is asked for stands in the address, so that it can be kept."""
        query = parameters.query(request)
        asked = {name: query.text(name) for name in MembersChosen.model_fields}
        errors: list[FieldError] = []
        try:
            wished = MembersAsked.model_validate(
                {name: text for name in MembersAsked.model_fields if (text := query.text(name))}
            )
            page, wanted = wished.page, wished.wanted(wished.page.after)
        except (ApiError, ValidationError):
            page, wanted = paging.Page(), MembersWanted()
        try:
            seen, (rows, codes) = await self._console.read(
                request, _listed, wanted, page.look_ahead
            )
        except InputError as error:
            errors = [problem(error)]
            seen, (rows, codes) = await self._console.read(
                request, _listed, MembersWanted(), page.look_ahead
            )
        found, cursor = page.cut(rows, lambda one: members.cursor_of(wanted, one))
        kept = {name: value for name, value in asked.items() if value}
        return self._console.page(
            seen,
            "members",
            "firm_members.html",
            errors=errors,
            done=DONE.get(query.text("done"), ""),
            members=found,
            asked=asked,
            orders=[(order.value, label) for order, label in ORDERS.items()],
            codes=[("", "Every one"), ("none", "In none"), *((code, code) for code in codes)],
            next_href=f"?{urlencode({**kept, 'cursor': cursor})}" if cursor else None,
        )

    async def show(self, request: Request) -> Response:
        """GET `/firm/N/members/M`."""
        return await self._page(request)

    async def back(self, request: Request) -> Response:
        """GET of an act's address: a reload after its session had ended."""
        path = request.path_params
        return self._console.site.go(f"/firm/{path['firm']}/members/{path['number']}")

    async def remove(self, request: Request) -> Response:
        """POST: with a remark."""
        fields = await self._console.submitted(request)
        remark = fields.get("remark") or ""
        try:
            act, number = parting.REMOVE, request.path_params["number"]
            seen, _ = await self._console.do(request, act, number, remark)
        except (InputError, RefusedError) as error:
            return await self._page(request, [problem(error)], remark)
        return self._console.go(seen, f"members?done={act.name}")

    async def assign(self, request: Request) -> Response:
        """POST: another cost center, or none."""
        fields = await self._console.submitted(request)
        code = fields.text("cost_center") or None
        try:
            act, number = members.ASSIGN, request.path_params["number"]
            seen, _ = await self._console.do(request, act, number, code)
        except (InputError, RefusedError) as error:
            return await self._page(request, [problem(error)])
        return self._console.go(seen, f"members?done={act.name}")

    async def _page(
        self,
        request: Request,
        errors: tuple[FieldError, ...] | list[FieldError] = (),
        remark: str = "",
    ) -> Response:
        seen, (member, codes, happened) = await self._console.read(
            request, _member, request.path_params["number"]
        )
        return self._console.page(
            seen,
            "members",
            "firm_member.html",
            errors=errors,
            member=member,
            codes=[("", "None"), *((code, code) for code in codes)],
            happened=happened,
            remark=remark,
        )


def _listed(
    unit: Unit, authority: Authority, wanted: MembersWanted, limit: int
) -> tuple[list[Member], list[str]]:
    codes = sorted(cost_centers.codes(unit, authority))
    return members.listed(unit, authority, wanted, limit), codes


def _member(
    unit: Unit, authority: Authority, number: str
) -> tuple[Member, list[str], list[Happened]]:
    found = members.one(unit, authority, number)
    happened = activity.listed(unit, authority, about=number, limit=RECENT)
    return found, sorted(cost_centers.codes(unit, authority)), happened
