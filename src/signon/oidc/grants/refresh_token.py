"""The refresh token grant (RFC 6749 section 6), rotating, with reuse detection (RFC 9700 4.14)."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, grants, scope_to_list

from signon.clients.authentication import METHODS
from signon.clients.refusal_reasons import Reason
from signon.oidc import refreshing
from signon.oidc.refreshing import FoundRefreshToken


class RefreshTokenGrant(grants.RefreshTokenGrant):  # type: ignore[misc]  # Authlib is untyped
    """Authlib checks client, grant type and scope; expiry, rotation and reuse are ours."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True
    EXTENSIONS = ()

    def authenticate_refresh_token(self, refresh_token: str) -> FoundRefreshToken | None:
        """The token of a living grant, whoever the client, if the key that it is bound to is shown."""
        mint = self.server.issuer
        found = refreshing.find(self.server.unit, refresh_token, court=mint.court)
        # RFC 9449 section 5: "the refresh token MUST be bound to the public key"
        if found is not None and found.dpop_jkt not in {None, mint.jkt}:
            self.server.suspected = Reason.DPOP
            return None
        return found

    def authenticate_user(self, refresh_token: FoundRefreshToken) -> FoundRefreshToken:
        """Get the token that comes next.

        Raises InvalidGrantError on reuse; the whole family has then been revoked.
        """
        self.request.credential = refreshing.successor(
            self.server.unit,
            refresh_token,
            self.request.client.registration,
            self.request.payload.data["refresh_token"],
            ring=self.server.issuer.ring,
        )
        if self.request.credential is None:
            raise InvalidGrantError("the refresh token was used before")
        return refresh_token

    def generate_token(self, scope: Any = None, **_asked: Any) -> dict[str, Any]:
        """The token response; a narrower scope holds for this access token only.

        A scope that was taken from the client since is gone with this refresh.
        """
        found: FoundRefreshToken = self.request.refresh_token
        client = self.request.client.registration
        response: dict[str, Any] = self.server.issuer.person_tokens(
            client,
            found.subject,
            found.authentication,
            grant_id=found.token.grant_id,
            scope=tuple(
                name for name in dict.fromkeys(scope_to_list(scope)) if name in client.scopes
            ),
            # OpenID Connect Core section 12.2: a refreshed ID token SHOULD NOT have a nonce
            nonce=None,
            refresh_token=self.request.credential,
        )
        return response

    def revoke_old_credential(self, refresh_token: FoundRefreshToken) -> None:
        """Spend it for its successor, now that the answer is made.

        Raises InvalidGrantError: the answer must not be sent. Where another request was faster,
        the whole family has been revoked.
        """
        if not refreshing.spend(
            self.server.unit,
            refresh_token,
            self.request.credential,
            self.request.client.registration,
            ring=self.server.issuer.ring,
        ):
            raise InvalidGrantError("the refresh token can be used no more")
