"""`/api/v1/courts/{court}/activity`: what happened at a court, and who did it."""

from datetime import datetime
from typing import Any

from starlette.routing import Route

from signon.audit import activity
from signon.audit.activity import NEWEST
from signon.db import Unit
from signon.filing.api.court import CourtRest, court_operation
from signon.filing.desk import Desk
from signon.tokens.api import Answer, Call, Rendered
from signon.web.json_bodies import Shown
from signon.web.parameters import number


class CourtEvent(Shown):
    """An event of the audit trail, as `source:subject:action`; `actor` is a `sub`, a client or
    `system`; `account` the `sub` that it is about.
    """

    seq: int
    at: datetime
    event: str
    actor: str
    account: str | None
    reason: str | None
    detail: dict[str, Any]


class CourtActivity(Shown):
    """A page of events, newest first."""

    activity: list[CourtEvent]


class ActivityApi:
    """The court's part of the audit trail."""

    def __init__(self, rest: CourtRest) -> None:
        self._rest = rest

    def routes(self) -> list[Route]:
        """The list."""
        return self._rest.routes(
            [
                court_operation(
                    "GET", "/activity", self.list_court_activity,
                    "What happened at the court, newest first", answer=CourtActivity,
                    is_paged=True,
                ),
            ]
        )  # fmt: skip

    async def list_court_activity(self, call: Call) -> Rendered:
        """A page of events."""
        return await self._rest.read(call, _list, call)


def _list(unit: Unit, desk: Desk, call: Call) -> Answer:
    before = call.page.after or ""
    rows = activity.of_court(
        unit,
        desk.court.id,
        before=number(before) or NEWEST,
        limit=call.page.look_ahead,
    )
    found, cursor = call.page.cut(rows, lambda one: str(one.seq))
    shown = [
        CourtEvent(
            seq=one.seq,
            at=one.at,
            event=one.event,
            actor=one.actor,
            account=one.account_id,
            reason=one.reason,
            detail=dict(one.detail),
        )
        for one in found
    ]
    return Answer(CourtActivity(activity=shown), next_cursor=cursor)
