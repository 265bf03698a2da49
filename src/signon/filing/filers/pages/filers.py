"""The console's filers: finding one, and one as a clerk reads it."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import BusyError, InputError
from signon.filing.court import searches
from signon.filing.court.court_policy import offered_roles
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.filers import filer_lists
from signon.filing.filers.acts import DONE
from signon.filing.filers.filer_lists import Search
from signon.filing.filers.pages import one_filer
from signon.filing.filers.pages.acting import FilerActs
from signon.filing.filers.words import KINDS, STATUSES
from signon.filing.rights.filers import Filer
from signon.filing.roles import ROLES
from signon.searching.ranges import Found
from signon.web import paging, parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters

SHOWN = 50


class FilersSection:
    """Everybody of the staff looks; clerks and administrators act."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The search, one filer, the acts."""
        route = self._console.route
        return [
            route("/filers", self.search),
            route("/filers/{account_number}", self.show),
            *FilerActs(self._console).routes(),
        ]

    async def search(self, request: Request) -> Response:
        """GET `/court/casb/filers?q=`: what is asked for stands in the address."""
        asked = parameters.query(request)
        problem = ""
        try:
            seen, found = await self._found(request, _search(asked))
        except (InputError, BusyError) as error:
            problem = error.told
            seen, found = await self._console.read(request, _nobody)
        shown = found[:SHOWN]
        more = paging.encode(shown[-1].after) if len(found) > SHOWN else None
        return self._console.page(
            seen,
            "filers",
            "court_filers.html",
            asked={name: asked.text(name) for name in ("q", "status", "role")},
            problem=problem,
            found=[_line(one.row) for one in shown],
            next_after=more,
            statuses=[("", "Any"), *STATUSES.items()],
            roles=[
                ("", "Any"),
                *((role.value, ROLES[role].label) for role in offered_roles(seen.who.court)),
            ],
        )

    async def _found(self, request: Request, search: Search) -> tuple[Seen, Sequence[Found[Filer]]]:
        if search.words:
            return await self._console.do(request, FIND, search)
        return await self._console.read(request, _find, search)

    async def show(self, request: Request) -> Response:
        """GET: why they can or cannot file, and what there is to do."""
        number = request.path_params["account_number"]
        seen, found = await self._console.read(
            request, one_filer.whole, self._console.settings, number
        )
        done = DONE.get(parameters.query(request).text("done"), "")
        return one_filer.page(self._console, seen, found, done=done)


def _search(asked: Parameters) -> Search:
    after = asked.text("after")
    return Search(
        asked.text("q"),
        asked.text("status"),
        asked.text("role"),
        paging.decode(after) if after else "",
        SHOWN + 1,
    )


def _find(unit: Unit, desk: Desk, search: Search) -> list[Found[Filer]]:
    if search.words:
        searches.count(unit, desk)
    found = filer_lists.find(unit, desk.court, search)
    if search.words:
        searches.note(unit, desk, search.words, people=len(found))
    return found


FIND = Act("find-filers", _find, needs=Power.READ)
"""It changes nothing but the trail."""


def _nobody(_unit: Unit, _desk: Desk) -> list[Found[Filer]]:
    return []


def _line(filer: Filer) -> dict[str, Any]:
    return {
        "number": filer.account.number,
        "name": filer.account.display_name,
        "login": filer.right.login or "",
        "roles": ", ".join(ROLES[role].label for role in ROLES if role in filer.right.roles),
        "status": STATUSES[filer.right.status],
        "kind": KINDS[filer.right.status],
    }
