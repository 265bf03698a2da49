"""One authorization request from its checks to its answer, in one unit of work.

Whoever is signed in and needs no page costs a statement that reads and one that issues the code.
"""

from dataclasses import dataclass
from datetime import timedelta

from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.oidc import interaction, issuing, requested_claims
from signon.oidc.authorization_request import AuthorizationRequest
from signon.oidc.errors import UNMET_AUTHENTICATION, AuthorizationError
from signon.oidc.interaction import AskConsent, Explain, Issue, Meet
from signon.signin import session as sessions
from signon.signin.demands import Demands, Place
from signon.signin.demands import address as demand_address
from signon.signin.session import AAL1, Session
from signon.tokens import consents
from signon.tokens.consents import Consent
from signon.web.visitor import Source


@dataclass(frozen=True, slots=True)
class GoTo:
    """Send the browser to a page of ours."""

    path: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Tell the client this code."""

    code: str


@dataclass(frozen=True, slots=True)
class ExplainRefusal:
    """Show why this account cannot be used here; going on ends in `access_denied`."""

    session: Session
    journey: Journey


def authorize(
    unit: Unit,
    request: AuthorizationRequest,
    *,
    settings: Settings,
    demands: Demands,
    session_token: str | None,
    journey: Journey | None,
) -> Grant | GoTo | ExplainRefusal:
    """A code, or the page that has to come first; the request is then kept as a journey.

    A unit that spends is enough for the code alone; what becomes of it when the session ends in
    the same moment is seen when it is redeemed. Raises AuthorizationError, which the client is
    told.
    """
    place = _place(request)
    session, demand = demands.current_and_first(unit, session_token, settings, place)
    step = interaction.next_step(
        request,
        session,
        demand=demand,
        consent=_consent(unit, request, session),
        journey_started=journey.created_at if journey else None,
        now=unit.now,
    )
    if not isinstance(step, Issue) or sessions.is_untouched(unit, step.session):
        unit.require_transaction()
    if isinstance(step, Issue):
        sessions.touch(unit, step.session)
        lasts = timedelta(seconds=settings.code_seconds)
        code = issuing.issue(unit, request, step.session, lasts=lasts)
        if code is None:
            raise AuthorizationError("invalid_request_uri", "the request was used before")
        return Grant(code)
    journey = journey or _keep(unit, request, settings)
    if isinstance(step, Explain) and session is not None:
        return ExplainRefusal(session, journey)
    if isinstance(step, Meet):
        return GoTo(demand_address(step.demand, journey, place))
    page = "/consent" if isinstance(step, AskConsent) else "/login"
    return GoTo(f"{page}?journey={journey.id}")


def deny(
    unit: Unit,
    journey_id: str | None,
    *,
    settings: Settings,
    session_token: str | None,
    source: Source,
) -> tuple[Journey, AuthorizationError] | None:
    """The person pressed Cancel: what to tell the client, or None when the journey is over."""
    journey = store.find(unit, journey_id)
    if journey is None or journey.kind is not JourneyKind.AUTHORIZE:
        return None
    session = sessions.current(unit, session_token, settings)
    account_id = session.account.id if session else None
    trail.record(
        unit,
        Event.ACCESS_DENIED,
        actor=account_id or trail.SYSTEM,
        account_id=account_id,
        client_id=journey.client_id,
        court_id=journey.court_id,
        reason="cancelled",
        source=source,
    )
    if session and session.acr == AAL1 and _wanted_aal2(journey):
        return journey, AuthorizationError(UNMET_AUTHENTICATION, "one factor only")
    # RFC 6749 section 4.1.2.1: "The resource owner … denied the request"
    return journey, AuthorizationError("access_denied", "the person cancelled")


def _wanted_aal2(journey: Journey) -> bool:
    claims = requested_claims.read(journey.request.get("claims"), ())
    return requested_claims.wants_aal2(journey.request.get("acr_values"), claims)


def _place(request: AuthorizationRequest) -> Place:
    return Place(request.client.id, request.client.court_id, wants_aal2=request.wants_aal2)


def _consent(unit: Unit, request: AuthorizationRequest, session: Session | None) -> Consent | None:
    """Read only where it can matter: courts' own and trusted clients never ask."""
    may_matter = request.client.asks_consent or "consent" in request.prompt
    if session is None or not may_matter:
        return None
    return consents.find(unit, session.account.id, request.client.id)


def _keep(unit: Unit, request: AuthorizationRequest, settings: Settings) -> Journey:
    return store.start(
        unit,
        JourneyKind.AUTHORIZE,
        lasts=timedelta(seconds=settings.journey_seconds),
        client_id=request.client.id,
        court_id=request.client.court_id,
        request=request.raw,
        return_to=request.redirect_uri,
    )
