"""A relying party that checks every answer it gets, so that tests need not repeat it."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet

from signon.clock import Clock
from tests.infra.browser import Browser

AUTHORIZATION_ERROR_PARAMETERS = {"error", "error_description", "state", "iss"}


@dataclass
class Started:
    """An authorization request that is under way."""

    state: str
    nonce: str
    verifier: str
    parameters: dict[str, str]


@dataclass
class Tokens:
    """A checked token response."""

    body: dict[str, Any]
    claims: dict[str, Any] = field(default_factory=dict)
    access_claims: dict[str, Any] = field(default_factory=dict)

    @property
    def access_token(self) -> str:
        """The access token."""
        return str(self.body["access_token"])

    @property
    def refresh_token(self) -> str:
        """The refresh token."""
        return str(self.body["refresh_token"])


class RelyingParty:
    """A confidential client with `client_secret_basic`, or a public one without a secret."""

    token_type = "Bearer"

    def __init__(
        self,
        browser: Browser,
        clock: Clock,
        client_id: str,
        secret: str | None,
        redirect_uri: str,
        scope: str = "openid profile email phone address pacer ecf",
    ) -> None:
        self.browser = browser
        self.clock = clock
        self.client_id = client_id
        self.secret = secret
        self.redirect_uri = redirect_uri
        self.scope = scope
        self.metadata = browser.http.get("/.well-known/openid-configuration").json()
        self.issuer = self.metadata["issuer"]
        self._started: Started | None = None

    @property
    def started(self) -> Started:
        """The latest authorization request."""
        assert self._started is not None
        return self._started

    @started.setter
    def started(self, other: Started) -> None:
        self._started = other

    def begin(
        self, *, drop: Sequence[str] = (), also: Sequence[tuple[str, str]] = (), **extra: str
    ) -> httpx2.Response:
        """Send the browser to the provider; ends at a page or at a redirect back to us.

        `drop` leaves parameters out, `also` adds some that may stand there already.
        """
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        parameters = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": self.scope,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
            **extra,
        }
        for name in drop:
            parameters.pop(name, None)
        self.started = Started(
            parameters.get("state", ""), parameters.get("nonce", ""), verifier, parameters
        )
        endpoint = self.metadata["authorization_endpoint"]
        return self.browser.get(f"{endpoint}?{urlencode([*parameters.items(), *also])}")

    def answer(self) -> dict[str, str]:
        """What came back to our redirect URI; state and issuer are checked."""
        assert self.browser.response is not None
        assert self.browser.response.status_code == 303, self.browser.response.text
        location = self.browser.location
        assert location.startswith(self.redirect_uri), location
        values = {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}
        assert values.get("iss") == self.issuer
        assert values.get("state", "") == self.started.state
        if "error" in values:
            assert set(values) <= AUTHORIZATION_ERROR_PARAMETERS
        return values

    def code(self) -> str:
        """The code that came back."""
        values = self.answer()
        assert "code" in values, values
        assert len(values["code"]) >= 43
        return values["code"]

    def error(self) -> str:
        """The error that came back."""
        return self.answer()["error"]

    def post(self, **parameters: str) -> httpx2.Response:
        """A request to the token endpoint, authenticated as this client."""
        return self.at("token_endpoint", **parameters)

    def at(self, name: str, /, **parameters: str) -> httpx2.Response:
        """A request to any endpoint that takes a form, authenticated as this client."""
        endpoint = self.metadata[name]
        if self.secret is None:
            public = {"client_id": self.client_id, **parameters}
            return self.browser.http.post(endpoint, data=public)
        auth = (self.client_id, self.secret)
        return self.browser.http.post(endpoint, data=parameters, auth=auth)

    def redeem(self, code: str | None = None, **extra: str) -> httpx2.Response:
        """Redeem a code."""
        values = {
            "grant_type": "authorization_code",
            "code": code or self.code(),
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.started.verifier,
            **extra,
        }
        return self.post(**{name: value for name, value in values.items() if value})

    def tokens(self, **extra: str) -> Tokens:
        """Redeem the code that came back, and check everything about the answer."""
        return self.checked(self.redeem(**extra), nonce=self.started.nonce or None)

    def refresh(self, refresh_token: str, **extra: str) -> httpx2.Response:
        """Use a refresh token."""
        return self.post(grant_type="refresh_token", refresh_token=refresh_token, **extra)

    def userinfo(self, access_token: str) -> httpx2.Response:
        """Ask UserInfo."""
        return self.browser.http.get(
            self.metadata["userinfo_endpoint"],
            headers={"authorization": f"Bearer {access_token}"},
        )

    def checked(self, response: httpx2.Response, *, nonce: str | None) -> Tokens:
        """A token response that holds by RFC 6749 5.1, RFC 9068 and OpenID Connect Core 2."""
        assert response.status_code == 200, response.text
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["content-type"] == "application/json"
        body = response.json()
        assert body["token_type"] == self.token_type
        assert body["expires_in"] == 300
        tokens = Tokens(body)
        tokens.access_claims = self.verified(body["access_token"], "at+jwt")
        self._check_times(tokens.access_claims)
        if "id_token" in body:
            tokens.claims = self.verified(body["id_token"], "JWT")
            self._check_times(tokens.claims)
            assert tokens.claims["aud"] == self.client_id
            assert tokens.claims["sub"] == tokens.access_claims["sub"]
            assert tokens.claims.get("nonce") == nonce
            left = hashlib.sha256(body["access_token"].encode()).digest()[:16]
            assert tokens.claims["at_hash"] == base64.urlsafe_b64encode(left).decode().rstrip("=")
        return tokens

    def verified(self, token: str, typ: str) -> dict[str, Any]:
        """The claims of a token that the published keys verify."""
        jwks = self.browser.http.get(self.metadata["jwks_uri"]).json()
        decoded = jwt.decode(
            token, KeySet.import_key_set(jwks), algorithms=["RS256", "ES256", "PS256", "Ed25519"]
        )
        assert decoded.header["typ"] == typ
        assert decoded.claims["iss"] == self.issuer
        return dict(decoded.claims)

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = int(self.clock().timestamp())
        assert claims["iat"] <= now < claims["exp"] <= claims["iat"] + 300
