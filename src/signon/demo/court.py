"""A demonstration court: a small CM/ECF that trusts the provider and nobody else."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clock import Clock
from signon.demo.cases import CASES, Case
from signon.demo.cgi_pages import CgiPages
from signon.demo.court_sign_in import (
    SIGNED_OUT,
    Arrival,
    CourtSignIn,
    CourtSite,
    require_own_form,
)
from signon.demo.menus import Entry, Menu
from signon.demo.pages import Pages
from signon.demo.programs import Programs
from signon.demo.relying_party import RelyingParty
from signon.web import parameters
from signon.web.headers import form_target

FORM_BYTES = 16 * 1024


class Court:
    """The web application of one court."""

    def __init__(
        self, site: CourtSite, party: RelyingParty, programs: Programs, *, clock: Clock
    ) -> None:
        self._site = site
        self._party = party
        self._clock = clock
        self._pages = Pages(
            name=site.name,
            look=site.type.value,
            form_targets=[form_target(site.issuer)],
            court=site,
            link_address=_address(site, party, "link"),
            register_address=_address(site, party, "register"),
            acting_address=_address(site, party, "acting-for"),
        )
        self._sign_in = CourtSignIn(site, party, programs, self._pages, clock=clock)
        self._cgi = CgiPages(site.id, self._sign_in, self._pages, self._docket)

    def application(self) -> Starlette:
        """The ASGI application."""

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            yield
            await self._party.close()

        return Starlette(
            routes=[
                *self._sign_in.routes(),
                *self._routes(),
                *self._cgi.routes(),
                *self._pages.routes(),
            ],
            exception_handlers=self._pages.handlers(),
            lifespan=lifespan,
        )

    def _routes(self) -> list[Route]:
        return [
            Route("/", self.front),
            Route("/query", self._shown("query.html")),
            Route("/reports", self._shown("reports.html")),
            Route("/utilities", self._shown("utilities.html")),
            Route("/whoami", self.who_am_i),
            Route("/whoami", self.refresh, methods=["POST"]),
            Route("/file/{menu}/{entry}", self.file, methods=["GET", "POST"]),
        ]

    async def front(self, request: Request) -> Response:
        """The court's front page, or the main menu of whoever is signed in."""
        arrival = await self._sign_in.arrive(request)
        if isinstance(arrival, Response):
            return arrival
        if arrival is None:
            state = parameters.query(request).get("state")
            return self._pages.page(
                "front.html", person=None, signed_out=state == SIGNED_OUT, here="/"
            )
        return self._sign_in.handed_on(request, arrival, self._page("main_menu.html", arrival, "/"))

    def _shown(self, template: str) -> Callable[[Request], Any]:
        """A page for everybody who is signed in."""

        async def show(request: Request) -> Response:
            arrival = await self._sign_in.arrive(request)
            if isinstance(arrival, Arrival):
                shown = self._page(template, arrival, request.url.path)
                return self._sign_in.handed_on(request, arrival, shown)
            return arrival or self._sign_in.go_and_sign_in(request)

        return show

    async def who_am_i(self, request: Request) -> Response:
        """For developers: what this court was told."""
        arrival = await self._sign_in.arrive(request)
        if not isinstance(arrival, Arrival):
            return arrival or self._sign_in.go_and_sign_in(request)
        if arrival.session is None:
            return self._sign_in.go_and_sign_in(request)
        signed_in = arrival.session.signed_in
        assert signed_in is not None
        return self._page(
            "whoami.html",
            arrival,
            "/whoami",
            id_token_header=_pretty(signed_in.header),
            id_token_claims=_pretty(signed_in.claims),
            userinfo=_pretty(arrival.session.userinfo),
        )

    async def refresh(self, request: Request) -> Response:
        """For developers: use the refresh token now."""
        require_own_form(request)
        arrival = await self._sign_in.arrive(request, rotate=True)
        return arrival if isinstance(arrival, Response) else self._pages.go("/whoami")

    async def file(self, request: Request) -> Response:
        """A document is filed, up to the point where a court would take it."""
        if request.method == "POST":
            require_own_form(request)
        arrival = await self._sign_in.arrive(request)
        if not isinstance(arrival, Arrival):
            return arrival or self._sign_in.go_and_sign_in(request)
        menu, entry = _asked_for(arrival.menus, **request.path_params)
        if menu is None or entry is None:
            return self._page("may_not_file.html", arrival, "", status=403)
        values: dict[str, Any] = {
            "menu": menu,
            "entry": entry,
            "case": "",
            "choices": _choices(arrival.person.cases),
            "errors": [],
        }
        if request.method == "GET":
            return self._page("file.html", arrival, "", **values)
        case = (await parameters.form(request, limit=FORM_BYTES)).text("case")[:32]
        if not case or not arrival.person.may_file_in(case):
            text = "Enter a case number." if not case else "You may not file in that case."
            values |= {"case": case, "errors": [{"field": "case", "message": text}]}
            return self._page("file.html", arrival, "", status=400, **values)
        return self._page("filed.html", arrival, "", **values | {"case": case})

    def _docket(self, template: str, arrival: Arrival, here: str, case: Case) -> Response:
        return self._page(template, arrival, here, case=case)

    def _page(
        self, template: str, arrival: Arrival, here: str, *, status: int = 200, **values: Any
    ) -> Response:
        return self._pages.page(
            template,
            status=status,
            person=arrival.person,
            menus=arrival.menus,
            changed=arrival.changed,
            is_program=arrival.session is None,
            here=here,
            cases=CASES[self._site.id],
            today=self._clock(),
            **values,
        )


def _address(site: CourtSite, party: RelyingParty, page: str) -> str:
    """One of the provider's pages for filers at this court, with the way back."""
    asked = {"client_id": party.client_id, "return_to": site.front}
    return f"{site.issuer}/courts/{quote(site.id)}/{page}?{urlencode(asked)}"


def _asked_for(menus: Sequence[Menu], menu: str, entry: str) -> tuple[Menu | None, Entry | None]:
    found = next((one for one in menus if one.id == menu), None)
    return found, found.entry(entry) if found else None


def _choices(cases: Sequence[str] | None) -> list[tuple[str, str]]:
    """What somebody who is limited to cases may choose from."""
    return [("", "Choose a case"), *((case, case) for case in cases)] if cases else []


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
