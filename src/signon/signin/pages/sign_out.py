"""The page `/logout`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.journeys.store import Journey, JourneyKind
from signon.signin import arrivals
from signon.signin import session as sessions
from signon.signin.arrivals import Arrival
from signon.signin.pages.login_form import targets
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import Visit


class SignOutPages:
    """Asks before signing out, also on behalf of a court that sent the person here."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._database = wiring.database
        self._clients = wiring.clients

    def routes(self) -> list[Route]:
        """`/logout` and its two forms."""
        return [
            Route("/logout", self.ask, methods=["GET"]),
            Route("/logout", self.sign_out, methods=["POST"]),
            Route("/logout/cancel", self.stay, methods=["GET", "POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """GET `/logout`: ask; or say that nobody is signed in (any more)."""
        visit = self._site.visit(request)
        arrival = await self._arrive(visit, parameters.query(request).get("journey"))
        if arrival.session is None:
            return self._site.page(visit, "signed_out.html")
        journey = _sign_out_journey(arrival)
        return self._site.page(
            visit,
            "logout.html",
            account=arrival.session.account,
            client=await self._clients.find(journey.client_id) if journey else None,
            journey=journey.id if journey else None,
            form_targets=targets(journey.return_to if journey else None),
        )

    async def sign_out(self, request: Request) -> Response:
        """POST `/logout`: end the session. A GET follows, so that reloading sends nothing again."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        arrival = await self._arrive(visit, fields.get("journey"))
        await self._database.write(
            sessions.sign_out,
            self._site.settings,
            session_token=visit.session_token,
            source=visit.source,
        )
        journey = _sign_out_journey(arrival)
        response = self._site.go((journey and journey.return_to) or "/logout")
        self._site.session_cookie.drop(response)
        return response

    async def stay(self, request: Request) -> Response:
        """`/logout/cancel`: nothing changes."""
        return self._site.go("/")

    async def _arrive(self, visit: Visit, journey_id: str | None) -> Arrival:
        return await self._database.read(
            arrivals.arrive,
            self._site.settings,
            session_token=visit.session_token,
            journey_id=journey_id,
        )


def _sign_out_journey(arrival: Arrival) -> Journey | None:
    journey = arrival.journey
    return journey if journey and journey.kind is JourneyKind.LOGOUT else None
