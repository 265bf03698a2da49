"""What has to happen before a code may be issued. Pure: request, session and journey in, step out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signon.accounts.models import AccountKind
from signon.oidc.authorization_request import AuthorizationRequest
from signon.oidc.errors import CONSENT_REQUIRED, LOGIN_REQUIRED, AuthorizationError
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
class AskConsent:
    """The person has to say whether this client may have what it asks for."""


Step = Issue | SignIn | Explain | AskConsent


def next_step(
    request: AuthorizationRequest,
    session: Session | None,
    *,
    consent: Consent | None,
    journey_started: datetime | None,
    now: datetime,
) -> Step:
    """Decide the next step; `journey_started` is when this request first came, if it is back.

    Raises AuthorizationError where the answer is an error: what `prompt=none` may not ask for,
    another person than the one hinted at.
    """
    silent = "none" in request.prompt
    if session is None or _must_sign_in_again(request, session, journey_started, now):
        if silent:
            raise AuthorizationError(LOGIN_REQUIRED, "the person has to sign in")
        return SignIn()
    # OpenID Connect Core section 3.1.2.1: "MUST NOT reply for a different End-User"
    if request.hinted_subject is not None and request.hinted_subject != session.account.id:
        if silent or _signed_in_since(session, journey_started):
            raise AuthorizationError(LOGIN_REQUIRED, "another person is signed in")
        return SignIn()
    if request.client.court_id is not None and session.account.kind is AccountKind.FIRM:
        if silent:
            raise AuthorizationError("access_denied", "a firm account cannot be used at a court")
        return Explain()
    if _must_ask_consent(request, consent, journey_started):
        if silent:
            raise AuthorizationError(CONSENT_REQUIRED, "the person has to consent")
        return AskConsent()
    return Issue(session)


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
