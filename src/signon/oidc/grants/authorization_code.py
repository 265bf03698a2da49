"""The authorization code grant (RFC 6749 section 4.1) with PKCE (RFC 7636)."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, OAuth2Error, grants
from authlib.oauth2.rfc7636 import CodeChallenge

from signon import opaque_tokens
from signon.clients.authentication import METHODS
from signon.clients.refusal_reasons import Reason
from signon.oidc import codes
from signon.oidc.codes import FoundCode
from signon.oidc.requests import RegisteredClient


class S256Challenge(CodeChallenge):  # type: ignore[misc]  # Authlib is untyped
    """PKCE with S256 and nothing else; `checks.check_pkce` saw to it when the code was asked for.

    A verifier without a challenge is refused too (RFC 9700 section 4.8.2, downgrade).
    """

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        """Compare it with the challenge; a refusal leaves a trace."""
        try:
            # the library's pattern ends in `$`, which stands before a last line break too
            if (grant.request.form.get("code_verifier") or "").endswith("\n"):
                raise InvalidGrantError("the code verifier ends with a line break")
            super().validate_code_verifier(grant, result)
        except OAuth2Error:
            grant.server.suspected = Reason.CODE_VERIFIER
            raise

    def get_authorization_code_challenge(self, authorization_code: FoundCode) -> str | None:
        """The challenge that the code was asked for with."""
        return authorization_code.code_challenge

    def get_authorization_code_challenge_method(self, _authorization_code: FoundCode) -> str:
        """S256, whatever Authlib would take: nothing else is ever stored."""
        return "S256"


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # untyped
    """Redeeming a code: found, checked, turned into tokens, and spent once as the last act."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    EXTENSIONS = (S256Challenge(required=True),)

    def query_authorization_code(self, code: str, client: RegisteredClient) -> FoundCode | None:
        """The code, if it was issued to this client and may still be redeemed."""
        found = codes.find(
            self.server.unit, code, client.registration, court=self.server.issuer.court
        )
        if found is not None and found.redirect_uri != self.request.payload.redirect_uri:
            self.server.suspected = Reason.REDIRECT_URI  # Authlib refuses it next
        # RFC 9449 section 10: the key that the code was asked for with
        if found is not None and found.dpop_jkt not in {None, self.server.issuer.jkt}:
            self.server.suspected = Reason.DPOP
            return None
        return found

    def authenticate_user(self, authorization_code: FoundCode) -> FoundCode:
        """Whom the code speaks of is known since it was found."""
        return authorization_code

    def generate_token(self, *, include_refresh_token: bool, **_asked: Any) -> dict[str, Any]:
        """The token response."""
        code: FoundCode = self.request.authorization_code
        self.request.refresh_token = opaque_tokens.new_token() if include_refresh_token else None
        response: dict[str, Any] = self.server.issuer.person_tokens(
            self.request.client.registration,
            code.subject,
            code.authentication,
            grant_id=code.grant_id,
            scope=code.scope,
            nonce=code.nonce,
            refresh_token=self.request.refresh_token,
        )
        return response

    def delete_authorization_code(self, authorization_code: FoundCode) -> None:
        """Spend it, now that the answer is made; the row is kept, to recognise a second use.

        Raises InvalidGrantError: the answer must not be sent. Where another request was faster,
        what that one got is revoked.
        """
        is_public = self.request.client.registration.is_public
        if not codes.redeem(
            self.server.unit,
            authorization_code,
            refresh_token=self.request.refresh_token,
            # a confidential client shows who it is with every refresh (RFC 9449 section 5)
            jkt=self.server.issuer.jkt if is_public else None,
        ):
            raise InvalidGrantError("the code can be used no more")
