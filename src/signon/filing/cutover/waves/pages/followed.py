"""`/courts/{court}/begin/…` and `/courts/{court}/reminders/…`: where a reminder's links lead.

The token in them says which address was reminded. It signs nobody in and proves nothing; before
the sign-in nothing is shown of it, and afterwards the login's name stands in the form.
"""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.cutover.waves import kept, refusing
from signon.filing.linking.link_steps import LOGIN
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin import session as sessions
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import Visit


class FollowedPages:
    """For whoever was reminded; nobody has to sign in to end it."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._database = wiring.database
        self._courts = wiring.courts

    def routes(self) -> list[Route]:
        """The way in with its two roads, and the way out."""
        begin, out = "/courts/{court}/begin/{token}", "/courts/{court}/reminders/{token}"
        return [
            Route(begin, self.show, methods=["GET"]),
            Route(f"{begin}/sign-in", self.sign_in, methods=["GET"]),
            Route(f"{begin}/register", self.register, methods=["GET"]),
            Route(out, self.ask, methods=["GET"]),
            Route(out, self.end, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """GET: what to do; whoever is signed in goes on to what they lack."""
        visit, court, token = await self._asked(request)
        if await self._database.read(self._is_signed_in, visit):
            return await self.sign_in(request)
        return self._site.page(
            visit,
            "reminded.html",
            court=court,
            policy=court.policy,
            is_live=court.is_live(self._database.clock()),
            here=f"/courts/{court.id}/begin/{token}",
        )

    async def sign_in(self, request: Request) -> Response:
        """GET `…/sign-in`: to linking, which says first what has to come before it."""
        _visit, court, token = await self._asked(request)
        return self._site.go((await self._set_out(court, token)).resume_path)

    async def register(self, request: Request) -> Response:
        """GET `…/register`: to an account of one's own, and from there to linking."""
        _visit, court, token = await self._asked(request)
        journey = await self._set_out(court, token)
        return self._site.go(f"/register?journey={journey.id}")

    async def ask(self, request: Request) -> Response:
        """GET: what ends, with the button; a program that only looks changes nothing."""
        visit, court, token = await self._asked(request)
        await self._database.read(refusing.require, court.id, token)
        return self._page(visit, court, token, done=False)

    async def end(self, request: Request) -> Response:
        """POST, of the page's button or a mail program's (RFC 8058): no cookie is needed."""
        visit, court, token = await self._asked(request)
        await parameters.read_body(request, limit=self._site.settings.body_limit_bytes)
        await self._database.write(refusing.end, court.id, token, visit.source)
        return self._page(visit, court, token, done=True)

    def _page(self, visit: Visit, court: Court, token: str, *, done: bool) -> Response:
        here = f"/courts/{court.id}/reminders/{token}"
        return self._site.page(visit, "reminders_end.html", court=court, here=here, done=done)

    async def _asked(self, request: Request) -> tuple[Visit, Court, str]:
        court = await self._courts.get(request.path_params["court"])
        return self._site.visit(request), court, request.path_params["token"]

    async def _set_out(self, court: Court, token: str) -> Journey:
        lasts = timedelta(seconds=self._site.settings.journey_seconds)
        return await self._database.write(_start, court.id, token, lasts)

    def _is_signed_in(self, unit: Unit, visit: Visit) -> bool:
        return sessions.current(unit, visit.session_token, self._site.settings) is not None


def _start(unit: Unit, court_id: str, token: str, lasts: timedelta) -> Journey:
    """With the name of the login, where the address has one only."""
    found = refusing.followed(unit, court_id, token)
    logins = kept.logins_at(unit, court_id, found.address) if found else []
    request = {LOGIN: logins[0]} if len(logins) == 1 else None
    return store.start(unit, JourneyKind.LINK, lasts=lasts, court_id=court_id, request=request)
