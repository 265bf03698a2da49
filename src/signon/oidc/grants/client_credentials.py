"""The client credentials grant (RFC 6749 section 4.4): a client acts for itself.

It needs no database, and of Authlib's turn through its grants nothing but these two checks.
"""

from authlib.oauth2.rfc6749 import InvalidClientError, UnauthorizedClientError

from signon.oidc.client_requests import ClientRequest
from signon.oidc.minting import TokenMint, TokenResponse

GRANT_TYPE = "client_credentials"


def tokens(asked: ClientRequest, mint: TokenMint) -> TokenResponse:
    """A signed token for a confidential client; nothing is stored.

    Raises OAuth2Error: the client did not authenticate, may not use the grant, or may not have
    the scope.
    """
    # RFC 6749 section 4.4: "MUST only be used by confidential clients"
    if asked.auth_method == "none":
        raise InvalidClientError(
            "the client may not use this grant without authentication", status_code=401
        )
    if GRANT_TYPE not in asked.client.grants:
        raise UnauthorizedClientError("the client is not registered for this grant")
    return mint.client_tokens(asked.client, asked.parameters.get("scope"))
