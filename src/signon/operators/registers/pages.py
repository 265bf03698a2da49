"""The console's pages of the service itself: courts, clients with what was refused, the trail."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import directory
from signon.audit import searching
from signon.audit.activity import NEWEST
from signon.audit.searching import Wanted
from signon.clients import diagnosis, life
from signon.courts import registry
from signon.courts.public_list import Search, place
from signon.db import Unit
from signon.oidc import logout_notices
from signon.oidc.logout_notices import Outstanding
from signon.operators.acts import Operator
from signon.operators.registers import record_lines
from signon.operators.registers.record_lines import EVENTS, Line
from signon.signin.shell import Shell
from signon.web import parameters

SHOWN = 50
PERIODS = [("1", "The last day"), ("7", "The last week"), ("30", "The last month"), ("", "Ever")]


class ServicePages:
    """`/operators/courts`, `/operators/clients` and `/operators/activity`."""

    def __init__(self, console: Shell[Operator]) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """Where they are."""
        route = self._console.route
        return [
            route("/courts", self.courts),
            route("/clients", self.clients),
            route("/clients/{client_id}", self.client),
            route("/activity", self.activity),
        ]

    async def courts(self, request: Request) -> Response:
        """GET `/operators/courts`: every court, and its console."""
        words = parameters.query(request).text("q")
        seen, found = await self._console.read(request, _courts, words)
        return self._console.page(
            seen, "courts", "operators_courts.html", courts=found, words=words
        )

    async def clients(self, request: Request) -> Response:
        """GET `/operators/clients`: every client, and the sign-outs that were not taken."""
        seen, (clients, late) = await self._console.read(request, _clients)
        return self._console.page(
            seen, "clients", "operators_clients.html", clients=clients, outstanding=late
        )

    async def client(self, request: Request) -> Response:
        """GET `/operators/clients/ID`: its registration, and its last refused requests."""
        seen, (there, told) = await self._console.read(
            request, _client, request.path_params["client_id"]
        )
        return self._console.page(
            seen, "clients", "operators_client.html", client=there, diagnosis=told
        )

    async def activity(self, request: Request) -> Response:
        """GET `/operators/activity`: the trail by account, event and time."""
        query = parameters.query(request)
        asked = {name: query.text(name) for name in ("account", "event", "days")}
        before = query.text("before")
        seen, (lines, more) = await self._console.read(
            request, _activity, asked, int(before) if re.fullmatch(r"\d{1,18}", before) else NEWEST
        )
        return self._console.page(
            seen,
            "activity",
            "operators_activity.html",
            lines=lines,
            asked=asked,
            events=EVENTS,
            periods=PERIODS,
            next_href=f"{self._console.path}/activity?{urlencode({**asked, 'before': more})}"
            if more
            else None,
        )


def _courts(unit: Unit, _operator: Operator, words: str) -> list[dict[str, Any]]:
    search = Search.of(words, "", "")
    return [
        {
            "id": court.id,
            "name": court.name,
            "place": place(court),
            "status": court.status(unit.now),
            "go_live": court.go_live_local,
        }
        for court in registry.read_all(unit).values()
        if search.matches(court, unit.now)
    ]


def _clients(unit: Unit, _operator: Operator) -> tuple[list[life.Record], list[Outstanding]]:
    return life.all_clients(unit), logout_notices.outstanding(unit, limit=SHOWN)


def _client(
    unit: Unit, _operator: Operator, client_id: str
) -> tuple[life.Record, Mapping[str, Any]]:
    return life.show(unit, client_id), diagnosis.diagnose(unit, client_id, limit=SHOWN)


def _activity(
    unit: Unit, _operator: Operator, asked: Mapping[str, str], before: int
) -> tuple[list[Line], int | None]:
    """A page of the trail in words, and where the next one begins."""
    number = asked["account"]
    account = directory.by_number(unit, number) if number else None
    if number and account is None:
        return [], None
    since = unit.now - timedelta(days=int(asked["days"])) if asked["days"] in _DAYS else None
    wanted = Wanted(account.id if account else None, event=asked["event"] or None, since=since)
    found = searching.find(unit, wanted, before=before, limit=SHOWN + 1)
    shown = record_lines.of(unit, found[:SHOWN], registry.read_all(unit))
    return shown, found[SHOWN - 1].seq if len(found) > SHOWN else None


_DAYS = {value for value, _ in PERIODS if value}
