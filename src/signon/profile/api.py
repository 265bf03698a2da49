"""`/api/v1/me`: one's own account for programs, by the rules of the pages."""

from starlette.routing import Route

from signon.db import Unit
from signon.profile import own_data, shown
from signon.profile.shown import Me
from signon.tokens.api import Answer, Call, Caller, Operation, Rendered, Rest

SCOPE = ("account",)


class ProfileApi:
    """The REST scope `account`."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def routes(self) -> list[Route]:
        """Everything below `/api/v1/me`."""
        return self._rest.routes(
            [
                Operation("GET", "/me", self.read_me, SCOPE, "Your own account", answer=Me),
            ]
        )

    async def read_me(self, call: Call) -> Rendered:
        """The account."""
        return await call.read(_me)


def _me(unit: Unit, caller: Caller) -> Answer:
    own = own_data.find(unit, caller.person().id)
    return Answer(shown.me(own, pending_email=None), etag=own.version)
