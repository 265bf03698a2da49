"""Where somebody was going when registration came first, and how they get there afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from signon.clients.registry import Client
from signon.courts.registry import Court
from signon.db import Unit
from signon.journeys import store
from signon.journeys.store import JourneyKind, elsewhere


@dataclass(frozen=True, slots=True)
class Way:
    """What is kept of it: a journey may be over before the mail has been read.

    `return_to` is an address that the client has registered.
    """

    journey_id: str | None = None
    journey_kind: str | None = None
    client_id: str | None = None
    court_id: str | None = None
    return_to: str | None = None


NOWHERE = Way()
SIGN_IN = "/login"


def from_journey(unit: Unit, handle: str | None) -> Way:
    """The way of somebody who came from the sign-in page of a journey."""
    journey = store.find(unit, handle)
    if journey is None:
        return NOWHERE
    return Way(
        journey.id, journey.kind.value, journey.client_id, journey.court_id, journey.return_to
    )


def from_client(unit: Unit, client: Client | None, return_to: str | None, lasts: timedelta) -> Way:
    """The way of somebody whom a court sent, back there; an address that it may not name is left
    out.
    """
    if client is None:
        return NOWHERE
    known = return_to if return_to in client.may_return_to else None
    front = f"/courts/{client.court_id}/enter" if client.court_id and not known else None
    back = store.start(
        unit,
        JourneyKind.BACK,
        lasts=lasts,
        client_id=client.id,
        court_id=client.court_id,
        request={"path": front},
        return_to=known,
    )
    return Way(back.id, back.kind.value, client.id, client.court_id, known)


def sign_in_address(unit: Unit, way: Way, *, same_browser: bool) -> str:
    """Where signing in goes on: with the journey, and when that is over, back to the court.

    A court recognises its own browser only, so its request is not taken up in another one.
    """
    journey = store.find(unit, way.journey_id)
    if journey is None:
        return SIGN_IN
    stays = same_browser or journey.kind is not JourneyKind.AUTHORIZE
    return f"{SIGN_IN}?{urlencode({'journey': journey.id if stays else elsewhere(journey.id)})}"


def court_address(way: Way, courts: Mapping[str, Court]) -> str | None:
    """Where the court takes them up again: its linking, its own address, or None."""
    court = courts.get(way.court_id or "")
    if way.journey_kind == JourneyKind.LINK and court:
        named = {"client_id": way.client_id, "return_to": way.return_to}
        given = {name: value for name, value in named.items() if value}
        return f"/courts/{court.id}/link" + (f"?{urlencode(given)}" if given else "")
    if way.journey_kind == JourneyKind.BACK and way.return_to:
        return way.return_to
    return court.cmecf_url if court else None
