"""Proofs of possession (RFC 9449): a client shows with each request that it holds a key.

A proof is a JWT that names its own public key and the request that it is for. What it is held to
is section 4.3, one rule a function; a proof is good once, at whichever process it comes.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws
from sqlalchemy import Insert
from sqlalchemy.dialects.postgresql import insert

from signon.clients import key_sets
from signon.clients.profiles import STRONG
from signon.clients.signatures import ClientSignatures
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import SignonError
from signon.prepared import change
from signon.texts import read_json
from signon.tokens.models import dpop_proofs
from signon.web.presented import Presented

TYPE = "dpop+jwt"
NONCE_HEADER = "dpop-nonce"
ALGORITHMS = STRONG
INVALID, USE_NONCE = "invalid_dpop_proof", "use_dpop_nonce"
LONGEST = 8 * 1024
LONGEST_JTI = 256
SKEW = timedelta(seconds=60)
"""How far the clock of whoever made a proof may be from ours, either way."""
DEFAULT_PORTS = {"http": 80, "https": 443}
MALFORMED = (*key_sets.MALFORMED, RecursionError, OverflowError, OSError)
Members = Mapping[str, Any]
_REGISTRY = ClientSignatures(ALGORITHMS, longest_header=LONGEST)  # an RSA key stands in it


class ProofError(SignonError):
    """The proof proves nothing; `code` is the wire's word, `detail` says why in plain words."""

    def __init__(self, detail: str, code: str = INVALID) -> None:
        super().__init__("The DPoP proof cannot be used.", detail=detail)
        self.description = detail
        self.code = code


class Nonces:
    """What proofs have to repeat, if an operator says so: a keyed value of the time, kept nowhere.

    A nonce holds for the span that it was made in and for the next one. Every process of one key
    ring makes the same.
    """

    PURPOSE = "dpop-nonce"

    def __init__(self, ring: KeyRing, seconds: int) -> None:
        self._ring = ring
        self._seconds = seconds

    @property
    def are_asked_for(self) -> bool:
        """Whether a proof needs one."""
        return self._seconds > 0

    def current(self, now: datetime) -> str:
        """The one to use from now on."""
        return _encoded(self._ring.mac(self.PURPOSE, str(self._span(now)).encode()))

    def holds(self, nonce: object, now: datetime) -> bool:
        """Whether we gave it a short time ago; a replica's clock may be a little ahead."""
        span = self._span(now)
        try:
            tag = base64.urlsafe_b64decode(f"{nonce}=")
        except ValueError:
            return False
        return any(
            self._ring.verify_mac(self.PURPOSE, str(known).encode(), tag)
            for known in (span, span - 1, span + 1)
        )

    def _span(self, now: datetime) -> int:
        return int(now.timestamp()) // self._seconds


@dataclass(frozen=True, slots=True)
class Asked:
    """The request that a proof has to be for.

    With an access token comes `jkt`, the thumbprint of the key that it is bound to.
    """

    method: str
    address: str
    now: datetime
    access_token: str | None = None
    jkt: str | None = None
    nonces: Nonces | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified proof: whose key it shows. It has to be spent."""

    jkt: str
    digest: bytes
    expires_at: datetime


Check = Callable[[Members, Asked], None]
"""Of a proof's claims. Raises ProofError when the rule is broken."""


def verify(proof: str, asked: Asked) -> Proof:
    """A proof that holds for this request. Raises ProofError."""
    try:
        claims, jkt = _signed(proof)
        for check in CHECKS:
            check(claims, asked)
        issued = _moment(claims, "iat")
    except MALFORMED as error:
        raise ProofError(f"malformed: {type(error).__name__}") from error
    if asked.jkt is not None and jkt != asked.jkt:
        raise ProofError("the key is not the one that the token is bound to")
    identity = hashlib.sha256(f"{jkt}\0{claims['jti']}".encode()).digest()
    return Proof(jkt, identity, issued + SKEW)


def check_header(header: Members) -> None:
    """A proof and nothing else, signed by an asymmetric algorithm, with a public key of its own."""
    if str(header.get("typ")).lower() != TYPE:
        raise ProofError(f"typ must be {TYPE}")
    if header.get("alg") not in ALGORITHMS:
        raise ProofError(f"alg must be one of {' '.join(ALGORITHMS)}")
    if "crit" in header:
        raise ProofError("crit is not understood")
    if problem := key_sets.problem(header.get("jwk")):
        raise ProofError(f"the jwk {problem}")


def check_identity(claims: Members, _: Asked) -> None:
    """A `jti`, by which a second use is seen."""
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= LONGEST_JTI:
        raise ProofError("jti is missing, or too long")


