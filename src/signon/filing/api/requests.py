"""`/api/v1/courts/{court}/requests`: what waits for a second member of the staff."""

from starlette.routing import Route

from signon.db import Unit
from signon.filing import confirming, requests
from signon.filing.api.court import CourtRest, court_operation
from signon.filing.api.requests_shown import CourtRequest, CourtRequests, shown
from signon.filing.confirming import Means
from signon.filing.desk import Desk, Power
from signon.tokens.api import Answer, Call, Rendered


class RequestsApi:
    """Requests by the rules of the console."""

    def __init__(self, rest: CourtRest) -> None:
        self._rest = rest
        self._settings = rest.rest.settings

    def routes(self) -> list[Route]:
        """The list, one, confirming and withdrawing."""
        one = "/requests/{id}"
        return self._rest.routes(
            [
                court_operation(
                    "GET", "/requests", self.list_court_requests,
                    "What waits for a second member of the staff", answer=CourtRequests,
                ),
                court_operation(
                    "GET", one, self.read_court_request, "A request of the staff",
                    answer=CourtRequest,
                ),
                court_operation(
                    "POST", f"{one}/confirm", self.confirm_court_request,
                    "Confirm a colleague’s request: it is done now", answer=CourtRequest,
                ),
                court_operation(
                    "POST", f"{one}/withdraw", self.withdraw_court_request,
                    "Withdraw a request: nothing comes of it", answer=CourtRequest,
                ),
            ]
        )  # fmt: skip

    async def list_court_requests(self, call: Call) -> Rendered:
        """Neither what is decided nor what expired."""
        return await self._rest.read(call, _list)

    async def read_court_request(self, call: Call) -> Rendered:
        """Whatever became of it."""
        return await self._rest.read(call, _read, call.path_params["id"])

    async def confirm_court_request(self, call: Call) -> Rendered:
        """By somebody else who has the power for the act."""
        means = Means(self._settings, call.origin)
        # which power it takes, the request says
        return await self._rest.write(call, Power.READ, _confirm, means, call.path_params["id"])

    async def withdraw_court_request(self, call: Call) -> Rendered:
        """By whoever asked, or could confirm."""
        return await self._rest.write(call, Power.READ, _withdraw, call.path_params["id"])


def _list(unit: Unit, desk: Desk) -> Answer:
    return Answer(CourtRequests(requests=[shown(one) for one in requests.waiting(unit, desk)]))


def _read(unit: Unit, desk: Desk, request_id: str) -> Answer:
    return Answer(shown(requests.found(unit, desk, request_id)))


def _confirm(unit: Unit, desk: Desk, means: Means, request_id: str) -> Answer:
    return Answer(shown(confirming.confirm(unit, desk, means, request_id)))


def _withdraw(unit: Unit, desk: Desk, request_id: str) -> Answer:
    return Answer(shown(requests.withdraw(unit, desk, request_id)))
