"""`/courts/{court}/ready`: what stands between somebody and filing there, or what anybody needs."""

from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.readiness import readiness
from signon.filing.readiness.readiness import Readiness
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.parameters import Parameters


class ReadyPages:
    """The checklist: one's own when signed in, else in general."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._database = wiring.database
        self._clients = wiring.clients
        self._courts = wiring.courts

    def routes(self) -> list[Route]:
        """The list, and the way to the sign-in and back."""
        at = "/courts/{court}/ready"
        return [
            Route(at, self.show, methods=["GET"]),
            Route(f"{at}/sign-in", self.sign_in, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """GET: the list."""
        visit = self._site.visit(request)
        court = await self._courts.get(request.path_params["court"])
        asked = parameters.query(request)
        session, own = await self._database.read(
            _look, self._site.settings, visit.session_token, court
        )
        back = await self._way_back(asked)
        now = self._database.clock()
        return self._site.page(
            visit,
            "ready.html",
            account=session and session.account,
            court=court,
            policy=court.policy,
            own=own,
            lines=own.lines if own else readiness.in_general(court, now),
            keeping="?" + urlencode(_kept(asked)) if back else "",
            return_url=back or court.cmecf_url,
        )

    async def sign_in(self, request: Request) -> Response:
        """GET `…/sign-in`: sign in, then come back to one's own list."""
        court = await self._courts.get(request.path_params["court"])
        asked = parameters.query(request)
        kept = "?" + urlencode(_kept(asked)) if await self._way_back(asked) else ""
        journey = await self._database.write(
            store.start,
            JourneyKind.PAGE,
            lasts=timedelta(seconds=self._site.settings.journey_seconds),
            request={"path": f"/courts/{court.id}/ready{kept}", "fresh": False},
        )
        return self._site.go(f"/login?journey={journey.id}")

    async def _way_back(self, asked: Parameters) -> str | None:
        """Where the client may take people back to, if it named such an address."""
        client = await self._clients.find(asked.get("client_id"))
        wanted = asked.get("return_to")
        return wanted if client and wanted in client.may_return_to else None


def _look(
    unit: Unit, settings: Settings, token: str | None, court: Court
) -> tuple[Session | None, Readiness | None]:
    session = sessions.current(unit, token, settings)
    if session is None:
        return None, None
    return session, readiness.of(unit, settings, session.account.id, court)


def _kept(asked: Parameters) -> dict[str, str]:
    return {name: asked.get(name) or "" for name in ("client_id", "return_to")}
