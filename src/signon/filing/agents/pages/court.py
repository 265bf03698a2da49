"""The console's filing agents: who files for whom at the court, and the end of it with a reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.filing.agents import log, pairs, words
from signon.filing.agents.ending import END_AT_COURT
from signon.filing.agents.log import Acted
from signon.filing.agents.pairs import Pair
from signon.filing.court import court_policy
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console, Seen
from signon.signin.shell import problem
from signon.web import paging, parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError

SHOWN = 50
SECTION = "agents"


class AgentsSection:
    """Everybody of the staff looks; clerks and administrators end a pair."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The search, one pair, its end."""
        route = self._console.route
        return [
            route("/agents", self.search),
            route("/agents/{pair}", self.show),
            route("/agents/{pair}/end", self.end, method="POST"),
        ]

    async def search(self, request: Request) -> Response:
        """GET `/court/casb/agents?q=`: by either side's number, name or login."""
        asked = parameters.query(request)
        wrong = ""
        try:
            seen, found = await self._console.read(request, _find, asked)
        except InputError as error:
            wrong = error.told
            seen, found = await self._console.read(request, _nothing)
        shown = found[:SHOWN]
        more = paging.encode(pairs.key(shown[-1])) if len(found) > SHOWN else None
        done = END_AT_COURT.done if asked.get("done") else ""
        return self._console.page(
            seen,
            SECTION,
            "court_agents.html",
            q=asked.text("q"),
            problem=wrong,
            done=done,
            has_agents=court_policy.has_agents(seen.who.court),
            found=[self._shown(seen, one) for one in shown],
            next_after=more,
        )

    async def show(self, request: Request) -> Response:
        """GET: both people, the bounds, when the agent acted, and ending it."""
        return await self._page(request)

    async def end(self, request: Request) -> Response:
        """POST: end it, for a reason that both read."""
        fields = await self._console.submitted(request)
        pair_id, reason = request.path_params["pair"], fields.text("reason")
        try:
            seen, _ = await self._console.do(request, END_AT_COURT, pair_id, reason)
        except (InputError, RefusedError) as error:
            return await self._page(request, [problem(error)], reason)
        return self._console.go(seen, f"{SECTION}?done={END_AT_COURT.name}")

    async def _page(
        self, request: Request, errors: Sequence[FieldError] = (), reason: str = ""
    ) -> Response:
        seen, (pair, acted) = await self._console.read(request, _one, request.path_params["pair"])
        is_own = seen.who.actor in {one.id for one in (pair.principal, pair.agent) if one}
        may_end = pair.ended_at is None and seen.who.may(Power.FILERS) and not is_own
        return self._console.page(
            seen,
            SECTION,
            "court_agent.html",
            errors=errors,
            pair=self._shown(seen, pair),
            is_own=is_own,
            may_end=may_end,
            reason=reason,
            acted=acted,
        )

    def _shown(self, seen: Seen, pair: Pair) -> Mapping[str, Any]:
        court, now = seen.who.court, self._console.database.clock()
        return words.shown(pair, court, pair.state(court, now))


def _find(unit: Unit, desk: Desk, asked: Parameters) -> list[Pair]:
    after = asked.text("after")
    return pairs.of_court(
        unit,
        desk.court,
        words=asked.text("q"),
        after=paging.decode(after) if after else "",
        limit=SHOWN + 1,
    )


def _nothing(_unit: Unit, _desk: Desk) -> list[Pair]:
    return []


def _one(unit: Unit, desk: Desk, pair_id: str) -> tuple[Pair, list[Acted]]:
    pair = pairs.at_court(unit, desk.court, pair_id)
    return pair, log.of_pair(unit, pair)
