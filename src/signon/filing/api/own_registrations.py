"""`/api/v1/me/registrations`: one's own registrations for e-filing, to be looked at."""

from starlette.routing import Route

from signon.db import Unit
from signon.filing.api import shown_registrations as shown
from signon.filing.api.shown_registrations import (
    OwnRegistrations,
    RegistrationDetails,
    RegistrationSummary,
)
from signon.filing.efile import documents, registrations
from signon.tokens.api import Answer, Call, Caller, Operation, Rendered, Rest

SCOPE = ("account",)


class OwnRegistrationsApi:
    """They are made and corrected on the pages, where what is acknowledged stands beside it."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def routes(self) -> list[Route]:
        """The list and one of it."""
        return self._rest.routes(
            [
                Operation(
                    "GET", "/me/registrations", self.list_my_registrations, SCOPE,
                    "Your registrations for e-filing", answer=OwnRegistrations,
                ),
                Operation(
                    "GET", "/me/registrations/{registration}", self.read_my_registration, SCOPE,
                    "One of your registrations, with its history", answer=RegistrationDetails,
                ),
            ]
        )  # fmt: skip

    async def list_my_registrations(self, call: Call) -> Rendered:
        """At every court."""
        return await call.read(_list)

    async def read_my_registration(self, call: Call) -> Rendered:
        """What was answered, and what the court said."""
        return await call.read(_read, call.path_params["registration"])


def _list(unit: Unit, caller: Caller) -> Answer:
    found = registrations.of_account(unit, caller.person().id)
    listed = [RegistrationSummary(**shown.summary(one)) for one in found]
    return Answer(OwnRegistrations(registrations=listed))


def _read(unit: Unit, caller: Caller, registration_id: str) -> Answer:
    there = registrations.own(unit, caller.person().id, registration_id)
    papers, steps = documents.of(unit, there.id), registrations.steps(unit, there.id)
    body = RegistrationDetails(**shown.details(there, papers, steps, for_court=False))
    return Answer(body, etag=shown.etag(there))
