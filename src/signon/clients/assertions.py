"""Client assertions: `private_key_jwt` (OpenID Connect Core section 9, RFC 7523 section 3).

A client signs a short statement with its own key instead of sending a secret. Its public keys
are registered, or fetched from its `jwks_uri` through the outbound guard.
"""

import asyncio
import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import Insert
from sqlalchemy.dialects.postgresql import insert

from signon.clients import key_sets
from signon.clients.models import assertions
from signon.clients.registry import Client
from signon.clients.signatures import ClientSignatures
from signon.db import Unit
from signon.errors import SignonError
from signon.outbound import Outbound, OutboundError
from signon.prepared import change
from signon.texts import read_json

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST = 8 * 1024
LONGEST_LIFE = timedelta(minutes=60)
SKEW = timedelta(seconds=60)
FETCH_APART_SECONDS = 60.0
KEEP_SECONDS = 600.0
"""How long fetched keys are kept where their answer says nothing of it."""
LONGEST_KEPT = 3600.0
MALFORMED = (JoseError, ValueError, TypeError, AttributeError, KeyError, RecursionError)


class AssertionRefusedError(SignonError):
    """The assertion does not prove the client; `detail` says why, for the log."""

    def __init__(self, detail: str) -> None:
        super().__init__("The client assertion cannot be used.", detail=detail)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A verified assertion; it proves its client only once it has been spent."""

    digest: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Fetched:
    """The keys that were fetched last, and why the last fetch brought none.

    Times are of the process's own clock.
    """

    tried_at: float
    failure: str
    keys: Mapping[str, Any] | None = None
    keys_until: float = float("-inf")

    @property
    def fresh(self) -> Mapping[str, Any] | None:
        """The keys while they are young enough."""
        return self.keys if time.monotonic() < self.keys_until else None

    def serves(self, kid: str | None) -> bool:
        """Whether it answers for that key, so that nothing is fetched."""
        if time.monotonic() - self.tried_at < FETCH_APART_SECONDS:
            return True
        return self.fresh is not None and _has(self.fresh, kid)


NOTHING = _Fetched(float("-inf"), "was never fetched")


class ClientKeys:
    """The public keys of clients: registered ones, and fetched ones for a while."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._fetched: dict[str, _Fetched] = defaultdict(lambda: NOTHING)
        self._fetching: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, client: Client, kid: str | None) -> KeySet:
        """The client's keys. Raises AssertionRefusedError when it has none.

        A `kid` that the fetched set lacks makes it fetch again. Any stranger can ask for that,
        so fetches from one address are a minute apart, failed ones too, and never two at once.
        """
        if client.jwks is not None:
            return _key_set(client.jwks)
        if (uri := client.jwks_uri) is None:
            raise AssertionRefusedError("the client has no keys")
        if not self._fetched[uri].serves(kid):
            async with self._fetching[uri]:
                if not self._fetched[uri].serves(kid):
                    self._fetched[uri] = await self._fetch(uri, self._fetched[uri])
        kept = self._fetched[uri]
        if kept.fresh is None:
            raise AssertionRefusedError(f"jwks_uri: {kept.failure}")
        return _key_set(kept.fresh)

    async def _fetch(self, uri: str, before: _Fetched) -> _Fetched:
        """What is there now; a failure takes nothing away that is still fresh."""
        failure = "does not answer with a JWK Set"
        try:
            answer = await self._outbound.get(uri)
            found = read_json(answer.body) if answer.status == 200 else None
            kept = _kept_for(answer.caching)
        except (OutboundError, ValueError) as error:
            found, kept, failure = None, 0.0, repr(error)
        now = time.monotonic()
        if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
            return replace(before, tried_at=now, failure=failure)
        return _Fetched(now, "", key_sets.usable(found), now + kept)


def _kept_for(caching: str) -> float:
    """For how many seconds an answer may be kept (RFC 9111 section 5.2.2), within our bounds."""
    said = re.search(r"(?:^|[,\s])max-age=\"?([0-9]{1,9})", caching.lower())
    if re.search(r"\bno-(?:store|cache)\b", caching.lower()):
        return FETCH_APART_SECONDS
    return min(max(float(said[1]), FETCH_APART_SECONDS), LONGEST_KEPT) if said else KEEP_SECONDS


