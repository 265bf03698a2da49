"""The console's members: found, filtered, looked at, removed one by one."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts.models import AccountKind, SearchStatus
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.firms import (
    activity,
    bulk,
    cost_centers,
    figures,
    members,
    moving,
    parting,
    words,
)
from signon.firms.access import Authority
from signon.firms.activity import Happened
from signon.firms.api.members import MembersAsked, MembersChosen
from signon.firms.figures import Searching
from signon.firms.members import Member, MembersWanted, Order
from signon.firms.pages.asking import Blank, Question, ask
from signon.firms.pages.shell import Console, Seen
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
DONE = {act.name: act.done for act in (parting.REMOVE, members.ASSIGN, moving.MOVE)} | {
    bulk.REMOVE.name: bulk.REMOVE.done
}
RECENT = 10
KINDS = {AccountKind.INDIVIDUAL: "Individual account", AccountKind.SHARED: "Shared account"}
BILLED = (
    ("firm", "From now on", "The firm’s bill names the new cost center for searches."),
    ("check", "Nothing else changes", "Searching and filing stay as they are."),
)


class MembersSection:
    """Who belongs to the firm."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The list, a member, and what can be done with one."""
        route = self._console.route
        return [
            route("/members", self.find),
            route("/members/cost-center", self.ask_where_many),
            route("/members/cost-center", self.assign_many, method="POST"),
            route("/members/{number}", self.show),
            route("/members/{number}/remove", self.ask_to_remove),
            route("/members/{number}/remove", self.remove, method="POST"),
            route("/members/{number}/cost-center", self.ask_where),
            route("/members/{number}/cost-center", self.assign, method="POST"),
        ]

    async def find(self, request: Request) -> Response:
        """GET: what is asked for stands in the address, so that it can be kept."""
        return await self._list(request)

    async def _list(self, request: Request, errors: Sequence[FieldError] = ()) -> Response:
        query = parameters.query(request)
        asked = {name: query.text(name) for name in MembersChosen.model_fields}
        try:
            wished = MembersAsked.model_validate(
                {name: text for name in MembersAsked.model_fields if (text := query.text(name))}
            )
            page, wanted = wished.page, wished.wanted(wished.page.after)
        except (ApiError, ValidationError):
            page, wanted = paging.Page(), MembersWanted()
        try:
            seen, listed = await self._console.read(request, _listed, wanted, page.look_ahead)
        except InputError as error:
            errors = [problem(error)]
            seen, listed = await self._console.read(
                request, _listed, MembersWanted(), page.look_ahead
            )
        found, cursor = page.cut(listed.rows, lambda one: members.cursor_of(wanted, one))
        kept = {name: value for name, value in asked.items() if value}
        at = f"/firm/{seen.who.firm.number}/members"
        return self._console.page(
            seen,
            "members",
            "firm_members.html",
            errors=errors,
            done=DONE.get(query.text("done"), ""),
            members=found,
            numbers=listed.numbers,
            tabs=_tabs(at, asked, listed.numbers),
            asked=asked,
            orders=[(order.value, label) for order, label in ORDERS.items()],
            codes=[("", "Any"), ("none", "None"), *((code, code) for code in listed.codes)],
            next_href=f"{at}?{urlencode({**kept, 'cursor': cursor})}" if cursor else None,
        )

    async def show(self, request: Request) -> Response:
        """GET `/firm/N/members/M`: whether they can search, and what happened."""
        seen, (member, _, happened) = await self._read(request)
        return self._console.page(
            seen,
            "members",
            "firm_member.html",
            done=DONE.get(parameters.query(request).text("done"), ""),
            member=member,
            kind=KINDS[member.kind],
            happened=[(one, words.line(one)) for one in happened],
        )

    async def ask_to_remove(self, request: Request) -> Response:
        """GET `/firm/N/members/M/remove`: what will happen."""
        return await self._ask_to_remove(request)

    async def remove(self, request: Request) -> Response:
        """POST: with a remark."""
        fields = await self._console.submitted(request)
        remark = fields.get("remark") or ""
        try:
            act, number = parting.REMOVE, request.path_params["number"]
            seen, _ = await self._console.do(request, act, number, remark)
        except (InputError, RefusedError) as error:
            return await self._ask_to_remove(request, [problem(error)], remark)
        return self._console.go(seen, f"members?done={act.name}")

    async def ask_where(self, request: Request) -> Response:
        """GET `/firm/N/members/M/cost-center`: which."""
        return await self._ask_where(request)

    async def assign(self, request: Request) -> Response:
        """POST: another cost center, or none."""
        fields = await self._console.submitted(request)
        code = fields.text("cost_center") or None
        try:
            act, number = members.ASSIGN, request.path_params["number"]
            seen, _ = await self._console.do(request, act, number, code)
        except (InputError, RefusedError) as error:
            return await self._ask_where(request, [problem(error)])
        return self._console.go(seen, f"members/{number}?done={act.name}")

    async def ask_where_many(self, request: Request) -> Response:
        """GET `/firm/N/members/cost-center`: which, for those that are chosen in the list."""
        chosen = parameters.query(request).every("number")
        if not chosen:
            return await self._list(
                request, [FieldError(None, "Choose at least one member first.")]
            )
        return await self._ask_where_many(request, chosen)

    async def assign_many(self, request: Request) -> Response:
        """POST: all of them, or none."""
        fields = await self._console.submitted(request)
        chosen, code = fields.every("number"), fields.text("cost_center") or None
        try:
            seen, _ = await self._console.do(request, moving.MOVE, chosen, code)
        except (InputError, RefusedError) as error:
            return await self._ask_where_many(request, chosen, [problem(error)])
        return self._console.go(seen, f"members?done={moving.MOVE.name}")

    async def _read(self, request: Request) -> tuple[Seen, "_Record"]:
        return await self._console.read(request, _member, request.path_params["number"])

    async def _ask_to_remove(
        self, request: Request, errors: Sequence[FieldError] = (), remark: str = ""
    ) -> Response:
        seen, (member, _, _) = await self._read(request)
        question = Question(
            title=f"Remove {member.name} from the firm?",
            button="remove",
            label="Remove from the firm",
            back=f"members/{member.number}",
            where=member.name,
            effects=(
                ("stop", "At once", "The firm is no longer billed for this person’s searches."),
                ("search", "Case search rests", "Until the person makes it active again."),
                ("check", "Filing goes on", "The account stays the person’s, with every right."),
                ("mail", "Both sides are told", "By mail, with your remark."),
            ),
            keep="Keep the member",
            field=Blank("remark", "Remark", remark, "Both sides read it."),
        )
        return ask(self._console, seen, "members", question, errors)

    async def _ask_where(self, request: Request, errors: Sequence[FieldError] = ()) -> Response:
        seen, (member, codes, _) = await self._read(request)
        question = Question(
            title=f"Cost center of {member.name}",
            button="assign",
            label="Change the cost center",
            back=f"members/{member.number}",
            where=member.name,
            effects=BILLED,
            takes_away=False,
            field=_which(codes, member.cost_center or ""),
        )
        return ask(self._console, seen, "members", question, errors)

    async def _ask_where_many(
        self, request: Request, chosen: Sequence[str], errors: Sequence[FieldError] = ()
    ) -> Response:
        seen, codes = await self._console.read(request, cost_centers.codes)
        number = "1 member" if len(chosen) == 1 else f"{len(chosen)} members"
        question = Question(
            title=f"Move {number} to a cost center",
            button="assign",
            label=f"Move {number}",
            back="members",
            where="Members",
            effects=BILLED,
            takes_away=False,
            field=_which(sorted(codes)),
            carried=("number", chosen),
        )
        return ask(self._console, seen, "members", question, errors)


