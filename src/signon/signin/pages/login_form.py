"""The sign-in form: what was typed, and what the page around it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from signon.accounts import client_codes
from signon.accounts.directory import username_key
from signon.courts.registry import Court
from signon.errors import InputError
from signon.journeys.store import Journey, JourneyKind
from signon.signin.arrivals import Arrival, Asked
from signon.web import dates
from signon.web.headers import form_target
from signon.web.parameters import Parameters
from signon.web.site import FieldError
from signon.words.sentences import _, together

CONFIRM_REASONS = {
    JourneyKind.LINK: _("You signed in a while ago. Linking asks for your password again."),
    JourneyKind.PAGE: _("You signed in a while ago. Your account asks for your password again."),
    JourneyKind.AUTHORIZE: _("You are asked to confirm that it is still you."),
}
FIRST_REASONS = {
    "/upgrade": _("Sign in with your old account. Then you upgrade it, in a few steps."),
}
"""Why a page of ours that strangers are led to asks for a sign-in."""
LONGEST_HINT = 64


@dataclass(frozen=True, slots=True)
class Form:
    """What the sign-in page's form holds; the password goes nowhere but to the gate."""

    username: str = ""
    password: str = ""
    client_code: str = ""
    journey: str | None = None

    @classmethod
    def of(cls, fields: Parameters) -> Self:
        """Read it. A password's own white space counts."""
        return cls(
            fields.text("username"),
            fields.get("password") or "",
            fields.text("client_code"),
            fields.get("journey"),
        )

    def problems(self) -> list[FieldError]:
        """What cannot be used as it is; nothing is counted for it."""
        found = []
        if not self.username:
            found.append(FieldError("username", _("Enter your username.")))
        if not self.password:
            found.append(FieldError("password", _("Enter your password.")))
        try:
            client_codes.checked(self.client_code)
        except InputError as error:
            found.append(FieldError("client_code", error.sentence))
        return found


def prefilled(arrival: Arrival, *, switch: bool) -> Form:
    """The form as it is first shown; `switch`: somebody else wants to sign in."""
    if switch:
        return Form()
    if arrival.asked is Asked.CONFIRM and arrival.session:
        return Form(arrival.session.account.username)
    hint = arrival.journey.request.get("login_hint") if arrival.journey else None
    return Form(str(hint or "")[:LONGEST_HINT])


def path(journey_id: str | None) -> str:
    """The sign-in page of a journey."""
    return "/login?" + urlencode({"journey": journey_id}) if journey_id else "/login"


def leads_to(journey: Journey | None, court: Court | None) -> str | None:
    """The verified address outside that a form of the page may end at."""
    if journey is None:
        return None
    return journey.return_to or (court.cmecf_url if court else None)


def cancelled(journey: Journey, court: Court | None) -> str:
    """Where Cancel goes: an authorization request is answered by the protocol's own endpoint."""
    if journey.kind is JourneyKind.AUTHORIZE:
        return "/oauth2/cancel?" + urlencode({"journey": journey.id})
    return leads_to(journey, court) or "/"


def around(arrival: Arrival, form: Form, court: Court | None, *, is_live: bool) -> dict[str, Any]:
    """What the page shows around what was typed; the password is not among it."""
    journey = arrival.journey
    confirms = _confirms(arrival, form.username)
    outside = leads_to(journey, court)
    return {
        "account": arrival.session.account if arrival.session else None,
        "notices": [] if court is None or is_live else [_not_live(court)],
        "reason": _reason(journey, confirms=confirms) if journey else None,
        "username": form.username,
        "username_fixed": confirms,
        "client_code": form.client_code,
        "switch_url": f"{path(journey.id)}&switch=1" if journey and confirms else None,
        "journey": journey.id if journey else None,
        "form_targets": targets(outside),
    }


def targets(address: str | None) -> Sequence[str]:
    """The same address as the page's policy names it."""
    return [form_target(address)] if address else []


def _reason(journey: Journey, *, confirms: bool) -> str | None:
    if confirms:
        return CONFIRM_REASONS.get(journey.kind)
    return FIRST_REASONS.get(str(journey.request.get("path")).partition("?")[0])


def _confirms(arrival: Arrival, username: str) -> bool:
    """Whether the page is for one person only, who has signed in before."""
    if arrival.asked is not Asked.CONFIRM or arrival.session is None:
        return False
    return username_key(username) == username_key(arrival.session.account.username)


def _not_live(court: Court) -> dict[str, Any]:
    """Signing in works at every court, for reading; this one's filers file elsewhere."""
    day = court.go_live_local
    until = _("It goes live here on {day}.", day=dates.day_in_words(day)) if day else ""
    text = _("You can sign in to search and read. To file, use the court’s own login.")
    return {
        "kind": "info",
        "heading": _("You cannot file with this sign-in yet"),
        "text": together(text, until),
        "link": {"label": _("File at the court’s own site"), "href": court.cmecf_url},
    }
