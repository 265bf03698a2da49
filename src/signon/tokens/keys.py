"""Signing and verifying tokens with the provider's own keys.

`SigningKeys` is what the server holds; `PublishedKeys` is what it gives out: a frozen view of the
keys that are published, which threads and tasks may share. What it signs is read again by the
same rules: compact form only, our own `kid`, the key's own algorithm, a header of three members.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64encode
from sqlalchemy import Select, select

from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import BusyError, InputError, NotReadyError
from signon.prepared import every
from signon.snapshots import Snapshot
from signon.tokens.models import signing_keys
from signon.tokens.stored_keys import (
    ALGORITHMS,
    KEY_COLUMNS,
    KEY_TYPES,
    AsymmetricKey,
    KeyState,
    StoredKey,
    open_private,
)

CACHE_SECONDS = 30
"""How long a process may go on with the keys it knows; much less than any overlap."""
LOOK_EVERY = timedelta(seconds=1)
"""How often it looks whether somebody has changed them: a retired key signs no longer than that."""
OUTAGE_SECONDS = 3600
"""The same while the database is silent: whoever verifies tokens of ours may go on, and nothing is
issued by them, since whoever asks for a token is read from the database."""
LONGEST_TOKEN = 8 * 1024
"""Characters of a token that is looked at (security rules, section 2)."""
MALFORMED = (JoseError, ValueError, TypeError, AttributeError, RecursionError)
"""What reading garbage raises; joserfc does not ask whether a header is an object."""
REMEMBERED = "at+jwt"
"""The type of the tokens whose verified claims are remembered, by the token's SHA-256."""
MOST_REMEMBERED = 1000
"""How many; then all are forgotten, as they are with every new view of the keys."""
HEADER = {"alg", "kid", "typ"}
"""The header members of our tokens: all of them, and no other."""


class BadTokenError(InputError):
    """A token that we did not sign, or not as this kind; `detail` says why, for the log."""

    def __init__(self, detail: str) -> None:
        super().__init__("The token cannot be used: it was not issued here, or not for this use.")
        self.detail = detail


class Signer:
    """An active key; signs for one algorithm."""

    __slots__ = ("_heads", "_signature", "alg", "kid")

    def __init__(self, kid: str, alg: str, key: AsymmetricKey) -> None:
        self.kid = kid
        self.alg = alg
        self._signature = _signature_with(alg, key)
        self._heads: dict[str, bytes] = {}

    def sign(self, claims: Mapping[str, Any], typ: str) -> str:
        """A compact JWS over the claims (RFC 7515 section 3.1).

        `typ` keeps tokens of one kind from being taken for another (RFC 8725 section 3.11).
        """
        head = self._heads.get(typ)
        if head is None:  # the same for every token of a kind
            head = self._heads[typ] = _segment({"alg": self.alg, "kid": self.kid, "typ": typ})
        signed = head + b"." + _segment(claims)
        return (signed + b"." + urlsafe_b64encode(self._signature(signed))).decode()


@dataclass(frozen=True, slots=True)
class Verifier:
    """A published key's public part."""

    kid: str
    alg: str
    key: AsymmetricKey
    registry: jws.JWSRegistry


