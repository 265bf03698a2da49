"""Starting a journey and coming back to it.

A journey's id travels in the URL and in the form, never in a cookie, so that several tabs,
the back button and an expired page each find their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Insert, Select, insert, select

from signon import ids
from signon.db import Unit
from signon.journeys.models import journeys
from signon.prepared import change, one
from signon.words import language


class JourneyKind(StrEnum):
    """Where a journey leads, and so where a page sends people back to."""

    AUTHORIZE = "authorize"
    LINK = "link"
    LOGOUT = "logout"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Journey:
    """What someone was on the way to.

    `request` holds an authorization request's parameters; of a page of ours its `path`, and
    whether the sign-in must be `fresh`. `return_to` is a verified address at the client.
    """

    id: str
    kind: JourneyKind
    client_id: str | None
    court_id: str | None
    request: Mapping[str, Any]
    return_to: str | None
    created_at: datetime

    @property
    def resume_path(self) -> str:
        """The path at our own site that goes on with it."""
        if self.kind is JourneyKind.LINK:
            return f"/courts/{self.court_id}/link?journey={self.id}"
        if self.kind is JourneyKind.LOGOUT:
            return f"/logout?journey={self.id}"
        if self.kind is JourneyKind.PAGE:
            return str(self.request["path"])
        return f"/oauth2/authorize?journey={self.id}"


def start(
    unit: Unit,
    kind: JourneyKind,
    *,
    lasts: timedelta,
    client_id: str | None = None,
    court_id: str | None = None,
    request: Mapping[str, Any] | None = None,
    return_to: str | None = None,
) -> Journey:
    """Write down where someone was going; `lasts` bounds how long they may take."""
    made = Journey(
        ids.new_id(), kind, client_id, court_id, dict(request or {}), return_to, unit.now
    )
    _start(
        unit,
        made.id,
        kind,
        client_id=client_id,
        court_id=court_id,
        request=made.request,
        return_to=return_to,
        now=unit.now,
        until=unit.now + lasts,
    )
    return made


def find(unit: Unit, journey_id: str | None) -> Journey | None:
    """The journey, or None when there is none of that id or it took too long."""
    return _find(unit, journey_id, unit.now) if journey_id else None


def _journey(
    journey_id: str,
    kind: str,
    client_id: str | None,
    court_id: str | None,
    request: Mapping[str, Any],
    return_to: str | None,
    created_at: datetime,
) -> Journey:
    known = JourneyKind(kind)
    language.wish(request.get("ui_locales"))
    return Journey(journey_id, known, client_id, court_id, request, return_to, created_at)


@one(_journey)
def _find(
    journey_id: str, now: datetime
) -> Select[str, str, str | None, str | None, dict[str, Any], str | None, datetime]:
    return select(
        journeys.c.id,
        journeys.c.kind,
        journeys.c.client_id,
        journeys.c.court_id,
        journeys.c.request,
        journeys.c.return_to,
        journeys.c.created_at,
    ).where(journeys.c.id == journey_id, journeys.c.expires_at > now)


@change
def _start(
    journey_id: str,
    kind: str,
    *,
    client_id: str | None,
    court_id: str | None,
    request: Mapping[str, Any],
    return_to: str | None,
    now: datetime,
    until: datetime,
) -> Insert:
    return insert(journeys).values(
        id=journey_id,
        kind=kind,
        client_id=client_id,
        court_id=court_id,
        request=request,
        return_to=return_to,
        created_at=now,
        expires_at=until,
    )
