"""`/courts/{court}`: a court's public page, the way in for whoever is to file there."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts import public_list
from signon.courts.pages import FRESH_SECONDS
from signon.courts.registry import Court
from signon.filing.court.court_policy import (
    asked_by,
    epoc_url,
    may_prepare,
    needs_training,
    offered_types,
)
from signon.filing.registration_types import REGISTRATION_TYPES, RegistrationType
from signon.filing.roles import labels
from signon.signin.wiring import Wiring


class CourtPages:
    """What anybody may know of a court; nobody has to sign in for it."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._clock = wiring.database.clock
        self._courts = wiring.courts

    def routes(self) -> list[Route]:
        """Where it is."""
        return [Route("/courts/{court}", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """GET: live since or on, three steps, who may register, whom to call."""
        court = await self._courts.get(request.path_params["court"])
        response = self._site.page(
            self._site.visit(request),
            "court_public.html",
            court=court,
            policy=court.policy,
            place=public_list.place(court),
            standing=court.status(self._clock()),
            kinds=[_told(court, kind) for kind in offered_types(court)],
            epoc_url=epoc_url(court),
            prepares=may_prepare(court, self._clock()),
        )
        response.headers["cache-control"] = f"private, max-age={FRESH_SECONDS}"
        return response


def _told(court: Court, kind: RegistrationType) -> dict[str, Any]:
    row = REGISTRATION_TYPES[kind]
    roles = asked_by(court, row.form)
    return {
        "label": row.label,
        "description": row.description,
        "roles": labels(roles),
        "trained": labels([role for role in roles if needs_training(court, role)]),
    }