def header_of(token: str) -> Mapping[str, Any]:
    """The unverified header, to find the key by. Raises AssertionRefusedError."""
    try:
        if len(token) > LONGEST or token.count(".") != 2:
            raise AssertionRefusedError("too long, or not a compact JWS")
        return dict(jws.extract_compact(token.encode()).headers())
    except MALFORMED as error:
        raise AssertionRefusedError(f"malformed: {type(error).__name__}") from error


def subject_of(token: str) -> str:
    """The client that an unverified assertion speaks of. Raises AssertionRefusedError."""
    try:
        claims = read_json(jws.extract_compact(token.encode()).payload)
        return str(claims["sub"])
    except MALFORMED as error:
        raise AssertionRefusedError(f"malformed: {type(error).__name__}") from error


def verify(
    token: str, client: Client, keys: KeySet, *, audiences: Collection[str], now: datetime
) -> Assertion:
    """Check signature and claims. Raises AssertionRefusedError.

    `audiences` are the values that `aud` may have: one string, never a list.
    """
    claims = signed_claims(token, keys, client.rules.signatures)
    # RFC 7523 section 3: "iss" and "sub" are the client_id
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise AssertionRefusedError("iss and sub must be the client_id")
    if claims.get("aud") not in tuple(audiences):
        raise AssertionRefusedError("aud must be the issuer")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 256:
        raise AssertionRefusedError("jti is missing")
    expires_at = _times(claims, now)
    digest = hashlib.sha256(f"{client.id}\0{jti}".encode("utf-8", "surrogatepass")).digest()
    return Assertion(digest, expires_at + SKEW)


def spend(unit: Unit, assertion: Assertion) -> bool:
    """Use the assertion, once; False when it was used before."""
    return _spend(unit, assertion.digest, assertion.expires_at) == 1


def signed_claims(token: str, keys: KeySet, algorithms: Collection[str]) -> dict[str, Any]:
    """The claims of a JWT that one of a client's keys signed. Raises AssertionRefusedError."""
    header = header_of(token)
    if header.get("alg") not in algorithms or "crit" in header:
        raise AssertionRefusedError("an algorithm that is not allowed")
    try:
        registry = ClientSignatures(list(algorithms))
        claims = read_json(jws.deserialize_compact(token, keys, registry=registry).payload)
    except MALFORMED as error:
        raise AssertionRefusedError(f"signature: {type(error).__name__}") from error
    if not isinstance(claims, dict):
        raise AssertionRefusedError("the payload is not an object")
    return claims


def _times(claims: Mapping[str, Any], now: datetime) -> datetime:
    """When it expires, if it holds now (FAPI 2.0 5.3.2.1: 60 seconds of skew at most)."""
    expires_at = moment(claims, "exp")
    starts = [moment(claims, name) for name in ("iat", "nbf") if name in claims]
    if expires_at <= now or expires_at > now + LONGEST_LIFE + SKEW:
        raise AssertionRefusedError("it has expired, or lives too long")
    if any(start > now + SKEW for start in starts):
        raise AssertionRefusedError("it is from the future")
    return expires_at


def moment(claims: Mapping[str, Any], name: str) -> datetime:
    """A moment that a JWT names (RFC 7519 section 2). Raises AssertionRefusedError."""
    try:
        return datetime.fromtimestamp(float(claims[name]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise AssertionRefusedError(f"{name} is missing or no number") from error


def _has(jwks: Mapping[str, Any], kid: str | None) -> bool:
    return kid is None or any(key.get("kid") == kid for key in jwks["keys"] if key)


def _key_set(jwks: Mapping[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set({"keys": list(jwks["keys"])})
    except MALFORMED as error:
        raise AssertionRefusedError(f"keys: {type(error).__name__}") from error


@change
def _spend(digest: bytes, expires_at: datetime) -> Insert:
    used = insert(assertions).values(digest=digest, expires_at=expires_at)
    return used.on_conflict_do_nothing()
