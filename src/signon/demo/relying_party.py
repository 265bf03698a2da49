"""A court's side of OpenID Connect, on Authlib's client.

Authorization code with PKCE, state and nonce; the response's `iss` (RFC 9207); the ID token
checked against the provider's JWKS; refresh tokens used once each.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from httpx2 import AsyncBaseTransport, HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from signon.clock import Clock
from signon.errors import SignonError

SCOPE = "openid profile email phone address pacer ecf"
ALGORITHMS = ("ES256",)
"""What this client is registered for; a token by another algorithm is none (RFC 8725 3.1)."""
LEEWAY_SECONDS = 30
TIMEOUT_SECONDS = 10
UNREACHABLE = "The sign-on service cannot be reached at the moment. Try again shortly."


class SignInRefusedError(SignonError):
    """The provider answered the authorization request with an error; `code` is OAuth's."""

    def __init__(self, code: str) -> None:
        super().__init__("The sign-in was not completed.", detail=code)
        self.code = code


class SignInEndedError(SignonError):
    """The provider says that this sign-in is over."""


class UnreachableError(SignonError):
    """The provider does not answer, or not as the protocol says."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An authorization request on its way, and where the person was going."""

    state: str
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    going_to: str
    is_quiet: bool = False
    """Nobody may be asked anything: it is looked whether somebody is signed in."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a token response brought: the tokens, and the ID token's checked content."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    id_token: str = field(repr=False)
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    expires_at: float
    """When the access token is no longer worth trying, as a POSIX timestamp."""


class RelyingParty:
    """One registered client of the provider."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        *,
        clock: Clock,
        transport: AsyncBaseTransport | None = None,
    ) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._clock = clock
        # nothing of the machine's environment, a proxy for one, may stand between the two
        self._http = AsyncOAuth2Client(
            client_id,
            client_secret,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            transport=transport,
        )
        self._found: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    # ── Signing in ───────────────────────────────────────────────────────────

    async def begin(self, going_to: str, *, is_quiet: bool = False) -> tuple[str, Pending]:
        """The address to send the browser to, and what to remember until it comes back."""
        drawn = (secrets.token_urlsafe(24), secrets.token_urlsafe(24), generate_token(64))
        pending = Pending(*drawn, going_to, is_quiet)
        address, _ = self._http.create_authorization_url(
            (await self.metadata())["authorization_endpoint"],
            state=pending.state,
            code_verifier=pending.code_verifier,
            nonce=pending.nonce,
            **({"prompt": "none"} if is_quiet else {}),
        )
        return str(address), pending

    async def finish(self, answer: Mapping[str, str], pending: Pending) -> SignedIn:
        """Redeem the code of an authorization response.

        Raises SignInRefusedError, SignInEndedError (the code is worth nothing any more) or
        UnreachableError.
        """
        # RFC 9207 section 2.4: "Clients MUST reject" a response of another issuer
        if answer.get("iss") != self.issuer:
            raise UnreachableError("The answer came from another sign-on service than ours.")
        if "error" in answer:
            raise SignInRefusedError(answer["error"])
        tokens = await self._redeem(
            self._http.fetch_token,
            grant_type="authorization_code",
            code=answer.get("code", ""),
            code_verifier=pending.code_verifier,
        )
        return await self._checked(tokens, nonce=pending.nonce)

    async def refresh(self, before: SignedIn) -> SignedIn:
        """New tokens for the old ones, with the rights of this moment.

        Raises SignInEndedError or UnreachableError.
        """
        tokens = await self._redeem(self._http.refresh_token, refresh_token=before.refresh_token)
        # OpenID Connect Core section 12.2: same subject; the nonce is not repeated
        return await self._checked(tokens, subject=str(before.claims["sub"]))

    async def userinfo(self, signed_in: SignedIn) -> dict[str, Any]:
        """The claims of this moment. Raises SignInEndedError or UnreachableError."""
        address = (await self.metadata())["userinfo_endpoint"]
        headers = {"authorization": f"Bearer {signed_in.access_token}"}
        try:
            response = await self._http.request(
                "GET", address, headers=headers, withhold_token=True
            )
            if response.status_code == 401:
                raise SignInEndedError("Your sign-in has ended.")
            claims = response.raise_for_status().json()
        except (HTTPError, ValueError) as error:
            raise UnreachableError(UNREACHABLE, detail=str(error)) from error
        # OpenID Connect Core section 5.3.2: "the UserInfo Response MUST NOT be used" otherwise
        if not isinstance(claims, dict) or claims.get("sub") != signed_in.claims["sub"]:
            raise UnreachableError("The sign-on service spoke of somebody else.")
        return claims

    async def sign_out_address(self, signed_in: SignedIn, return_to: str, *, state: str) -> str:
        """Where the browser ends the session at the provider too."""
        endpoint = (await self.metadata())["end_session_endpoint"]
        hint = {
            "id_token_hint": signed_in.id_token,
            "post_logout_redirect_uri": return_to,
            "state": state,
        }
        return f"{endpoint}?{urlencode(hint)}"

    # ── The provider ─────────────────────────────────────────────────────────

    async def metadata(self) -> Mapping[str, Any]:
        """The provider's discovery document, kept. Raises UnreachableError."""
        if self._found is None:
            found = await self._fetch(f"{self.issuer}/.well-known/openid-configuration")
            # OpenID Connect Discovery section 4.3: "MUST exactly match"
            if found.get("issuer") != self.issuer:
                raise UnreachableError("The sign-on service calls itself by another name.")
            self._found = found
        return self._found

    async def keys(self, *, anew: bool = False) -> KeySet:
        """The provider's public keys, kept until somebody wants them anew."""
        if self._keys is None or anew:
            jwks: Any = await self._fetch((await self.metadata())["jwks_uri"])
            self._keys = KeySet.import_key_set(jwks)
        return self._keys

    async def _fetch(self, address: str) -> dict[str, Any]:
        try:
            response = await self._http.request("GET", address, withhold_token=True)
            found = response.raise_for_status().json()
        except (HTTPError, ValueError) as error:
            raise UnreachableError(UNREACHABLE, detail=str(error)) from error
        if not isinstance(found, dict):
            raise UnreachableError(UNREACHABLE, detail="not a JSON object")
        return found

    async def _redeem(self, grant: Any, **values: str) -> dict[str, Any]:
        """Use a code or a refresh token. Raises SignInEndedError or UnreachableError."""
        endpoint = (await self.metadata())["token_endpoint"]
        try:
            tokens: dict[str, Any] = await grant(endpoint, **values)
        except OAuthError as error:
            if error.error == "invalid_grant":
                raise SignInEndedError("Your sign-in has ended.") from error
            raise UnreachableError(UNREACHABLE, detail=error.error) from error
        except (HTTPError, ValueError) as error:
            raise UnreachableError(UNREACHABLE, detail=str(error)) from error
        return dict(tokens)

    # ── The ID token ─────────────────────────────────────────────────────────

    async def _checked(
        self, tokens: Mapping[str, Any], *, nonce: str | None = None, subject: str | None = None
    ) -> SignedIn:
        """OpenID Connect Core section 3.1.3.7, in its order."""
        token = await self._verified(str(tokens.get("id_token", "")))
        wanted = jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True, **({"value": subject} if subject else {})},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce} if nonce else {},
        )
        try:
            wanted.validate(token.claims)
        except JoseError as error:
            raise UnreachableError(
                "The ID token is not meant for us.", detail=str(error)
            ) from error
        return SignedIn(
            access_token=str(tokens["access_token"]),
            refresh_token=str(tokens.get("refresh_token", "")),
            id_token=str(tokens["id_token"]),
            header=token.header,
            claims=token.claims,
            expires_at=float(tokens.get("expires_at", 0)) - LEEWAY_SECONDS,
        )

    async def _verified(self, id_token: str) -> jwt.Token:
        """Verify the signature; an unknown key is looked for once more: keys rotate."""
        for last_try in (False, True):
            keys = await self.keys(anew=last_try)
            try:
                return jwt.decode(id_token, keys, algorithms=list(ALGORITHMS))
            except (JoseError, ValueError) as error:
                if last_try:
                    raise UnreachableError(
                        "The ID token's signature is not the sign-on service's.", detail=str(error)
                    ) from error
        raise AssertionError
