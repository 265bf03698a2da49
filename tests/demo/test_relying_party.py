"""A court believes no ID token that is not for it: a provider that misbehaves is refused."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx2 import ASGITransport
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signon.demo.relying_party import (
    Pending,
    RelyingParty,
    SignInEndedError,
    SignInRefusedError,
    UnreachableError,
)
from signon.errors import SignonError

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
ISSUER = "http://localhost:8000"
PENDING = Pending("state", "nonce", "verifier" * 8, "/")
ANSWER = {"iss": ISSUER, "code": "code", "state": "state"}


class Provider:
    """A provider that signs whatever a test wants."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "one"})
        self.alg = "ES256"
        self.claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": "court",
            "sub": "somebody",
            "nonce": "nonce",
            "iat": int(NOW.timestamp()),
            "exp": int(NOW.timestamp()) + 300,
        }
        self.userinfo: Any = {"sub": "somebody"}
        self.token_error: str | None = None
        self.status = 200
        self.issuer = ISSUER
        self.signing: Any = None

    @property
    def application(self) -> Starlette:
        """Discovery, JWKS, token endpoint and UserInfo."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/jwks", self._jwks),
                Route("/token", self._token, methods=["POST"]),
                Route("/userinfo", self._userinfo),
            ]
        )

    async def _metadata(self, _request: Request) -> Response:
        names = {"token_endpoint": "token", "userinfo_endpoint": "userinfo", "jwks_uri": "jwks"}
        found = {name: f"{ISSUER}/{path}" for name, path in names.items()}
        return JSONResponse({"issuer": self.issuer, **found}, self.status)

    async def _jwks(self, _request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _token(self, _request: Request) -> Response:
        if self.token_error:
            return JSONResponse({"error": self.token_error}, 400)
        key = self.signing or self.key
        token = jwt.encode({"alg": self.alg, "kid": "one"}, self.claims, key, [self.alg])
        tokens = {"access_token": "a", "refresh_token": "r", "expires_in": 300}
        return JSONResponse({**tokens, "token_type": "Bearer", "id_token": token})

    async def _userinfo(self, _request: Request) -> Response:
        return JSONResponse(self.userinfo, self.status)


@pytest.fixture
def provider() -> Provider:
    """A provider that behaves until the test spoils it."""
    return Provider()


def test_a_good_token_is_taken(provider: Provider):
    """The other tests spoil one thing each."""
    assert finish(provider).claims["sub"] == "somebody"


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "http://localhost:9999"},
        {"aud": "another-court"},
        {"aud": ["another-court"]},
        {"nonce": "of somebody else"},
        {"nonce": None},
        {"exp": int(NOW.timestamp()) - 120},
        {"exp": None},
        {"iat": None},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_for_something_else_is_refused(provider: Provider, wrong: Mapping[str, Any]):
    """OpenID Connect Core section 3.1.3.7: issuer, audience, nonce, times."""
    claims = {**provider.claims, **wrong}
    provider.claims = {name: value for name, value in claims.items() if value is not None}
    with pytest.raises(UnreachableError, match="not meant for us"):
        finish(provider)


def test_a_token_signed_by_somebody_else_is_refused(provider: Provider):
    """Same `kid`, another key."""
    provider.signing = ECKey.generate_key("P-256", {"kid": "one"})
    with pytest.raises(UnreachableError, match="signature"):
        finish(provider)


def test_a_token_by_another_algorithm_is_refused(provider: Provider):
    """RFC 8725 section 3.1: the algorithm is ours to choose; here the client's secret signs."""
    provider.alg, provider.signing = "HS256", OctKey.import_key("secret" * 8)
    with pytest.raises(UnreachableError, match="signature"):
        finish(provider)


def test_new_keys_are_fetched(provider: Provider):
    """The provider rotates its keys: the next token is checked with the new ones."""

    async def twice(party: RelyingParty) -> None:
        await party.finish(ANSWER, PENDING)
        provider.key = ECKey.generate_key("P-256", {"kid": "one"})
        await party.finish(ANSWER, PENDING)

    run(provider, twice)


def test_a_refresh_for_another_person_is_refused(provider: Provider):
    """OpenID Connect Core section 12.2: "its `sub` … MUST be the same"."""

    async def refresh(party: RelyingParty) -> None:
        signed_in = await party.finish(ANSWER, PENDING)
        provider.claims["sub"] = "somebody else"
        await party.refresh(signed_in)

    with pytest.raises(UnreachableError, match="not meant for us"):
        run(provider, refresh)


def test_userinfo_of_another_person_is_refused(provider: Provider):
    """OpenID Connect Core section 5.3.2."""
    provider.userinfo = {"sub": "somebody else"}
    with pytest.raises(UnreachableError, match="somebody else"):
        run(provider, ask_userinfo)


@pytest.mark.parametrize(
    ("error", "expected"),
    [("invalid_grant", SignInEndedError), ("invalid_client", UnreachableError)],
)
def test_token_errors_end_the_sign_in_or_not(
    provider: Provider, error: str, expected: type[SignonError]
):
    """Only `invalid_grant` says that the person has to sign in again."""
    provider.token_error = error
    with pytest.raises(expected):
        finish(provider)


def test_a_revoked_access_token_ends_the_sign_in(provider: Provider):
    """UserInfo answers 401 when the grant is over."""

    async def ask(party: RelyingParty) -> None:
        signed_in = await party.finish(ANSWER, PENDING)
        provider.status = 401
        await party.userinfo(signed_in)

    with pytest.raises(SignInEndedError):
        run(provider, ask)


def test_an_error_response_is_a_refused_sign_in(provider: Provider):
    """`access_denied`, `login_required` and their like."""
    with pytest.raises(SignInRefusedError) as caught:
        finish(provider, {"iss": ISSUER, "error": "login_required", "state": "state"})
    assert caught.value.code == "login_required"


@pytest.mark.parametrize("issuer", [None, "http://evil.example"])
def test_an_answer_names_its_issuer(provider: Provider, issuer: str | None):
    """RFC 9207 section 2.4, before the code goes anywhere."""
    answer = {name: value for name, value in {**ANSWER, "iss": issuer}.items() if value}
    with pytest.raises(UnreachableError, match="another sign-on service"):
        finish(provider, answer)


def test_discovery_must_be_the_issuer_s_own(provider: Provider):
    """OpenID Connect Discovery section 4.3."""
    provider.issuer = "http://evil.example"
    with pytest.raises(UnreachableError, match="another name"):
        finish(provider)


def test_a_provider_that_is_down_is_said_so(provider: Provider):
    """The court's own session is not ended by that."""
    provider.status = 503
    with pytest.raises(UnreachableError, match="cannot be reached"):
        finish(provider)


async def ask_userinfo(party: RelyingParty) -> None:
    """Sign in and ask."""
    await party.userinfo(await party.finish(ANSWER, PENDING))


def finish(provider: Provider, answer: Mapping[str, str] = ANSWER) -> Any:
    """Come back from the provider."""
    return run(provider, lambda party: party.finish(answer, PENDING))


def run(provider: Provider, act: Callable[[RelyingParty], Awaitable[Any]]) -> Any:
    """Let a court act against a provider."""

    async def within_a_loop() -> Any:
        party = RelyingParty(
            ISSUER,
            "court",
            "secret",
            "http://localhost:8001/callback",
            clock=lambda: NOW,
            transport=ASGITransport(provider.application),
        )
        try:
            return await act(party)
        finally:
            await party.close()

    return asyncio.run(within_a_loop())
