"""Requests of the staff as programs read them."""

from typing import Any

from signon.filing.court.requests import Request, RequestState
from signon.filing.court.second_member import Kind
from signon.rest import Answer
from signon.rest.declared import Responses, refusals
from signon.rest.values import Id, When
from signon.web.json_bodies import Shown


class CourtRequest(Shown):
    """What somebody of the staff asks for: done once a second member confirms it in time."""

    id: Id
    """The request’s id, for confirming or withdrawing it."""
    kind: Kind
    """Which of the acts it is that wait for a second member."""
    state: RequestState
    """What became of it; only one that is `waiting` can be confirmed."""
    asked: dict[str, Any]
    """All that it takes to do it, and how things stood; people are named by usernames."""
    asked_by: str
    """Who asks: a username, or the id of the court’s own program."""
    asked_at: When
    """When it was asked for."""
    expires_at: When
    """Until when it can be confirmed."""
    decided_by: str | None
    """Who confirmed or withdrew it; null when nobody has."""
    decided_at: When | None
    """When it was confirmed or withdrawn; null when it was not."""


class CourtRequests(Shown):
    """Those that wait, the oldest first."""

    requests: list[CourtRequest]
    """Those that wait, the oldest first."""


def waits(*reasons: str) -> Responses:
    """What an operation answers that may become a request, for its `responses`."""
    told = "A second member of the staff has to confirm it."
    waiting: Responses = {202: {"model": CourtRequest, "description": told}}
    return waiting | refusals(*reasons, "too_many_requests")


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


def accepted(one: Request) -> Answer:
    """What a call is told that became a request: 202, and where that stands."""
    where = f"/api/v1/courts/{one.court_id}/requests/{one.id}"
    return Answer(shown(one), status=202, location=where)
