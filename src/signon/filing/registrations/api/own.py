"""`/api/v1/me/registrations`: one's own registrations for e-filing, to be looked at."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from signon.db import Unit
from signon.filing.registrations import documents, registrations
from signon.filing.registrations.api import shown
from signon.filing.registrations.api.shown import (
    OwnRegistrations,
    RegistrationDetails,
    RegistrationSummary,
)
from signon.rest import Answer, Call, Caller, router
from signon.rest.own import Own

RegistrationId = Annotated[
    str,
    Path(
        description="The registration’s id, as the list has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
operations = router("Your own account", "account")


@operations.get(
    "/me/registrations",
    response_model=OwnRegistrations,
    summary="Your registrations for e-filing",
)
async def list_my_registrations(call: Call) -> Response:
    """Those at every court. They are made and corrected on the pages, where what is acknowledged
    stands beside it.
    """
    return await Own(call).read(_list)


@operations.get(
    "/me/registrations/{registration}",
    response_model=RegistrationDetails,
    summary="One of your registrations, with its history",
)
async def read_my_registration(call: Call, registration: RegistrationId) -> Response:
    """What was answered, and what the court said."""
    return await Own(call).read(_read, registration)


def _list(unit: Unit, caller: Caller) -> Answer:
    found = registrations.of_account(unit, caller.person().id)
    listed = [RegistrationSummary(**shown.summary(one)) for one in found]
    return Answer(OwnRegistrations(registrations=listed))


def _read(unit: Unit, caller: Caller, registration_id: str) -> Answer:
    there = registrations.own(unit, caller.person().id, registration_id)
    papers, steps = documents.of(unit, there.id), registrations.steps(unit, there.id)
    body = RegistrationDetails(**shown.details(there, papers, steps, for_court=False))
    return Answer(body, etag=registrations.etag(there))
