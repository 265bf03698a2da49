"""How each foreign password notation is recognised, read and computed again.

A table at the end holds one `Form` a scheme. A form brings a notation into one spelling, in which
it is *settings* (scheme, cost, salt) and then *digest*; from the settings and a password it
computes the digest. What is accepted, refused and stored is decided in `foreign_hashes`.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_BCRYPT_ALPHABET: Final = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class Form:
    """How one scheme is recognised, read and computed."""

    opening: re.Pattern[str]
    """Tells by its first characters that a text means this scheme."""
    settings: re.Pattern[str]
    """Matches the settings alone."""
    whole: re.Pattern[str]
    """Matches settings and digest; groups ``settings``, ``digest`` and the costs by name:
    ``m`` (KiB), ``t``, ``p``; ``cost``; ``rounds``."""
    spell: Callable[[str], str]
    """Brings a notation into this module's spelling; raises ValueError for what is malformed."""
    digest_of: Callable[[str, bytes], str]
    """Computes the digest that settings and a password give."""
    specimen: str
    """A notation with the costs left open, of a hash that nobody has."""


# One spelling for each scheme, so that one pattern reads it: settings, then digest.


def _spell_argon2id(notation: str) -> str:
    """Add the length of the digest to the settings: without it no digest is computed again."""
    head, salt, digest = notation.rsplit("$", 2)
    return f"{head},l={len(digest) * 3 // 4}${salt}${digest}"


def _spell_bcrypt(notation: str) -> str:
    """Clear the four unused bits of the salt: some systems fill them, the library refuses that."""
    last = _BCRYPT_ALPHABET.index(notation[28:29] or "-")
    return notation[:28] + _BCRYPT_ALPHABET[last & 0b110000] + notation[29:]


def _spell_sha_crypt(notation: str) -> str:
    """Say the 5,000 rounds that the notation leaves out."""
    if notation[3:].startswith("rounds="):
        return notation
    return f"{notation[:3]}rounds=5000${notation[3:]}"


def _spell_pbkdf2(notation: str) -> str:
    return notation.replace(".", "+")


def _spell_ldap(notation: str) -> str:
    """Part digest and salt, which LDAP keeps in one base64 text."""
    opening, _, text = notation.partition("}")
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode("ascii") != text:
        raise ValueError
    size = 16 if opening.upper() == "{MD5" else 20
    return f"{opening.upper()}}}{_b64(raw[size:])}${_b64(raw[:size])}"


# The old computations: settings in this module's spelling and a password give the digest.


def _argon2id_digest(settings: str, secret: bytes) -> str:
    # The caller's hasher has loaded it already; whoever only parses needs none of it.
    from argon2.low_level import Type, hash_secret_raw

    _, _, _, costs, salt, _ = settings.split("$")
    memory, passes, lanes, length = (int(cost.partition("=")[2]) for cost in costs.split(","))
    return _b64(
        hash_secret_raw(secret, _unb64(salt), passes, memory, lanes, length, Type.ID, version=19)
    )


def _bcrypt_digest(settings: str, secret: bytes) -> str:
    # As above: only where it is used.
    import bcrypt

    hashed = bcrypt.hashpw(_c_string(secret)[:72], settings.encode("ascii"))
    return hashed.decode("ascii")[len(settings) :]


def _sha_crypt_digest(settings: str, secret: bytes) -> str:
    _, kind, rounds, salt, _ = settings.split("$")
    name = "sha512_crypt" if kind == "6" else "sha256_crypt"
    hashed = _crypt(name, secret, salt=salt, rounds=int(rounds.removeprefix("rounds=")))
    return hashed.rpartition("$")[2]


def _md5_crypt_digest(settings: str, secret: bytes) -> str:
    return _crypt("md5_crypt", secret, salt=settings.split("$")[2]).rpartition("$")[2]


def _des_crypt_digest(settings: str, secret: bytes) -> str:
    return _crypt("des_crypt", secret, salt=settings).removeprefix(settings)


def _crypt(name: str, secret: bytes, **settings: str | int) -> str:
    # Few installations ever meet these schemes; none should load them to start.
    import passlib.hash

    return str(getattr(passlib.hash, name).using(**settings).hash(_c_string(secret)))


def _pbkdf2_digest(settings: str, secret: bytes) -> str:
    _, _, rounds, salt, _ = settings.split("$")
    return _b64(hashlib.pbkdf2_hmac("sha256", secret, _unb64(salt), int(rounds)))


def _ldap_digest(settings: str, secret: bytes) -> str:
    opening, _, salt = settings.removesuffix("$").partition("}")
    name = "md5" if opening == "{MD5" else "sha1"
    return _b64(hashlib.new(name, secret + _unb64(salt), usedforsecurity=False).digest())


def _c_string(secret: bytes) -> bytes:
    return secret.partition(b"\0")[0]


