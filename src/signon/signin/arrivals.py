"""Who comes to the sign-in page, and what the page has to ask."""

from dataclasses import dataclass
from enum import StrEnum

from signon.accounts.directory import Account, username_key
from signon.config import Settings
from signon.db import Unit
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin import session as sessions
from signon.signin.session import Session


class Asked(StrEnum):
    """What the sign-in page asks of whoever comes to it."""

    SIGN_IN = "sign_in"
    CONFIRM = "confirm"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came to the sign-in page, and on the way to what.

    `is_lost`: a journey was named, but there is none of that id, or none any more.
    """

    session: Session | None
    journey: Journey | None
    is_lost: bool
    asked: Asked


def arrive(
    unit: Unit, settings: Settings, *, session_token: str | None, journey_id: str | None
) -> Arrival:
    """Look who is there and what the page has to ask."""
    session = sessions.current(unit, session_token, settings)
    journey = store.find(unit, journey_id)
    is_lost = journey_id is not None and journey is None
    return Arrival(session, journey, is_lost, _asked(unit, settings, session, journey))


def _asked(
    unit: Unit, settings: Settings, session: Session | None, journey: Journey | None
) -> Asked:
    """Whatever sent a signed-in person here must find its wish fulfilled, or go round for ever."""
    if session is None:
        return Asked.SIGN_IN
    if journey is None or journey.kind is JourneyKind.LOGOUT:
        return Asked.NOTHING
    if journey.kind in {JourneyKind.LINK, JourneyKind.PAGE}:
        wants_fresh = journey.kind is JourneyKind.LINK or journey.request["fresh"]
        is_stale = wants_fresh and not session.is_fresh(unit.now, settings)
        return Asked.CONFIRM if is_stale else Asked.NOTHING
    if session.auth_time >= journey.created_at:
        return Asked.NOTHING
    request = journey.request
    if _names_another(str(request.get("login_hint") or ""), session.account):
        return Asked.SIGN_IN
    prompts = str(request.get("prompt") or "").split()
    wants_proof = "login" in prompts or request.get("max_age") is not None
    # without such a wish it is another person who is wanted
    return Asked.CONFIRM if wants_proof and "select_account" not in prompts else Asked.SIGN_IN


def _names_another(hint: str, account: Account) -> bool:
    own = {username_key(account.username), username_key(account.email)}
    return bool(hint) and username_key(hint) not in own
