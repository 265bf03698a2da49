"""`/api/v1/courts/{court}/activity`: what happened at a court, and who did it."""

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from signon.audit import activity
from signon.audit.activity import NEWEST
from signon.db import Unit
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.rest import Answer, Call
from signon.rest.parameters import CourtId, Paged
from signon.rest.values import EventName, When
from signon.web.json_bodies import Shown
from signon.web.paging import Page
from signon.web.parameters import number


class CourtEvent(Shown):
    """An event of the audit trail."""

    seq: int
    """Place of the event in the audit trail; a later one is larger."""
    at: When
    """When it happened."""
    event: EventName
    """What happened, as a stable `source:subject:action`."""
    actor: str
    """Who did it: the `sub` of an account, a client id, `system` or `command_line`."""
    account: str | None
    """The `sub` of the account that it is about; null when it is about none."""
    reason: str | None
    """Stable reason of a refusal; null when nothing was refused."""
    detail: dict[str, Any]
    """What else the trail keeps of it; names depend on the event."""


class CourtActivity(Shown):
    """A page of events, newest first."""

    activity: list[CourtEvent]
    """Events of this page, newest first."""


operations = court_router()


@operations.get(
    f"{AT}/activity",
    response_model=CourtActivity,
    summary="What happened at the court, newest first",
)
async def list_court_activity(
    call: Call, court: CourtId, asked: Annotated[Paged, Query()]
) -> Response:
    """A page of the court's part of the audit trail."""
    return await at(call, court).read(_list, asked.page)


def _list(unit: Unit, desk: Desk, page: Page) -> Answer:
    before = page.after or ""
    rows = activity.of_court(
        unit,
        desk.court.id,
        before=number(before) or NEWEST,
        limit=page.look_ahead,
    )
    found, cursor = page.cut(rows, lambda one: str(one.seq))
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
