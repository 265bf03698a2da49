"""The console's staff: who works for the court, and in which role."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.staff import Member, StaffRole
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court import staffing
from signon.filing.court.desk import POWERS, WORDS, Desk, Power
from signon.filing.court.pages.shell import Console
from signon.filing.court.staffing import GIVE, TAKE
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.site import FieldError

DONE = {act.name: act.done for act in (GIVE, TAKE)}
ROLES: Mapping[StaffRole, str] = {
    StaffRole.ADMINISTRATOR: "Administrator",
    StaffRole.CLERK: "Clerk",
    StaffRole.HELP_DESK: "Help desk",
    StaffRole.READ_ONLY: "Read only",
}


class StaffSection:
    """Everybody of the staff sees it; administrators change it."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The list, giving a role, taking one away."""
        route = self._console.route
        return [
            route("/staff", self.show),
            route("/staff", self.give, method="POST"),
            route("/staff/{username}", self.show_take),
            route("/staff/{username}", self.take, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/staff`."""
        return await self._page(request, done=DONE.get(parameters.query(request).text("done"), ""))

    async def give(self, request: Request) -> Response:
        """POST: `username` gets `role`."""
        fields = await self._console.submitted(request)
        username, name = fields.text("username"), fields.text("role")
        wrong = _missing(username, name)
        if wrong:
            return await self._page(request, wrong, username, name)
        try:
            seen, _ = await self._console.do(request, GIVE, username, StaffRole(name))
        except RefusedError as error:
            wrong = [problem(error, {staffing.NOT_FIT: "username"})]
            return await self._page(request, wrong, username, name)
        return self._console.go(seen, f"staff?done={GIVE.name}")

    async def show_take(self, request: Request) -> Response:
        """GET: what removing somebody does; the list where there is nobody to remove."""
        username = request.path_params["username"]
        seen, (members, grantable) = await self._console.read(request, _listed)
        found = [one for one in members if one.account.username == username]
        if not found or found[0].role not in grantable:
            return await self._page(request)
        [one] = found
        return self._console.page(
            seen,
            "staff",
            "court_staff_remove.html",
            username=username,
            name=one.account.display_name,
            held=ROLES[one.role],
        )

    async def take(self, request: Request) -> Response:
        """POST: somebody does not work here any more."""
        await self._console.submitted(request)
        try:
            seen, _ = await self._console.do(request, TAKE, request.path_params["username"])
        except RefusedError as error:
            return await self._page(request, [problem(error)])
        return self._console.go(seen, f"staff?done={TAKE.name}")

    async def _page(
        self,
        request: Request,
        errors: list[FieldError] | None = None,
        username: str = "",
        role: str = "",
        *,
        done: str = "",
    ) -> Response:
        seen, (members, grantable) = await self._console.read(request, _listed)
        return self._console.page(
            seen,
            "staff",
            "court_staff.html",
            errors=errors or (),
            done=done,
            members=[
                {
                    "username": one.account.username,
                    "name": one.account.display_name,
                    "role": ROLES[one.role],
                    "may_be_taken": one.role in grantable,
                }
                for one in members
            ],
            options=[("", "Choose one"), *((one.value, ROLES[one]) for one in grantable)],
            table=[(ROLES[one], [WORDS[power] for power in Power if power in POWERS[one]])
                   for one in StaffRole],
            typed={"username": username, "role": role},
        )  # fmt: skip


def _listed(unit: Unit, desk: Desk) -> tuple[list[Member], list[StaffRole]]:
    may_change = desk.may(Power.STAFF)
    grantable = staffing.grantable(desk) if may_change else []
    return list(staffing.members(unit, desk)), grantable


def _missing(username: str, role: str) -> list[FieldError]:
    wrong = []
    if not username:
        wrong.append(FieldError("username", "Enter the person’s PACER username."))
    if role not in set(StaffRole):
        wrong.append(FieldError("role", "Choose what they may do."))
    return wrong
