"""Errors of the authorization endpoint. The type says whether they may be sent to the client.

    UnverifiedRequestError   client or redirect URI unknown: a page of ours, never a redirect
    AuthorizationError       goes to the verified redirect URI as `error`, `state` and `iss`

The token endpoint's errors are Authlib's; it answers them as JSON.
"""

from signon.clients.refusal_reasons import Reason
from signon.web.parameters import BadRequestError


class UnverifiedRequestError(BadRequestError):
    """Nobody has shown yet where the answer may go (RFC 6749 section 4.1.2.1).

    `reason`: the trace that it leaves, if any; `about`: what may be kept of the request.
    """

    def __init__(self, sentence: str, reason: Reason | None = None, about: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.about = about


class AuthorizationError(Exception):
    """A refusal that the client is told; `code` is the wire's word, `reason` the trace it leaves."""

    def __init__(self, code: str, description: str, reason: Reason | None = None) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.reason = reason


# OpenID Connect Core section 3.1.2.6 and its registered extensions
INTERACTION_REQUIRED = "interaction_required"
LOGIN_REQUIRED = "login_required"
CONSENT_REQUIRED = "consent_required"
UNMET_AUTHENTICATION = "unmet_authentication_requirements"