def padded(text: str) -> str:
    """Put back the padding that base64 texts here go without."""
    return text + "=" * (-len(text) % 4)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii").rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.b64decode(padded(text), validate=True)


def _form(
    opening: str,
    settings: str,
    digest: str,
    spell: Callable[[str], str],
    digest_of: Callable[[str, bytes], str],
    specimen: str,
) -> Form:
    whole = re.compile(f"(?P<settings>{settings})(?P<digest>{digest})")
    return Form(re.compile(opening), re.compile(settings), whole, spell, digest_of, specimen)


# Patterns are exact to the last character, whose unused bits must be zero: a hash that no
# password can match is a mistake in the file, and the court should hear of it.
_H64: Final = "[./0-9A-Za-z]"
_B64: Final = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048])?"
_ARGON2_COSTS: Final = ",".join(f"{name}=(?P<{name}>[1-9][0-9]{{0,9}})" for name in "mtp")
_SHA_CRYPT_SETTINGS: Final = rf"rounds=(?P<rounds>[1-9][0-9]{{3,8}})\${_H64}{{0,16}}\$"
_SHA1_DIGEST: Final = "[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]"

FORMS: Final[dict[str, Form]] = {
    "argon2id": _form(
        r"\$argon2id\$",
        # Salts of 8 to 64 bytes, digests of 16 to 64.
        rf"\$argon2id\$v=19\${_ARGON2_COSTS},l=[0-9]{{2}}\$(?=[^$]{{11,86}}\$){_B64}\$",
        f"(?=.{{22,86}}$){_B64}",
        _spell_argon2id,
        _argon2id_digest,
        f"$argon2id$v=19$m={{m}},t={{t}},p={{p}}${'A' * 22}${'A' * 43}",
    ),
    "bcrypt": _form(
        r"\$2[aby]\$",
        rf"\$2[aby]\$(?P<cost>0[4-9]|[1-3][0-9])\${_H64}{{21}}[.Oeu]",
        f"{_H64}{{30}}[.CGKOSWaeimquy26]",
        _spell_bcrypt,
        _bcrypt_digest,
        f"$2b${{cost:02}}${'.' * 53}",
    ),
    "sha512-crypt": _form(
        r"\$6\$",
        rf"\$6\${_SHA_CRYPT_SETTINGS}",
        f"{_H64}{{85}}[./01]",
        _spell_sha_crypt,
        _sha_crypt_digest,
        f"$6$rounds={{rounds}}${'.' * 16}${'.' * 86}",
    ),
    "sha256-crypt": _form(
        r"\$5\$",
        rf"\$5\${_SHA_CRYPT_SETTINGS}",
        f"{_H64}{{42}}[./0-9A-D]",
        _spell_sha_crypt,
        _sha_crypt_digest,
        f"$5$rounds={{rounds}}${'.' * 16}${'.' * 43}",
    ),
    "md5-crypt": _form(
        r"\$1\$",
        rf"\$1\${_H64}{{0,8}}\$",
        f"{_H64}{{21}}[./01]",
        str,
        _md5_crypt_digest,
        f"$1${'.' * 8}${'.' * 22}",
    ),
    "pbkdf2-sha256": _form(
        r"\$pbkdf2-sha256\$",
        rf"\$pbkdf2-sha256\$(?P<rounds>[1-9][0-9]{{0,9}})\${_B64}\$",
        "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]",
        _spell_pbkdf2,
        _pbkdf2_digest,
        f"$pbkdf2-sha256${{rounds}}${'A' * 22}${'A' * 43}",
    ),
    "ldap-sha": _form(
        r"(?i:\{SHA\})",
        r"\{SHA\}\$",
        _SHA1_DIGEST,
        _spell_ldap,
        _ldap_digest,
        f"{{{{SHA}}}}{'A' * 27}=",
    ),
    "ldap-ssha": _form(
        r"(?i:\{SSHA\})",
        rf"\{{SSHA\}}(?=[^$]{{6,86}}\$){_B64}\$",
        _SHA1_DIGEST,
        _spell_ldap,
        _ldap_digest,
        f"{{{{SSHA}}}}{'A' * 32}",
    ),
    "ldap-md5": _form(
        r"(?i:\{MD5\})",
        r"\{MD5\}\$",
        "[A-Za-z0-9+/]{21}[AQgw]",
        _spell_ldap,
        _ldap_digest,
        f"{{{{MD5}}}}{'A' * 22}==",
    ),
    # It has no opening of its own: two characters of salt, and eleven more when it is whole.
    "des-crypt": _form(
        rf"{_H64}{{2}}(?:{_H64}{{11}})?\Z",
        f"{_H64}{{2}}",
        f"{_H64}{{10}}[.26AEIMQUYcgkosw]",
        str,
        _des_crypt_digest,
        "." * 13,
    ),
}
"""Every accepted scheme, in the order in which its opening is looked for."""