def _which(codes: Sequence[str], value: str = "") -> Blank:
    options = [("", "None"), *((code, code) for code in codes)]
    return Blank("cost_center", "Cost center", value, options=options)


def _tabs(
    at: str, asked: Mapping[str, str], numbers: Searching
) -> list[tuple[str, str, int, bool]]:
    """The states of the list, each with what else is asked for."""
    others = {name: value for name, value in asked.items() if value and name != "search_status"}
    states = (
        ("", "All", numbers.members),
        (SearchStatus.ACTIVE.value, "Can search", numbers.searching),
        (SearchStatus.INACTIVE.value, "Search inactive", numbers.members - numbers.searching),
    )
    found = []
    for value, label, number in states:
        query = urlencode({**others, "search_status": value} if value else others)
        found.append((f"{at}?{query}", label, number, asked["search_status"] == value))
    return found


class _Listed(NamedTuple):
    rows: list[Member]
    codes: list[str]
    numbers: Searching


class _Record(NamedTuple):
    member: Member
    codes: list[str]
    happened: list[Happened]


def _listed(unit: Unit, authority: Authority, wanted: MembersWanted, limit: int) -> _Listed:
    codes = sorted(cost_centers.codes(unit, authority))
    numbers = figures.searching(unit, authority.firm.number) or Searching(0, 0)
    return _Listed(members.listed(unit, authority, wanted, limit), codes, numbers)


def _member(unit: Unit, authority: Authority, number: str) -> _Record:
    found = members.one(unit, authority, number)
    happened = activity.listed(unit, authority, about=number, limit=RECENT)
    return _Record(found, sorted(cost_centers.codes(unit, authority)), happened)