@dataclass(frozen=True, slots=True)
class PublishedKeys:
    """The published keys at one moment."""

    algorithms: tuple[str, ...]
    """Those that have an active key: what may be announced and chosen."""
    jwks_json: bytes
    """The JWK Set (RFC 7517), public members only."""
    etag: str
    """An entity tag for `jwks_json`, with its quotation marks."""
    signers: Mapping[str, Signer]
    verifiers: Mapping[str, Verifier]
    stored: tuple[StoredKey, ...] = ()
    """Their rows, for whoever watches their age."""
    _verified: dict[bytes, Mapping[str, Any]] = field(default_factory=dict, compare=False)

    def signer(self, alg: str) -> Signer:
        """The active key of an algorithm. Raises NotReadyError."""
        try:
            return self.signers[alg]
        except KeyError:
            raise NotReadyError(
                f"There is no active {alg} key: run `signon keys rotate --alg {alg}`."
            ) from None

    def verify(
        self, token: str, *, typ: str, algorithms: Collection[str] = ALGORITHMS
    ) -> Mapping[str, Any]:
        """The claims of a token that one of these keys signed, as this type.

        Looks at the signature only: issuer, audience and time are for the caller to check, at
        every use. An access token's signature is not computed again as long as these are the
        keys: tokens come many times, and elliptic curves are dear.
        Raises BadTokenError.
        """
        if len(token) > LONGEST_TOKEN or not token.isascii() or token.count(".") != 2:
            raise BadTokenError("too long, or not a compact JWS")
        if typ != REMEMBERED or algorithms is not ALGORITHMS:
            return self._verify(token, typ, algorithms)
        place = hashlib.sha256(token.encode()).digest()
        claims = self._verified.get(place)
        if claims is None:
            claims = self._verify(token, typ, algorithms)
            if len(self._verified) >= MOST_REMEMBERED:
                self._verified.clear()
            self._verified[place] = claims
        return claims

    def _verify(self, token: str, typ: str, algorithms: Collection[str]) -> dict[str, Any]:
        try:
            read = jws.extract_compact(token.encode())
            verifier = self._verifier(read.headers(), typ, algorithms)
            if not jws.validate_compact(read, verifier.key, registry=verifier.registry):
                raise BadTokenError("the signature is wrong")
            claims = json.loads(read.payload)
        except MALFORMED as error:
            raise BadTokenError(f"malformed: {type(error).__name__}") from error
        if not isinstance(claims, dict):
            raise BadTokenError("the payload is not an object")
        return claims

    def _verifier(
        self, header: Mapping[str, Any], typ: str, algorithms: Collection[str]
    ) -> Verifier:
        """The key that may have signed a token with this header.

        The header only chooses among our own keys: `jwk`, `jku`, `x5u`, `x5c` and `crit` are
        refused with every other member that we never write.
        """
        if set(header) != HEADER or header["typ"] != typ:
            raise BadTokenError("not the header of such a token")
        kid = header["kid"]
        verifier = self.verifiers.get(kid) if isinstance(kid, str) else None
        if verifier is None:
            raise BadTokenError("signed with a key that is not ours, or not any more")
        if header["alg"] != verifier.alg or verifier.alg not in algorithms:
            raise BadTokenError("an algorithm that is not allowed here")
        return verifier


@dataclass(frozen=True, slots=True)
class Parsed:
    """Keys by `kid` that need not be parsed again."""

    signers: dict[str, Signer] = field(default_factory=dict)
    verifiers: dict[str, Verifier] = field(default_factory=dict)


class SigningKeys:
    """The provider's keys as the server uses them, read anew every `CACHE_SECONDS`, and when `look`
    finds that they were changed.
    """

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._ring = ring
        self._database = database
        self._lives: list[_Life] | None = None
        self._parsed = Parsed()
        self._snapshot = Snapshot(
            self._read, database, seconds=CACHE_SECONDS, outage=OUTAGE_SECONDS
        )

    async def get(self) -> PublishedKeys:
        """The published keys. Raises NotReadyError when there are none."""
        return await self._snapshot.get()

    def at_hand(self) -> PublishedKeys | None:
        """The same without waiting, as long as they need not be read anew."""
        return self._snapshot.fresh()

    async def look(self) -> None:
        """Read anew if a key came or was retired, in whatever process."""
        # while the database is silent, what is known goes on
        with suppress(BusyError, NotReadyError):
            lives = await self._database.read(_all_lives)
            before, self._lives = self._lives, lives
            if before is not None and lives != before:
                self.forget()
                await self.get()

    def forget(self) -> None:
        """Read anew at the next use (after a change in this very process)."""
        self._snapshot.forget()

    def _read(self, unit: Unit) -> PublishedKeys:
        return read(unit, self._ring, self._parsed)


