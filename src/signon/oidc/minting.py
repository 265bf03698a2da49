"""Token responses: what a person's or a client's grant turns into on the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError

from signon.clients.registry import Client
from signon.clients.scopes import API_SCOPES, known
from signon.config import Settings
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.oidc import claims
from signon.oidc.claims import Authentication, Subject
from signon.tokens import access_tokens
from signon.tokens.access_tokens import SignedIn
from signon.tokens.keys import PublishedKeys

TokenResponse = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TokenMint:
    """What minting needs, whoever the tokens are for; `court` is the client's.

    `jkt` is the thumbprint of the key that the request proved, which the tokens are bound to.
    """

    settings: Settings
    ring: KeyRing
    keys: PublishedKeys
    court: Court | None
    now: datetime
    jkt: str | None = None

    def person_tokens(
        self,
        client: Client,
        subject: Subject,
        authentication: Authentication,
        *,
        grant_id: str,
        scope: Sequence[str],
        nonce: str | None,
        refresh_token: str | None,
    ) -> TokenResponse:
        """The response for a person (RFC 6749 section 5.1, OpenID Connect Core 3.1.3.3)."""
        signed_in = SignedIn(
            grant_id, authentication.auth_time, authentication.acr, authentication.amr
        )
        response = self._access(client, subject.id, scope, signed_in)
        if refresh_token is not None:
            response["refresh_token"] = refresh_token
        if "openid" in scope:
            made = claims.id_token(
                subject,
                authentication,
                issuer=self.settings.issuer,
                client_id=client.id,
                scope=scope,
                now=self.now,
                seconds=self.settings.id_token_seconds,
                nonce=nonce,
                access_token=response["access_token"],
                alg=client.id_token_alg,
                is_whole=client.claims_in_id_token,
            )
            response["id_token"] = self.keys.signer(client.id_token_alg).sign(made, "JWT")
        return response

    def client_tokens(self, client: Client, asked: str | None) -> TokenResponse:
        """The response for a client itself: API scopes only, and its own id as `sub`."""
        return self._access(client, client.id, client_scope(client, asked), None)

    def _access(
        self, client: Client, subject: str, scope: Sequence[str], signed_in: SignedIn | None
    ) -> TokenResponse:
        seconds = self.settings.access_token_seconds
        access_token = access_tokens.mint(
            self.keys.signer(access_tokens.ALGORITHM),
            issuer=self.settings.issuer,
            subject=subject,
            client_id=client.id,
            scope=scope,
            now=self.now,
            seconds=seconds,
            signed_in=signed_in,
            jkt=self.jkt,
        )
        response = {
            "access_token": access_token,
            "token_type": "DPoP" if self.jkt else "Bearer",
            "expires_in": seconds,
        }
        # RFC 6749 section 5.1: the scope is told whenever it may differ from what was asked
        return {**response, "scope": " ".join(scope)} if scope else response


def client_scope(client: Client, asked: str | None) -> tuple[str, ...]:
    """The API scopes that a client gets for itself.

    Raises InvalidScopeError: a scope that speaks of a person, or one the client may not have.
    """
    named = known(asked)
    if not API_SCOPES.issuperset(named):
        raise InvalidScopeError("a client without a person gets scopes of the API only")
    if not set(client.scopes).issuperset(named):
        raise InvalidScopeError("the client may not ask for one of these scopes")
    return named
