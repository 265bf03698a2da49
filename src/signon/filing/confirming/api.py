"""`/api/v1/courts/{court}/requests`: what waits for a second member of the staff."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from signon.db import Unit
from signon.filing.confirming.confirming import CONFIRM
from signon.filing.court import requests
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.court.requests import WITHDRAW, Request
from signon.filing.court.requests_shown import CourtRequest, CourtRequests, shown
from signon.filing.registrations.api.of_court import APPROVING, DECIDED
from signon.rest import Answer, Call
from signon.rest.declared import refusals
from signon.rest.parameters import CourtId

RequestId = Annotated[
    str,
    Path(
        description="The request’s id, as the list has it.", examples=["fr6flb775s4ox65xjpqan6szia"]
    ),
]
ONE = f"{AT}/requests/{{id}}"
CONFIRMING = refusals(
    *("own_request", "asker_may_not", "request_over", "changed_since_asked", "send_the_file"),
    *("own_account", "certificate_missing", "more_than_held", "last_administrator"),
    *("not_fit_for_staff", *APPROVING),
)
"""What is against a request itself, and against the act that it asks for."""
operations = court_router()


@operations.get(
    f"{AT}/requests",
    response_model=CourtRequests,
    summary="What waits for a second member of the staff",
)
async def list_court_requests(call: Call, court: CourtId) -> Response:
    """Neither what is decided nor what expired; the oldest first."""
    return await at(call, court).read(_list)


@operations.get(ONE, response_model=CourtRequest, summary="A request of the staff")
async def read_court_request(
    call: Call,
    court: CourtId,
    id: RequestId,  # noqa: A002  # the path's name
) -> Response:
    """It can be read whatever became of it."""
    return await at(call, court).read(_read, id)


@operations.post(
    f"{ONE}/confirm",
    response_model=CourtRequest,
    summary="Confirm a colleague’s request: it is done now",
    responses=DECIDED | CONFIRMING,
)
async def confirm_court_request(
    call: Call,
    court: CourtId,
    id: RequestId,  # noqa: A002  # the path's name
) -> Response:
    """By somebody else who has the power for the act."""
    response = await at(call, court).do(CONFIRM, _answer, id)
    call.rest.courts.forget()  # it may be a policy that is confirmed
    return response


@operations.post(
    f"{ONE}/withdraw",
    response_model=CourtRequest,
    summary="Withdraw a request: nothing comes of it",
    responses=refusals("request_over"),
)
async def withdraw_court_request(
    call: Call,
    court: CourtId,
    id: RequestId,  # noqa: A002  # the path's name
) -> Response:
    """By whoever asked, or could confirm."""
    return await at(call, court).do(WITHDRAW, _answer, id)


def _list(unit: Unit, desk: Desk) -> Answer:
    return Answer(CourtRequests(requests=[shown(one) for one in requests.waiting(unit, desk)]))


def _read(unit: Unit, desk: Desk, request_id: str) -> Answer:
    return Answer(shown(requests.found(unit, desk, request_id)))


def _answer(one: Request) -> Answer:
    return Answer(shown(one))
