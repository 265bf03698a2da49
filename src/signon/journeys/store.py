"""Starting a journey and coming back to it.

A journey's id travels in the URL and in the form, never in a cookie, so that several tabs,
the back button and an expired page each find their own. One that took too long cannot go on with
what was asked for, but it still leads back to whoever sent the person, who asks anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode, urlsplit

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
    BACK = "back"
    """To whoever sent the person: what they had asked for is not taken up again."""


_ELSEWHERE = "-back"
"""What a handle ends with that was carried into another browser."""


@dataclass(frozen=True, slots=True)
class Journey:
    """What someone was on the way to.

    `request` holds an authorization request's parameters; of a page of ours its `path`, and
    whether the sign-in must be `fresh`; on the way back a `path`, if it leads through one of ours.
    `return_to` is a verified address at the client.
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
        """The path at our own site that goes on with it; on the way back perhaps the client's."""
        if self.kind is JourneyKind.LINK:
            return f"/courts/{self.court_id}/link?journey={self.id}"
        if self.kind is JourneyKind.LOGOUT:
            return f"/logout?journey={self.id}"
        if self.kind is JourneyKind.PAGE:
            return str(self.request["path"])
        if self.kind is JourneyKind.BACK:
            return str(self.request.get("path") or self.return_to or "/")
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


def find(unit: Unit, handle: str | None) -> Journey | None:
    """The journey, or None when there is none, or none any more.

    One that took too long leads back, and so does one that is named by `elsewhere`.
    """
    if not handle:
        return None
    found = _find(unit, handle.removesuffix(_ELSEWHERE))
    if found is None:
        return None
    journey, expires_at = found
    is_over = expires_at <= unit.now or handle.endswith(_ELSEWHERE)
    return _back(replace(journey, id=handle)) if is_over else journey


def elsewhere(handle: str) -> str:
    """The journey's handle for another browser than its own: a court recognises only that one,
    so there it leads back to the court.
    """
    return handle.removesuffix(_ELSEWHERE) + _ELSEWHERE


def _back(over: Journey) -> Journey | None:
    """The way back; nobody is led anywhere by having wanted to sign out."""
    match over.kind:
        case JourneyKind.LOGOUT:
            return None
        case JourneyKind.PAGE:
            # what was typed is not kept that long
            return replace(over, request={name: over.request[name] for name in ("path", "fresh")})
        case JourneyKind.BACK:
            return over
        case JourneyKind.LINK:
            named = {"client_id": over.client_id, "return_to": over.return_to}
            given = urlencode({name: value for name, value in named.items() if value})
            path = f"/courts/{over.court_id}/link" + (f"?{given}" if given else "")
        case _:
            path = f"/courts/{over.court_id}/enter" if over.court_id else ""
    start = None if path else _start_of(over.return_to)
    return replace(over, kind=JourneyKind.BACK, request={"path": path}, return_to=start)


def _start_of(address: str | None) -> str | None:
    """The front page of a verified address, where that is one that a browser opens."""
    parts = urlsplit(address or "")
    is_page = parts.scheme in {"http", "https"}
    return f"{parts.scheme}://{parts.netloc}/" if is_page else None


def _journey(
    journey_id: str,
    kind: str,
    client_id: str | None,
    court_id: str | None,
    request: Mapping[str, Any],
    return_to: str | None,
    created_at: datetime,
    expires_at: datetime,
) -> tuple[Journey, datetime]:
    known = JourneyKind(kind)
    language.wish(request.get("ui_locales"))
    journey = Journey(journey_id, known, client_id, court_id, request, return_to, created_at)
    return journey, expires_at


@one(_journey)
def _find(
    journey_id: str,
) -> Select[str, str, str | None, str | None, dict[str, Any], str | None, datetime, datetime]:
    return select(
        journeys.c.id,
        journeys.c.kind,
        journeys.c.client_id,
        journeys.c.court_id,
        journeys.c.request,
        journeys.c.return_to,
        journeys.c.created_at,
        journeys.c.expires_at,
    ).where(journeys.c.id == journey_id)


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
