"""Requests of the staff as programs read them."""

from datetime import datetime
from typing import Any

from signon.courts.registry import Court
from signon.filing.court.requests import Request, RequestState
from signon.filing.court.second_member import Kind
from signon.rest import Answer
from signon.web.json_bodies import Shown


class CourtRequest(Shown):
    """What somebody of the staff asks for, all of it in `asked`; people are named by usernames.

    It takes effect when a second member confirms it before `expires_at`.
    """

    id: str
    kind: Kind
    state: RequestState
    asked: dict[str, Any]
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None


class CourtRequests(Shown):
    """Those that wait, the oldest first."""

    requests: list[CourtRequest]


WAITS: dict[int | str, dict[str, Any]] = {
    202: {"model": CourtRequest, "description": "A second member of the staff has to confirm it."}
}
"""What an operation answers that became a request, for its `responses`."""


def shown(one: Request) -> CourtRequest:
    """One of them."""
    return CourtRequest(
        id=one.id,
        kind=one.kind,
        state=one.state,
        asked=dict(one.asked),
        asked_by=one.asker,
        asked_at=one.asked_at,
        expires_at=one.expires_at,
        decided_by=one.decider,
        decided_at=one.decided_at,
    )


def accepted(court: Court, one: Request) -> Answer:
    """What a call is told that became a request: 202, and where that stands."""
    where = f"/api/v1/courts/{court.id}/requests/{one.id}"
    return Answer(shown(one), status=202, location=where)