def check_method(claims: Members, asked: Asked) -> None:
    """`htm` is the request's method."""
    if claims.get("htm") != asked.method:
        raise ProofError("htm is another method")


def check_address(claims: Members, asked: Asked) -> None:
    """`htu` is the request's address, query and fragment aside (RFC 3986 section 6.2)."""
    htu = claims.get("htu")
    if not isinstance(htu, str) or _place(htu) != _place(asked.address):
        raise ProofError("htu is another address")


def check_time(claims: Members, asked: Asked) -> None:
    """Made just now; where it says itself how long it holds, that is kept too."""
    if abs(asked.now - _moment(claims, "iat")) > SKEW:
        raise ProofError("iat is too far from now")
    if "exp" in claims and _moment(claims, "exp") <= asked.now - SKEW:
        raise ProofError("it has expired")
    if "nbf" in claims and _moment(claims, "nbf") > asked.now + SKEW:
        raise ProofError("nbf is in the future")


def check_token(claims: Members, asked: Asked) -> None:
    """`ath` is the access token's hash."""
    if asked.access_token is None:
        return
    wanted = _encoded(hashlib.sha256(asked.access_token.encode()).digest())
    if not compare_digest(str(claims.get("ath")).encode(), wanted.encode()):
        raise ProofError("ath is not the hash of the access token")


def check_nonce(claims: Members, asked: Asked) -> None:
    """A nonce of ours, where they are asked for (section 8)."""
    nonces = asked.nonces
    if nonces and nonces.are_asked_for and not nonces.holds(claims.get("nonce"), asked.now):
        raise ProofError("a nonce of this server is needed", USE_NONCE)


CHECKS: tuple[Check, ...] = (
    check_identity,
    check_method,
    check_address,
    check_time,
    check_token,
    check_nonce,
)


class Proofs:
    """Reads the proofs of requests to one server, and spends them."""

    def __init__(self, settings: Settings, database: Database, ring: KeyRing) -> None:
        self._issuer = settings.issuer
        self._database = database
        self._nonces = Nonces(ring, settings.dpop_nonce_seconds)

    async def of(
        self, shown: Presented, *, access_token: str | None = None, jkt: str | None = None
    ) -> str | None:
        """The thumbprint of the key that a request shows, or None when it shows none.

        Raises ProofError: the proof is not for this request and token, or was used before.
        """
        if not shown.proofs:
            return None
        if len(shown.proofs) > 1:
            raise ProofError("there is more than one")
        # never the Host header's address, which is the sender's choice
        address = self._issuer + shown.path
        now = self._database.clock()
        asked = Asked(shown.method, address, now, access_token, jkt, self._nonces)
        proof = verify(shown.proofs[0], asked)
        if not await self._database.write(spend, proof):
            raise ProofError("the jti was used before")
        return proof.jkt

    def reminder(self, shown: Presented) -> dict[str, str]:
        """The header that tells whoever sends proofs the nonce to use next (section 8.2)."""
        if self._nonces.are_asked_for and shown.proofs:
            return {NONCE_HEADER: self._nonces.current(self._database.clock())}
        return {}


def spend(unit: Unit, proof: Proof) -> bool:
    """Use the proof, once; False when it was used before (section 11.1)."""
    return _spend(unit, proof.digest, proof.expires_at) == 1


def _signed(proof: str) -> tuple[Members, str]:
    """The claims, and the thumbprint (RFC 7638) of the key that signed them."""
    if len(proof) > LONGEST or not proof.isascii() or proof.count(".") != 2:
        raise ProofError("too long, or not a compact JWS")
    found = jws.extract_compact(proof.encode(), registry=_REGISTRY)
    header = found.headers()
    if not isinstance(header, dict):
        raise ProofError("the header is not an object")
    check_header(header)
    key = key_sets.KEY_TYPES[header["jwk"]["kty"]].import_key(key_sets.public(header["jwk"]))
    if not jws.validate_compact(found, key, registry=_REGISTRY):
        raise ProofError("the signature is wrong")
    claims = read_json(found.payload)
    if not isinstance(claims, dict):
        raise ProofError("the payload is not an object")
    return claims, key.thumbprint()


def _moment(claims: Members, name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProofError(f"{name} is missing, or no number")
    return datetime.fromtimestamp(value, UTC)


def _place(address: str) -> tuple[str, str | None, int | None, str]:
    parts = urlsplit(address)
    scheme = parts.scheme.lower()
    return scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(scheme), parts.path or "/"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@change
def _spend(digest: bytes, expires_at: datetime) -> Insert:
    used = insert(dpop_proofs).values(digest=digest, expires_at=expires_at)
    return used.on_conflict_do_nothing()
