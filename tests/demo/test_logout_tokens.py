"""A court ends a session when the provider says so, and when nobody else does."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from httpx2 import ASGITransport
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signon.demo import logout_tokens
from signon.demo.court_sessions import CourtSessions
from signon.demo.logout_tokens import LogoutTokenRefusedError, LogoutTokens, SignedOut
from signon.demo.relying_party import RelyingParty, SignedIn, UnreachableError
from tests.infra.clock import FrozenClock

NOW = int(datetime(2026, 3, 2, 15, tzinfo=UTC).timestamp())
ISSUER = "http://localhost:8000"
KEY = ECKey.generate_key("P-256", {"kid": "one"})
OTHER = ECKey.generate_key("P-256", {"kid": "two"})
EVENTS: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "court",
    "sub": "somebody",
    "sid": "session",
    "iat": NOW,
    "exp": NOW + 120,
    "jti": "first",
    "events": EVENTS,
}
HEADER = {"alg": "ES256", "kid": "one", "typ": "logout+jwt"}

R = TypeVar("R")


class Provider:
    """A provider's discovery document and keys."""

    def __init__(self) -> None:
        self.keys = [KEY]
        self.asked = 0
        self.status = 200

    def let(self, act: Callable[[LogoutTokens], Awaitable[R]], clock: FrozenClock) -> R:
        """Let a court act that trusts this provider."""
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/jwks", self._jwks),
            ]
        )

        async def within_a_loop() -> R:
            callback = "http://localhost:8001/callback"
            party = RelyingParty(
                ISSUER, "court", "secret", callback, clock=clock, transport=ASGITransport(app)
            )
            try:
                return await act(LogoutTokens(party, clock=clock))
            finally:
                await party.close()

        return asyncio.run(within_a_loop())

    async def _metadata(self, _request: Request) -> Response:
        return JSONResponse({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"})

    async def _jwks(self, _request: Request) -> Response:
        self.asked += 1
        return JSONResponse(KeySet(list(self.keys)).as_dict(private=False), self.status)


@pytest.fixture
def provider() -> Provider:
    return Provider()


def made(*, key: Any = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A logout token with some claims changed, or left out when they are None."""
    changed = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
    full = {name: value for name, value in {**HEADER, **(header or {})}.items() if value}
    return jwt.encode(full, changed, key, [full["alg"]])


def read(provider: Provider, clock: FrozenClock, *tokens: str) -> list[SignedOut]:
    """What a court reads from tokens that come one after the other."""

    async def one_by_one(reader: LogoutTokens) -> list[SignedOut]:
        return [await reader.read(token) for token in tokens]

    return provider.let(one_by_one, clock)


@pytest.mark.parametrize(
    ("claims", "signed_out"),
    [
        ({}, SignedOut("somebody", "session")),
        ({"sid": None}, SignedOut("somebody", None)),
        ({"sub": None}, SignedOut(None, "session")),
        ({"aud": ["court", "another"]}, SignedOut("somebody", "session")),
        ({"iat": NOW - 60, "exp": NOW - 20}, SignedOut("somebody", "session")),
    ],
)
def test_a_sound_token_is_believed(
    provider: Provider, clock: FrozenClock, claims: dict[str, Any], signed_out: SignedOut
):
    """With `sub`, `sid` or both, and clocks that differ a little."""
    assert read(provider, clock, made(**claims)) == [signed_out]


UNSOUND: list[dict[str, Any]] = [
    {"iss": "http://localhost:9999"},
    {"iss": None},
    {"aud": "another"},
    {"aud": None},
    {"iat": None},
    {"iat": NOW + 60},
    {"exp": None},
    {"exp": NOW - 60},
    {"jti": None},
    {"jti": 7},
    {"sub": None, "sid": None},
    {"sub": 7},
    {"sid": ["session"]},
    {"events": None},
    {"events": {}},
    {"events": list(EVENTS)},
    {"events": {next(iter(EVENTS)): "yes"}},
    {"nonce": "nonce"},
]


@pytest.mark.parametrize("claims", UNSOUND, ids=str)
def test_an_unsound_token_is_refused(
    provider: Provider, clock: FrozenClock, claims: dict[str, Any]
):
    """Section 2.6, check by check."""
    with pytest.raises(LogoutTokenRefusedError):
        read(provider, clock, made(**claims))


def test_another_type_is_refused(provider: Provider, clock: FrozenClock):
    """An ID token with such claims is still none."""
    for typ in ("JWT", "at+jwt", None):
        with pytest.raises(LogoutTokenRefusedError):
            read(provider, clock, made(header={"typ": typ}))


def test_another_key_or_algorithm_is_refused(provider: Provider, clock: FrozenClock):
    """Whoever signs it, and whatever a header says about keys."""
    secret = OctKey.import_key(b"x" * 32, {"kid": "one"})
    impostor = ECKey.generate_key("P-256", {"kid": "one"})
    forged = [
        made(key=impostor),
        made(key=OTHER, header={"kid": "two"}),
        made(key=secret, header={"alg": "HS256"}),
        made(key=impostor, header={"jwk": impostor.as_dict(private=False)}),
        made() + "x",
        made().rpartition(".")[0] + ".",
    ]
    for token in forged:
        with pytest.raises(LogoutTokenRefusedError):
            read(provider, clock, token)


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "....", "e30.e30.e30", "W10.e30.x", "ü", "\0", "x" * 9000]
)
def test_garbage_is_refused(provider: Provider, clock: FrozenClock, text: str):
    """Anybody may post to a court."""
    with pytest.raises(LogoutTokenRefusedError):
        read(provider, clock, text)


def test_a_payload_that_is_no_object_is_refused(provider: Provider, clock: FrozenClock):
    """Signed or not."""
    token = jws.serialize_compact(HEADER, b"[]", KEY, algorithms=["ES256"])
    with pytest.raises(LogoutTokenRefusedError):
        read(provider, clock, token)


def test_a_token_is_believed_once(provider: Provider, clock: FrozenClock):
    """Whoever caught one cannot end the next session with it."""
    with pytest.raises(LogoutTokenRefusedError, match="not accepted"):
        read(provider, clock, made(), made())
    assert len(read(provider, clock, made(), made(jti="second"))) == 2


def test_a_new_key_is_looked_for(provider: Provider, clock: FrozenClock):
    """Keys rotate; but strangers cannot make a court ask again and again."""

    async def rotate(reader: LogoutTokens) -> None:
        await reader.read(made())
        provider.keys = [KEY, OTHER]
        await reader.read(made(key=OTHER, header={"kid": "two"}, jti="second"))
        for number in range(20):
            with pytest.raises(LogoutTokenRefusedError):
                await reader.read(made(header={"kid": f"unknown-{number}"}))

    provider.let(rotate, clock)
    assert provider.asked == 2
    assert logout_tokens.FETCH_APART_SECONDS == 60


def test_a_provider_without_keys_is_asked_again(provider: Provider, clock: FrozenClock):
    """It is no refusal: the provider will send the token once more."""
    provider.status = 503
    with pytest.raises(UnreachableError):
        read(provider, clock, made())


@pytest.mark.parametrize(
    ("subject", "session_id", "left"),
    [
        ("ada", "desk", ["ada@home", "bob@desk"]),
        ("ada", None, ["bob@desk"]),
        (None, "home", ["ada@desk", "bob@desk"]),
        ("bob", "home", ["ada@desk", "ada@home", "bob@desk"]),
    ],
)
def test_it_ends_what_it_names(
    clock: FrozenClock, subject: str | None, session_id: str | None, left: list[str]
):
    """One session, or all of a person's; a browser that is not signed in keeps its sign-in."""
    sessions = CourtSessions(clock)
    waiting = sessions.start()
    named = {}
    for name in ("ada@desk", "ada@home", "bob@desk"):
        sub, _, sid = name.partition("@")
        named[name] = sessions.start()
        named[name].signed_in = SignedIn("a", "r", "i", {}, {"sub": sub, "sid": sid}, 0)
    sessions.end_of(SignedOut(subject, session_id))
    now = {name: sessions.find(one.token) for name, one in named.items()}
    assert [name for name, one in now.items() if one and one.signed_in] == left
    assert [name for name, one in now.items() if one and not one.is_over] == left
    assert sessions.find(waiting.token) is waiting
