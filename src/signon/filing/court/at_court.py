"""The base of the REST scope `court`: every call is somebody's at the desk of one court.

A rule of a part is given the desk::

    @operations.get(f"{AT}/filers", response_model=CourtFilers, summary="The court’s filers")
    async def list_filers(call: Call, court: CourtId) -> Response:
        return await at(call, court).read(_filers)

    def _filers(unit: Unit, desk: Desk) -> Answer: …

Callers are the court's service client, its staff with a token of scope `court`, and operators
with `admin`; every other court is answered like one that does not exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Concatenate, ParamSpec

from fastapi import APIRouter
from starlette.responses import Response

from signon.db import Unit
from signon.errors import NotFoundError, RefusedError
from signon.filing.court import desk as desks
from signon.filing.court import requests
from signon.filing.court.desk import Desk, Power
from signon.filing.court.requests_shown import accepted
from signon.filing.court.second_member import SecondMemberError, Wanted
from signon.rest import Answer, Call, Caller, router

AT = "/courts/{court}"
P = ParamSpec("P")
DeskRule = Callable[Concatenate[Unit, Desk, P], Answer]


def court_router() -> APIRouter:
    """The operations of one part."""
    return router("Courts", "court", "admin")


@dataclass(frozen=True, slots=True)
class AtCourt:
    """Runs rules at a court's desk, and keeps what they refuse in the audit trail."""

    call: Call
    court_id: str

    async def read(self, rule: DeskRule[P], /, *args: P.args, **kwargs: P.kwargs) -> Response:
        """Run a rule that changes nothing, for whoever may look."""

        def at_desk(unit: Unit, caller: Caller) -> Answer:
            desk = desks.of_caller(unit, caller, self.court_id)
            desk.require(Power.READ)
            return rule(unit, desk, *args, **kwargs)

        return await self.call.read(at_desk)

    def desk(self, unit: Unit, power: Power) -> Desk:
        """The caller's desk, proved in this unit. Raises as `write` does."""
        desk = desks.of_caller(unit, self.call.caller(unit), self.court_id)
        desk.require(power)
        return desk

    async def write(
        self, power: Power, rule: DeskRule[P], /, *args: P.args, **kwargs: P.kwargs
    ) -> Response:
        """Run a rule that needs a power and commit; a refusal is raised after it was noted.

        What a second member of the staff has to confirm becomes a request: 202.
        """
        at: list[Desk] = []

        def at_desk(unit: Unit, caller: Caller) -> Answer:
            desk = desks.of_caller(unit, caller, self.court_id)
            at[:] = [desk]
            desk.require(power)
            return rule(unit, desk, *args, **kwargs)

        try:
            return await self.call.write(at_desk)
        except SecondMemberError as first:
            return await self.write(power, _ask, first.wanted)
        except NotFoundError:
            raise
        except RefusedError as error:
            await self.note(at[0], error, _subject(self.call))
            raise

    async def note(self, desk: Desk, error: RefusedError, subject: str) -> None:
        """Keep in the trail what was refused at the desk."""
        note = partial(desks.note_refusal, desk=desk, error=error, source=self.call.source)
        await self.call.rest.database.write(note, subject=subject)


def at(call: Call, court_id: str) -> AtCourt:
    """Where the call's rules run."""
    return AtCourt(call, court_id)


def _ask(unit: Unit, desk: Desk, wanted: Wanted) -> Answer:
    return accepted(desk.court, requests.ask(unit, desk, wanted))


def _subject(call: Call) -> str:
    """What the call was about: the last name in its path that is not the court's."""
    named = [value for name, value in call.path_params.items() if name != "court"]
    return named[-1][:32] if named else ""
