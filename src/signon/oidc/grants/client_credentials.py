"""The client credentials grant (RFC 6749 section 4.4): a client acts for itself."""

from typing import Any

from authlib.oauth2.rfc6749 import grants

from signon.clients.authentication import METHODS
from signon.oidc.minting import client_scope


class ClientCredentialsGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]  # untyped
    """A signed token for a confidential client; nothing is stored."""

    TOKEN_ENDPOINT_AUTH_METHODS = tuple(method for method in METHODS if method != "none")
    EXTENSIONS = ()

    def validate_requested_scope(self) -> None:
        """API scopes that the client holds."""
        client_scope(self.request.client.registration, self.request.payload.scope)

    def generate_token(self, **_asked: Any) -> dict[str, Any]:
        """The token response."""
        client = self.request.client.registration
        response: dict[str, Any] = self.server.issuer.client_tokens(
            client, self.request.payload.scope
        )
        return response
