"""Signing keys as they are stored: their kinds, their states, their sealed private parts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import Select, select

from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import NotFoundError
from signon.prepared import every, one
from signon.tokens.models import signing_keys

RSA_BITS = 3072
"""Our number for RSA (section 3 of the security rules); NIST SP 800-57 trusts 2048 to 2030."""

AsymmetricKey = RSAKey | ECKey | OKPKey
KEY_TYPES: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {
    "RS256": RSAKey,
    "ES256": ECKey,
    "PS256": RSAKey,
    "Ed25519": OKPKey,
}
_MAKERS: dict[str, Callable[[], AsymmetricKey]] = {
    "RS256": lambda: RSAKey.generate_key(RSA_BITS),
    "ES256": lambda: ECKey.generate_key("P-256"),
    "PS256": lambda: RSAKey.generate_key(RSA_BITS),
    "Ed25519": lambda: OKPKey.generate_key("Ed25519"),
}
ALGORITHMS = tuple(KEY_TYPES)
"""What a signing key may be for (RFC 7518, RFC 9864), in the order in which we name them."""


class KeyState(StrEnum):
    """Where a key stands in its life, in the order of the JWKS."""

    ACTIVE = "active"
    NEXT = "next"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A signing key without its private part."""

    kid: str
    alg: str
    public: dict[str, Any]
    created_at: datetime
    active_from: datetime
    retired_at: datetime | None
    published_until: datetime | None

    def state(self, now: datetime) -> KeyState:
        """The state at a moment."""
        if self.published_until is not None and self.published_until <= now:
            return KeyState.WITHDRAWN
        if self.retired_at is not None and self.retired_at <= now:
            return KeyState.RETIRED
        return KeyState.NEXT if self.active_from > now else KeyState.ACTIVE


def generate(alg: str) -> AsymmetricKey:
    """A new private key for an algorithm. An RSA key takes a good part of a second."""
    return _MAKERS[alg]()


def all_keys(unit: Unit) -> list[StoredKey]:
    """Every key that there ever was, in the order of the algorithms, newest first."""
    return sorted(_all(unit), key=lambda key: ALGORITHMS.index(key.alg))


def find(unit: Unit, kid: str) -> StoredKey:
    """One key. Raises NotFoundError."""
    found = _one(unit, kid)
    if found is None:
        raise NotFoundError(f"There is no signing key {kid[:64]!r}: `signon keys list` shows all.")
    return found


def active_algorithms(unit: Unit) -> tuple[str, ...]:
    """The algorithms that have an active key."""
    return tuple(key.alg for key in all_keys(unit) if key.state(unit.now) is KeyState.ACTIVE)


def seal_private(ring: KeyRing, kid: str, key: AsymmetricKey) -> bytes:
    """A private key as its row holds it: PKCS #8, sealed for its `kid`."""
    assert key.private_key is not None
    der = key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return ring.seal(der, seal_context(kid))


def open_private(ring: KeyRing, kid: str, alg: str, sealed: bytes) -> AsymmetricKey:
    """A private key out of its row. Raises UnsealError.

    RSA's consistency check takes a tenth of a second and is left out: the seal has shown that
    these are the very bytes that we made.
    """
    der = ring.open(sealed, seal_context(kid))
    loaded: Any = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    return KEY_TYPES[alg].import_key(loaded)


def seal_context(kid: str) -> str:
    """What a private key is sealed for."""
    return f"signing-key:{kid}"


KEY_COLUMNS = (
    signing_keys.c.kid,
    signing_keys.c.alg,
    signing_keys.c.public,
    signing_keys.c.created_at,
    signing_keys.c.active_from,
    signing_keys.c.retired_at,
    signing_keys.c.published_until,
)
"""What a `StoredKey` is made of."""
_Keys = Select[str, str, dict[str, Any], datetime, datetime, datetime | None, datetime | None]


@every(StoredKey)
def _all() -> _Keys:
    newest_first = signing_keys.c.active_from.desc(), signing_keys.c.kid
    return select(*KEY_COLUMNS).order_by(*newest_first)


@one(StoredKey)
def _one(kid: str) -> _Keys:
    return select(*KEY_COLUMNS).where(signing_keys.c.kid == kid)
