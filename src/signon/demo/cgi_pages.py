"""The addresses under `/cgi-bin/` that programs read a court by, with invented dockets behind them.

Only as much of a docket as a scraper of today needs to find its way (domain facts 4.4).
"""

from collections.abc import Callable
from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.demo import programs
from signon.demo.cases import CASES, Case
from signon.demo.court_sign_in import Arrival, CourtSignIn
from signon.demo.pages import Pages

NUMBERS, DOCKET, LOGIN = (
    f"/cgi-bin/{name}.pl" for name in ("possible_case_numbers", "DktRpt", "login")
)
MOST_FIELDS = 50
Show = Callable[[str, Arrival, str, Case], Response]


class CgiPages:
    """A court's; `show` makes a page of somebody who is signed in."""

    def __init__(self, court_id: str, sign_in: CourtSignIn, pages: Pages, show: Show) -> None:
        self._cases = CASES[court_id]
        self._sign_in = sign_in
        self._pages = pages
        self._show = show

    def routes(self) -> list[Route]:
        """Case numbers, dockets, and the way out."""
        return [
            Route(NUMBERS, self.numbers),
            Route(DOCKET, self.docket, methods=["GET", "POST"]),
            Route(LOGIN, self.sign_out),
        ]

    async def numbers(self, request: Request) -> Response:
        """GET `possible_case_numbers.pl?26-00318`: the cases of that number, as XML."""
        arrival = await self._sign_in.arrive(request)
        asked = escape(request.url.query, quote=True)
        if not isinstance(arrival, Arrival):
            return _xml(asked, "<message text='Not logged in.  Please refresh this page.'/>")
        found = [case for case in self._cases if case.number.lower() == request.url.query.lower()]
        if not found:
            return _xml(asked, f"<message text='Cannot find case {asked}'/>")
        case = found[0]
        title = escape(f"{case.number} {case.title}", quote=True)
        number = escape(case.number)
        told = f"<case number='{number}' id='{case.id}' title='{title}' sortable='{number}'/>"
        return self._sign_in.handed_on(request, arrival, _xml(asked, told))

    async def docket(self, request: Request) -> Response:
        """The docket of the case whose id is asked for, by the query or by the form."""
        arrival = await self._sign_in.arrive(request)
        if not isinstance(arrival, Arrival):
            return arrival or self._sign_in.go_and_sign_in(request)
        case_id = request.url.query
        if request.method == "POST":
            async with request.form(max_fields=MOST_FIELDS, max_files=0) as form:
                case_id = str(form.get("all_case_ids", ""))
        found = [case for case in self._cases if case.id == case_id]
        if not found:
            return self._pages.page(
                "demo_error.html", status=404, person=None, sentence="There is no such case here."
            )
        shown = self._show("docket.html", arrival, DOCKET, found[0])
        return self._sign_in.handed_on(request, arrival, shown)

    async def sign_out(self, request: Request) -> Response:
        """GET `login.pl?logout` ends a program's token; whoever else comes is led to the front page."""
        response = self._pages.go("/")
        if request.url.query == "logout":
            await self._sign_in.end_program(request)
            programs.forget(request, response)
        return response


def _xml(asked: str, inner: str) -> Response:
    # no declaration: scrapers read it as text
    text = f"<request number='{asked}'>{inner}</request>"
    return Response(text, media_type="text/xml", headers={"cache-control": "no-store"})