def read(unit: Unit, ring: KeyRing, parsed: Parsed | None = None) -> PublishedKeys:
    """The keys that are published now; `parsed` remembers what was parsed before.

    Raises NotReadyError when no key is active, UnsealError when an active one does not open.
    """
    parsed = parsed or Parsed()
    found = _published(unit, unit.now)
    sealed = {key.kid: private for private, key in found}
    published = sorted([(key.state(unit.now), key) for _, key in found], key=_order)
    signers = {
        key.alg: _signer(ring, key, sealed[key.kid], parsed)
        for state, key in published
        if state is KeyState.ACTIVE
    }
    if not signers:
        raise NotReadyError("There are no signing keys: run `signon keys rotate`.")
    jwks = _to_json({"keys": [key.public for _, key in published]}).encode()
    return PublishedKeys(
        algorithms=tuple(signers),
        jwks_json=jwks,
        etag=f'"{base64.urlsafe_b64encode(hashlib.sha256(jwks).digest()[:15]).decode()}"',
        signers=signers,
        verifiers={key.kid: _verifier(key, parsed) for _, key in published},
        stored=tuple(key for _, key in published),
    )


def _order(entry: tuple[KeyState, StoredKey]) -> tuple[int, int, str]:
    """Active keys first, as some relying parties only look at the first of a kind."""
    state, key = entry
    return list(KeyState).index(state), ALGORITHMS.index(key.alg), key.kid


def _signer(ring: KeyRing, key: StoredKey, sealed: bytes, parsed: Parsed) -> Signer:
    if key.kid not in parsed.signers:
        private = open_private(ring, key.kid, key.alg, sealed)
        parsed.signers[key.kid] = Signer(key.kid, key.alg, private)
    return parsed.signers[key.kid]


def _verifier(key: StoredKey, parsed: Parsed) -> Verifier:
    if key.kid not in parsed.verifiers:
        public = KEY_TYPES[key.alg].import_key(key.public)
        registry = jws.JWSRegistry(algorithms=[key.alg])
        parsed.verifiers[key.kid] = Verifier(key.kid, key.alg, public, registry)
    return parsed.verifiers[key.kid]


def _signature_with(alg: str, key: AsymmetricKey) -> Callable[[bytes], bytes]:
    """What signs with a key; joserfc's ES256 would cost as much again as the curve does."""
    algorithm = jws.JWSRegistry(algorithms=[alg]).get_alg(alg)
    algorithm.check_key(key)
    private = key.private_key
    if alg != "ES256" or not isinstance(private, EllipticCurvePrivateKey):
        return lambda data: algorithm.sign(data, key)
    scheme = ECDSA(SHA256())

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, scheme))
        # RFC 7518 section 3.4: both as 32 bytes, one after the other
        return r.to_bytes(32) + s.to_bytes(32)

    return sign


def _segment(members: Mapping[str, Any]) -> bytes:
    return urlsafe_b64encode(_to_json(members).encode())


_to_json = json.JSONEncoder(
    separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


def _with_private(private: bytes, *key: Any) -> tuple[bytes, StoredKey]:
    return private, StoredKey(*key)


class _Life(NamedTuple):
    kid: str
    active_from: datetime
    retired_at: datetime | None
    published_until: datetime | None


@every(_Life)
def _all_lives() -> Select[str, datetime, datetime | None, datetime | None]:
    lives = [signing_keys.c[name] for name in _Life._fields]
    found: Select[Any] = select(*lives).order_by(signing_keys.c.kid)
    return found


@every(_with_private)
def _published(now: datetime) -> Select[Any]:
    end = signing_keys.c.published_until
    found: Select[Any] = select(signing_keys.c.private, *KEY_COLUMNS)
    return found.where(end.is_(None) | (end > now))
