"""The base of the REST scope `court`: every call is somebody's at the desk of one court.

A part declares its operations with `CourtRest.operation`; its rules are given the desk::

    def routes(self) -> list[Route]:
        return self._rest.routes(
            [court_operation("GET", "/filers", self.list_filers, "The court's filers", answer=…)]
        )

    async def list_filers(self, call: Call) -> Rendered:
        return await self._rest.read(call, _filers, call.page)

    def _filers(unit: Unit, desk: Desk, page: Page) -> Answer: …

Callers are the court's service client, its staff with a token of scope `court`, and operators
with `admin`; every other court is answered like one that does not exist.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Concatenate, ParamSpec

from starlette.routing import Route

from signon.db import Unit
from signon.errors import NotFoundError, RefusedError
from signon.filing import desk as desks
from signon.filing import requests
from signon.filing.api.requests_shown import accepted
from signon.filing.desk import Desk, Power
from signon.filing.second_member import SecondMemberError, Wanted
from signon.tokens.api import Answer, Call, Caller, Operation, Rendered, Rest

SCOPES = ("court", "admin")
P = ParamSpec("P")
DeskRule = Callable[Concatenate[Unit, Desk, P], Answer]


def court_operation(method: str, path: str, handler: Any, summary: str, **more: Any) -> Operation:
    """An operation below `/courts/{court}`; `more` are further fields of `Operation`."""
    return Operation(method, f"/courts/{{court}}{path}", handler, SCOPES, summary, **more)


class CourtRest:
    """Runs rules at a court's desk, and keeps what they refuse in the audit trail."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest

    def routes(self, declared: list[Operation]) -> list[Route]:
        """One route for each path."""
        return self.rest.routes(declared)

    async def read(
        self, call: Call, rule: DeskRule[P], /, *args: P.args, **kwargs: P.kwargs
    ) -> Rendered:
        """Run a rule that changes nothing, for whoever may look."""
        court_id = call.path_params["court"]

        def at_desk(unit: Unit, caller: Caller) -> Answer:
            desk = desks.of_caller(unit, caller, court_id)
            desk.require(Power.READ)
            return rule(unit, desk, *args, **kwargs)

        return await call.read(at_desk)

    @staticmethod
    def desk(unit: Unit, call: Call, power: Power) -> Desk:
        """The caller's desk, proved in this unit. Raises as `write` does."""
        desk = desks.of_caller(unit, call.caller(unit), call.path_params["court"])
        desk.require(power)
        return desk

    async def write(
        self, call: Call, power: Power, rule: DeskRule[P], /, *args: P.args, **kwargs: P.kwargs
    ) -> Rendered:
        """Run a rule that needs a power and commit; a refusal is raised after it was noted.

        What a second member of the staff has to confirm becomes a request: 202.
        """
        court_id = call.path_params["court"]
        at: list[Desk] = []

        def at_desk(unit: Unit, caller: Caller) -> Answer:
            desk = desks.of_caller(unit, caller, court_id)
            at[:] = [desk]
            desk.require(power)
            return rule(unit, desk, *args, **kwargs)

        try:
            return await call.write(at_desk)
        except SecondMemberError as first:
            return await self.write(call, power, _ask, first.wanted)
        except NotFoundError:
            raise
        except RefusedError as error:
            note = partial(desks.note_refusal, desk=at[0], error=error, origin=call.origin)
            await self.rest.database.write(note, subject=_subject(call))
            raise


def _ask(unit: Unit, desk: Desk, wanted: Wanted) -> Answer:
    return accepted(desk.court, requests.ask(unit, desk, wanted))


def _subject(call: Call) -> str:
    """What the call was about: the last name in its path that is not the court's."""
    named = [value for name, value in call.path_params.items() if name != "court"]
    return named[-1][:32] if named else ""
