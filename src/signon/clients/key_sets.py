"""A client's public keys as a JWK Set (RFC 7517): what may be registered, what may be used.

Registered sets are held to every rule, so that a mistake is found when it is made. Of a set
that is fetched from a client's `jwks_uri`, keys for other uses are passed over (section 5).
"""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from signon.errors import InputError

MAX_KEYS = 20
MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
"""NIST SP 800-131A's least; beyond the most a signature costs more than it proves."""
LONGEST_KID = 256
CURVES = {"EC": "P-256", "OKP": "Ed25519"}
ALGORITHMS = {"RSA": ("RS256", "PS256"), "EC": ("ES256",), "OKP": ("Ed25519", "EdDSA")}
"""What a key of each type may be for, if it says so."""
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
PUBLIC_MEMBERS = ("kty", "kid", "use", "key_ops", "alg", "n", "e", "crv", "x", "y")
"""What is kept of a key; certificates and addresses are never looked at."""
KEY_TYPES: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {
    "RSA": RSAKey,
    "EC": ECKey,
    "OKP": OKPKey,
}
MALFORMED = (JoseError, ValueError, TypeError, KeyError, AttributeError)
"""What reading a broken key raises."""

Jwks = dict[str, list[dict[str, Any]]]


def checked(document: object) -> Jwks:
    """The set as it is stored: public members only. Raises InputError, naming the bad key."""
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list) or not keys:
        raise _refused("is not one: it needs a list `keys` with a key in it")
    if len(keys) > MAX_KEYS:
        raise _refused(f"has more than {MAX_KEYS} keys")
    for number, key in enumerate(keys, 1):
        if reason := problem(key):
            raise _refused(f"cannot be used: key {number} {reason}")
    kids = [key.get("kid") for key in keys]
    if len(keys) > 1 and None in kids:
        raise _refused("has several keys: each needs a kid")
    if len(set(kids)) != len(kids):
        raise _refused("has two keys with the same kid")
    return {"keys": [public(key) for key in keys]}


def usable(document: Mapping[str, Any]) -> Jwks:
    """A fetched set without the keys that cannot verify a signature here."""
    keys = document.get("keys")
    found = keys[: 2 * MAX_KEYS] if isinstance(keys, list) else []
    return {"keys": [public(key) for key in found if problem(key) is None][:MAX_KEYS]}


def problem(key: object) -> str | None:
    """What keeps a key from verifying a client's signatures, or None."""
    if not isinstance(key, Mapping):
        return "is not an object"
    if PRIVATE_MEMBERS & set(key):
        return "holds a private part: register the public key, and make a new pair"
    kind = key.get("kty")
    if not isinstance(kind, str) or kind not in KEY_TYPES:
        return f"is of another type than {', '.join(KEY_TYPES)}"
    if kind in CURVES and key.get("crv") != CURVES[kind]:
        return f"is on another curve than {CURVES[kind]}"
    return _problem_with_use(key, kind) or _problem_with_value(key, kind)


def _problem_with_use(key: Mapping[Any, Any], kind: str) -> str | None:
    kid = key.get("kid")
    if kid is not None and not _is_name(kid):
        return f"has a kid that is not a text of 1 to {LONGEST_KID} characters"
    if key.get("use", "sig") != "sig":
        return 'is not for signatures: its use must be "sig"'
    if "verify" not in (key.get("key_ops") or ["verify"]):
        return 'is not for verifying: its key_ops must hold "verify"'
    if key.get("alg") not in {None, *ALGORITHMS[kind]}:
        return f"is for another algorithm than {' or '.join(ALGORITHMS[kind])}"
    return None


def _is_name(kid: object) -> bool:
    return isinstance(kid, str) and 1 <= len(kid) <= LONGEST_KID and kid.isprintable()


def _problem_with_value(key: Mapping[Any, Any], kind: str) -> str | None:
    try:
        if kind == "RSA":
            bits = int.from_bytes(urlsafe_b64decode(key["n"].encode())).bit_length()
            if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS:
                return f"has {bits} bits: RSA keys need {MIN_RSA_BITS} to {MAX_RSA_BITS}"
        KEY_TYPES[kind].import_key(public(key))
    except MALFORMED:
        return f"is not a well-formed {kind} key"
    return None


def public(key: Mapping[Any, Any]) -> dict[str, Any]:
    """The key without whatever else it says."""
    return {name: key[name] for name in PUBLIC_MEMBERS if name in key}


def _refused(why: str) -> InputError:
    return InputError(f"The JWK Set {why}.", field="jwks")
