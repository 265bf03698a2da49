"""`/courts`: the public list, as a page and as JSON."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signon.courts import public_list
from signon.courts.public_list import Search
from signon.courts.registry import Court, CourtRegistry, CourtStatus, CourtType
from signon.db import Database
from signon.web.headers import PAGE as PAGE_HEADERS
from signon.web.negotiation import preferred
from signon.web.parameters import BadRequestError, query
from signon.web.site import Site
from signon.words.sentences import _

PAGE, JSON = "text/html", "application/json"
FRESH_SECONDS = 60
VARIES = f"Accept, {PAGE_HEADERS['vary']}"
TYPES = [
    (CourtType.DISTRICT, _("District")),
    (CourtType.BANKRUPTCY, _("Bankruptcy")),
    (CourtType.APPELLATE, _("Appeals")),
    (CourtType.BANKRUPTCY_APPELLATE_PANEL, _("Bankruptcy appellate panel")),
    (CourtType.NATIONAL, _("National")),
]
STATUSES = [
    (CourtStatus.LIVE, _("Live")),
    (CourtStatus.SCHEDULED, _("Scheduled")),
    (CourtStatus.NOT_SCHEDULED, _("Not scheduled")),
]


class CourtPages:
    """Pages about courts that anybody may see."""

    def __init__(self, site: Site, database: Database, courts: CourtRegistry) -> None:
        self._site = site
        self._database = database
        self._courts = courts

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/courts", self.courts, methods=["GET"]),
            Route("/courts/{court}/enter", self.enter, methods=["GET"]),
        ]

    async def enter(self, request: Request) -> Response:
        """To the court's own front door, by its address of the moment: who signs in there comes
        back here, and need not type anything again.
        """
        court = await self._courts.get(request.path_params["court"])
        return self._site.go(court.cmecf_url)

    async def courts(self, request: Request) -> Response:
        """The courts that `q`, `type` and `status` find, as the client would rather have them;
        `rehearsals=yes`: with those that are none.
        """
        kind = preferred(request.headers.get("accept", ""), (PAGE, JSON))
        if kind is None:
            raise BadRequestError(f"The list of courts is {PAGE} or {JSON}.", status=406)
        asked = query(request)
        words, kind_asked, status = (asked.text(name) for name in ("q", "type", "status"))
        search = Search.of(words, kind_asked, status, rehearsals=asked.text("rehearsals") == "yes")
        now = self._database.clock()
        known = await self._courts.all()
        found = public_list.found(known, search, now)
        if kind == JSON:
            response = _document(found, now)
        else:
            response = self._page(request, search, found, total=_real(known), now=now)
        response.headers["vary"] = VARIES if kind == PAGE else "Accept"
        return response

    def _page(
        self, request: Request, search: Search, found: Sequence[Court], *, total: int, now: datetime
    ) -> Response:
        response = self._site.page(
            self._site.visit(request),
            "courts.html",
            courts=[_told(court, now) for court in found],
            total=total,
            search=search,
            types=TYPES,
            statuses=STATUSES,
        )
        # a browser's own copy only: the answer may bring it a cookie
        response.headers["cache-control"] = f"private, max-age={FRESH_SECONDS}"
        return response


def _real(known: Mapping[str, Court]) -> int:
    return sum(court.rehearsal_of is None for court in known.values())


def _document(found: Sequence[Court], now: datetime) -> Response:
    courts = [public_list.summary(court, now) for court in found]
    caching = {"cache-control": f"public, max-age={FRESH_SECONDS}"}
    return JSONResponse({"courts": courts}, headers=caching)


def _told(court: Court, now: datetime) -> dict[str, Any]:
    return {
        "id": court.id,
        "name": court.name,
        "place": public_list.place(court),
        "status": court.status(now),
        "go_live": court.go_live_local,
        "cmecf_url": court.cmecf_url,
        "cmecf_host": court.cmecf_url.partition("://")[2],
        "policy": court.policy,
    }
