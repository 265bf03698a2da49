"""The base of `/api/v1/me…`: every call is somebody's about their own account."""

from signon.db import Unit
from signon.rest.at import At, SomeAct
from signon.tokens.bearer import Caller


class Own(At[Caller]):
    """A call of a signed-in person; a client's own token speaks for nobody."""

    def enter(self, unit: Unit, caller: Caller, act: SomeAct[Caller] | None) -> Caller:
        """The caller. Raises BearerError unless it is a person."""
        caller.person()
        return caller
