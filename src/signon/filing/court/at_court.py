"""The base of the REST scope `court`: every call is somebody's at the desk of one court.

Readings and acts are given the desk::

    @operations.post(f"{ONE}/suspend", response_model=CourtFiler, summary="Suspend")
    async def suspend_filer(call: Call, court: CourtId, …, sent: CourtReason) -> Response:
        return await at(call, court).do(SUSPEND, answer, account_number, sent.reason)

Callers are the court's service client, its staff with a token of scope `court`, and operators
with `admin`; every other court is answered like one that does not exist.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ParamSpec

from fastapi import APIRouter
from starlette.responses import Response

from signon.courts.registry import Court, one_of, read_one
from signon.db import Unit
from signon.errors import NotFoundError, RefusedError
from signon.filing.court import desk as desks
from signon.filing.court import requests
from signon.filing.court.desk import Desk
from signon.filing.court.requests_shown import accepted
from signon.filing.court.second_member import NEEDS, SecondMemberError
from signon.rest import Call, Caller, router
from signon.rest.at import At, Reading, SomeAct
from signon.rest.declared import refusals

P = ParamSpec("P")
AT = "/courts/{court}"


REFUSED = refusals("not_permitted", status=403) | refusals("frozen")
"""What a desk refuses, whatever is asked of it."""


def court_router() -> APIRouter:
    """The operations of one part."""
    return router("Courts", "court", "admin", refused=REFUSED)


class AtCourt(At[Desk]):
    """A call at a court's desk. What is refused there stays in the audit trail."""

    def __init__(self, call: Call, court_id: str) -> None:
        super().__init__(call)
        self._court_id = court_id
        self._known: Mapping[str, Court] | None = None

    async def read(self, rule: Reading[Desk, P], /, *args: P.args, **kwargs: P.kwargs) -> Response:
        """With the court as this process knows it: whoever only looks has it read by nobody."""
        self._known = await self.call.rest.courts.all()
        return await super().read(rule, *args, **kwargs)

    def enter(self, unit: Unit, caller: Caller, act: SomeAct[Desk] | None) -> Desk:
        """The caller's desk."""
        settings, known = self.call.rest.settings, self._known
        court = one_of(known, self._court_id) if known else read_one(unit, self._court_id)
        return desks.of_caller(unit, caller, court, settings, self.call.source)

    def permit(self, who: Desk, act: SomeAct[Desk] | None) -> None:
        """By the table of powers."""
        who.require(desks.power_of(act))

    async def instead(self, error: Exception, who: Desk | None) -> Response:
        """What a second member of the staff has to confirm becomes a request: 202."""
        if isinstance(error, SecondMemberError):
            ask = replace(requests.ASK, needs=NEEDS[error.wanted.kind])
            return await self.do(ask, accepted, error.wanted)
        if who and isinstance(error, RefusedError) and not isinstance(error, NotFoundError):
            await self.note(who, error, _subject(self.call))
        raise error

    async def note(self, desk: Desk, error: RefusedError, subject: str) -> None:
        """Keep in the trail what was refused at the desk."""
        await self.call.rest.database.write(desks.note_refusal, desk, error, subject)


def at(call: Call, court_id: str) -> AtCourt:
    """Where the call's rules run."""
    return AtCourt(call, court_id)


def _subject(call: Call) -> str:
    """What the call was about: the last name in its path that is not the court's."""
    named = [value for name, value in call.path_params.items() if name != "court"]
    return named[-1][:32] if named else ""
