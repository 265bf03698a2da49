"""Authlib's server around one request: what it leaves to a framework, and nothing more.

What it leaves out is in `checks`, `grants` and `clients.authentication`.
"""

from collections.abc import Collection
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidScopeError,
    OAuth2Error,
)

from signon.clients.refusal_reasons import Reason
from signon.db import Unit
from signon.oidc.grants import client_credentials
from signon.oidc.grants.authorization_code import AuthorizationCodeGrant
from signon.oidc.grants.refresh_token import RefreshTokenGrant
from signon.oidc.minting import TokenMint
from signon.oidc.requests import ProtocolRequest, ProtocolResponse, RegisteredClient

GRANTS = (AuthorizationCodeGrant, RefreshTokenGrant)
GRANT_TYPES = (*(str(grant.GRANT_TYPE) for grant in GRANTS), client_credentials.GRANT_TYPE)
"""Every grant that is built; discovery announces them."""
REFUSED = {InvalidClientError: Reason.AUTH_METHOD, InvalidScopeError: Reason.SCOPE}
"""Errors that leave a trace by themselves."""


def refused(error: OAuth2Error, suspected: Reason | None = None) -> ProtocolResponse:
    """The answer to an error, and which trace it leaves: what was seen to be wrong, if anything."""
    status, body, headers = error()
    return ProtocolResponse(status, body, headers, suspected or REFUSED.get(type(error)))


class Provider(AuthorizationServer):  # type: ignore[misc]  # Authlib is untyped
    """The token endpoint's engine for one request.

    `suspected` is what a grant has seen to be wrong, in case that the request is refused.
    """

    def __init__(self, issuer: TokenMint, unit: Unit) -> None:
        super().__init__()
        self.issuer = issuer
        self.unit = unit
        self.suspected: Reason | None = None
        for grant in GRANTS:
            self.register_grant(grant, grant.EXTENSIONS)

    def authenticate_client(
        self, request: ProtocolRequest, methods: Collection[str], endpoint: str = "token"
    ) -> RegisteredClient:
        """The door has authenticated the client; not every grant takes every method."""
        if request.asked.auth_method not in methods:
            raise InvalidClientError(
                "the client may not use this grant without authentication", status_code=401
            )
        request.auth_method = request.asked.auth_method
        return RegisteredClient(request.asked.client)

    def query_client(self, client_id: str) -> None:
        """Never asked: the client is looked up before a request comes here."""
        raise RuntimeError(client_id)

    def save_token(self, token: dict[str, Any], request: ProtocolRequest) -> None:
        """Nothing to do: grants write their rows while they spend a code or refresh token."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """No signals: the audit trail is called where things happen."""

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        """The endpoint has made it."""
        return request

    def handle_response(
        self, status: int, body: Any, headers: list[tuple[str, str]]
    ) -> ProtocolResponse:
        """The endpoint turns it into Starlette's."""
        return ProtocolResponse(status, body, headers)

    def handle_error_response(
        self, request: ProtocolRequest, error: OAuth2Error
    ) -> ProtocolResponse:
        """The same, and which trace it leaves."""
        return refused(error, self.suspected)
