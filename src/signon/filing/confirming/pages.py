"""The console's requests: what a colleague asks for, to be confirmed or withdrawn."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.registry import CourtRegistry
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.confirming import confirming
from signon.filing.court import request_words as words
from signon.filing.court import requests, second_member
from signon.filing.court.desk import Desk
from signon.filing.court.pages.shell import ASKED, Console
from signon.filing.court.second_member import NEEDS, Kind
from signon.filing.filers.words import written
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.site import FieldError

ACTS = {act.name: act for act in (confirming.CONFIRM, requests.WITHDRAW)}
DONE = {name: act.done for name, act in ACTS.items()} | {
    ASKED: "A second member of the staff has to confirm this. Those who may are told by mail; "
    "nothing has happened yet."
}


class RequestsSection:
    """Everybody of the staff looks; who has the power for the act confirms."""

    def __init__(self, console: Console, courts: CourtRegistry) -> None:
        self._console = console
        self._courts = courts

    def routes(self) -> list[Route]:
        """The list, and deciding one."""
        route, one = self._console.route, "/requests/{request}/{act}"
        return [
            route("/requests", self.show),
            route(one, self.show),
            route(one, self.decide, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/requests`."""
        return await self._page(request, done=DONE.get(parameters.query(request).text("done"), ""))

    async def decide(self, request: Request) -> Response:
        """POST: confirm or withdraw one."""
        await self._console.submitted(request)
        request_id, name = (request.path_params[part] for part in ("request", "act"))
        if name not in ACTS:
            raise NotFoundError("There is no such page.")
        try:
            seen, _ = await self._console.do(request, ACTS[name], request_id)
        except (InputError, RefusedError) as error:
            return await self._page(request, [problem(error)])
        self._courts.forget()
        return self._console.go(seen, f"requests?done={name}")

    async def _page(
        self, request: Request, errors: Sequence[FieldError] = (), *, done: str = ""
    ) -> Response:
        seen, found = await self._console.read(request, _listed)
        return self._console.page(
            seen,
            "requests",
            "court_requests.html",
            status=409 if errors else 200,
            errors=errors,
            done=done,
            is_on=second_member.is_on(seen.who.court),
            found=found,
        )


def _listed(unit: Unit, desk: Desk) -> list[dict[str, Any]]:
    return [_shown(desk, one) for one in requests.waiting(unit, desk)]


def _shown(desk: Desk, one: requests.Request) -> dict[str, Any]:
    zone = ZoneInfo(desk.court.time_zone)
    is_own, may = one.asked_by == desk.actor, desk.may(NEEDS[one.kind])
    registration = one.asked.get("registration")
    return {
        "id": one.id,
        "title": words.TITLES[one.kind],
        "facts": [
            ("Asked by", one.asker),
            ("Asked at", written(one.asked_at, zone)),
            ("Until", written(one.expires_at, zone)),
            *words.facts(one.kind, one.asked),
        ],
        "page": f"registrations/{registration}" if registration else None,
        "is_import": one.kind is Kind.IMPORT,
        "may_confirm": may and not is_own and one.kind is not Kind.IMPORT,
        "may_withdraw": may or is_own,
    }
