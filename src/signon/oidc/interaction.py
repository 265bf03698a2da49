"""What has to happen before a code may be issued. Pure: request, session and journey in, step out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from signon.accounts.models import AccountKind
from signon.oidc.authorization_request import AuthorizationRequest
from signon.oidc.errors import CONSENT_REQUIRED, LOGIN_REQUIRED, AuthorizationError
from signon.signin.session import Session


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


Step = Issue | SignIn | Explain


def next_step(
    request: AuthorizationRequest,
    session: Session | None,
    *,
    journey_started: datetime | None,
    now: datetime,
) -> Step:
    """Decide the next step; `journey_started` is when this request first came, if it is back.

    Raises AuthorizationError where the answer is an error: what `prompt=none` may not ask for,
    another person than the one hinted at, consent before there is a page for it.
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
    if "consent" in request.prompt:
        raise AuthorizationError(CONSENT_REQUIRED, "consent cannot be asked for")
    return Issue(session)


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
