"""What has to happen before a code may be issued. Pure: request, session and journey in, step out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signon.accounts.models import AccountKind
from signon.notices import rehearsals
from signon.oidc.authorization_request import AuthorizationRequest
from signon.oidc.errors import (
    CONSENT_REQUIRED,
    INTERACTION_REQUIRED,
    LOGIN_REQUIRED,
    UNMET_AUTHENTICATION,
    AuthorizationError,
)
from signon.signin.demands import Demand
from signon.signin.session import Session
from signon.tokens.consents import Consent


@dataclass(frozen=True, slots=True)
class Issue:
    """Nothing stands in the way: issue a code for this session."""

    session: Session


@dataclass(frozen=True, slots=True)
class SignIn:
    """The person has to sign in, or to sign in again."""


@dataclass(frozen=True, slots=True)
class Explain:
    """The account may not be used at this client; a page says why, then `access_denied`."""


@dataclass(frozen=True, slots=True)
class Meet:
    """The person has to meet a demand first."""

    demand: Demand


@dataclass(frozen=True, slots=True)
class AskConsent:
    """The person has to say whether this client may have what it asks for."""


Step = Issue | SignIn | Explain | Meet | AskConsent


def next_step(
    request: AuthorizationRequest,
    session: Session | None,
    *,
    demand: Demand | None,
    consent: Consent | None,
    journey_started: datetime | None,
    now: datetime,
) -> Step:
    """Decide the next step; `journey_started` is when this request first came, if it is back.

    `demand` is the first that is due for whoever is signed in, on the way to this client.

    Raises AuthorizationError where the answer is an error: what `prompt=none` may not ask for,
    another person than the one hinted at.
    """
    step = _step(request, session, demand, consent, journey_started, now)
    if "none" in request.prompt and not isinstance(step, Issue):
        if isinstance(step, Meet) and request.wants_aal2:
            raise AuthorizationError(UNMET_AUTHENTICATION, "one factor only")
        raise AuthorizationError(*_SILENT[type(step)])
    return step


def _step(
    request: AuthorizationRequest,
    session: Session | None,
    demand: Demand | None,
    consent: Consent | None,
    journey_started: datetime | None,
    now: datetime,
) -> Step:
    if session is None or _must_sign_in_again(request, session, journey_started, now):
        return SignIn()
    # OpenID Connect Core section 3.1.2.1: "MUST NOT reply for a different End-User"
    if request.hinted_subject is not None and request.hinted_subject != session.account.id:
        if _signed_in_since(session, journey_started):
            raise AuthorizationError(LOGIN_REQUIRED, "another person is signed in")
        return SignIn()
    if request.client.court_id is not None and session.account.kind is AccountKind.FIRM:
        return Explain()
    if rehearsals.is_elsewhere(session.account.email, request.client.court_id):
        return Explain()
    if demand is not None:
        return Meet(demand)
    if _must_ask_consent(request, consent, journey_started):
        return AskConsent()
    return Issue(session)


_SILENT: dict[type[Step], tuple[str, str]] = {
    SignIn: (LOGIN_REQUIRED, "the person has to sign in"),
    Explain: ("access_denied", "an account of this kind cannot be used here"),
    Meet: (INTERACTION_REQUIRED, "something has to be done on a page first"),
    AskConsent: (CONSENT_REQUIRED, "the person has to consent"),
}
"""What `prompt=none` is told instead of a page (OpenID Connect Core section 3.1.2.6)."""


def _must_ask_consent(
    request: AuthorizationRequest, consent: Consent | None, journey_started: datetime | None
) -> bool:
    given_now = (
        consent is not None and journey_started is not None and consent.given_at >= journey_started
    )
    if "consent" in request.prompt:
        return not given_now
    if not request.client.asks_consent:
        return False
    if consent is None or not consent.covers(request.scope):
        return True
    # RFC 8252 section 8.6: no silent consent for an app that anybody could imitate
    return request.client.is_imitable and not given_now


def _must_sign_in_again(
    request: AuthorizationRequest,
    session: Session,
    journey_started: datetime | None,
    now: datetime,
) -> bool:
    if _signed_in_since(session, journey_started):
        return False
    # Core 3.1.2.1: max_age=0 asks for the same as prompt=login
    if request.prompt & {"login", "select_account"} or request.max_age == 0:
        return True
    return request.max_age is not None and now - session.auth_time > timedelta(
        seconds=request.max_age
    )


def _signed_in_since(session: Session, moment: datetime | None) -> bool:
    """Whether the sign-in answers this request's own demand for one."""
    return moment is not None and session.auth_time >= moment
