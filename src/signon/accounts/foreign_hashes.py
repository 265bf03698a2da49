"""Password hashes that courts hand over with their legacy filer logins.

Accepted: ``$argon2id$`` (version 19), bcrypt (``$2a$ $2b$ $2y$``), sha512-crypt ``$6$``,
sha256-crypt ``$5$``, md5-crypt ``$1$``, ``$pbkdf2-sha256$`` (the modular form of passlib),
DES crypt of 13 characters, and ``{SHA}``, ``{SSHA}``, ``{MD5}`` of LDAP (RFC 2307; the word in
braces in any case). Whatever else arrives is an `UnknownNotation`.

**What is strong.** Argon2id at or above OWASP's equivalent settings (at least 7 MiB, and memory
times passes at least 35 MiB) and bcrypt of cost 10 or more stand as they are: they are what OWASP
would accept today. Everything else is weak. PBKDF2 is weak whatever its rounds, since it needs no
memory and graphics cards run it by the thousand; one rule is also easier to keep than a number.

**How a weak hash is stored.** ::

    wrapped$<settings>$argon2id$v=19$m=…,t=…,p=…$<salt>$<hash>

``<settings>`` is the old notation up to its digest (scheme, cost, salt) in URL-safe base64 without
padding; what follows is an ordinary Argon2id string whose password is those settings and the old
digest. To verify, the old digest is computed again from the password; it is stored nowhere.

**What the old systems did with long and odd passwords** is done here too: bcrypt reads 72 bytes,
DES crypt eight, and C strings end at a NUL. What is typed is tried as UTF-8 and, where letters
beyond ASCII are in it, as Windows-1252: old pages sent that. A password with a NUL costs the same and never
matches: nobody could have chosen one, and it must not slip past a caller's check for emptiness.

The computations of this module are slow on purpose: run them through the hashing gate, or in the
importer, with no connection held. ``$5$`` and ``$6$`` run in pure Python (about 1.6 s at the
accepted million rounds, 10 ms at the usual 5,000).
"""

from __future__ import annotations

import base64
import hmac
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signon.accounts.foreign_notations import FORMS, Form, padded

if TYPE_CHECKING:
    import re

    from argon2 import PasswordHasher

_LONGEST_NOTATION: Final = 512
# libpass refuses more; callers cap far below it.
_LONGEST_PASSWORD: Final = 4096

# The most that one look at a foreign password may cost: Argon2's memory in KiB, passes, lanes;
# bcrypt's exponent; rounds. Above it an import file could bring the server to a stop.
_MOST: Final = {"m": 256 * 1024, "t": 32, "p": 16, "cost": 15, "rounds": 1_000_000}
_MOST_ARGON2_WORK: Final = 1024 * 1024  # KiB times passes
_STRONG_ARGON2_MEMORY: Final = 7 * 1024
_STRONG_ARGON2_WORK: Final = 35 * 1024
_STRONG_BCRYPT_COST: Final = 10

WRAPPED: Final = "wrapped$"
"""What a stored string begins with whose old digest is hashed once more."""


class UnknownNotation(ValueError):  # noqa: N818 - names what was met in a line of the file
    """A password that cannot be taken over. The message says why and never holds the hash."""


@dataclass(frozen=True, slots=True)
class ForeignHash:
    """A foreign password hash, read and found acceptable; made by `parse` only.

    What could help to guess the password stays out of its ``repr``, and so out of logs.
    """

    scheme: str
    """One of ``argon2id bcrypt sha512-crypt sha256-crypt md5-crypt pbkdf2-sha256 des-crypt
    ldap-sha ldap-ssha ldap-md5``; fit for counting in a report."""
    is_weak: bool
    """Whether `prepare` wraps it in Argon2id."""
    notation: str = field(repr=False)
    """As the court handed it over."""
    settings: str = field(repr=False)
    """Scheme, cost and salt, in the spelling of `foreign_notations`."""
    digest: str = field(repr=False)


def parse(notation: str) -> ForeignHash:
    """Read one password notation. Cheap: nothing is hashed.

    Raises:
        UnknownNotation: not one of the accepted notations, malformed, longer than 512
            characters, or more costly than this server is willing to compute.
    """
    if len(notation) > _LONGEST_NOTATION:
        raise UnknownNotation(f"unknown password notation: over {_LONGEST_NOTATION} characters")
    scheme, form = form_of(notation)
    try:
        match = form.whole.fullmatch(form.spell(notation))
    except ValueError:
        match = None
    if match is None:
        raise UnknownNotation(f"unknown password notation: not a well-formed {scheme} hash")
    numbers = _costs(match)
    if _out_of_bounds(numbers):
        raise UnknownNotation(f"unknown password notation: {scheme} cost out of bounds")
    return ForeignHash(
        scheme, _is_weak(scheme, numbers), notation, match["settings"], match["digest"]
    )


def prepare(foreign: ForeignHash, hasher: PasswordHasher) -> str:
    """Return what is stored for a foreign hash: itself if strong, else wrapped in Argon2id.

    Costs one Argon2 hash if weak, so it is called outside transactions.
    """
    if not foreign.is_weak:
        return foreign.notation
    return wrapped(foreign.settings, hasher.hash(foreign.settings + foreign.digest))


def wrapped(settings: str, argon2id: str) -> str:
    """The stored string of a weak hash: its settings, and the Argon2id hash of its digest."""
    encoded = base64.urlsafe_b64encode(settings.encode("ascii")).decode("ascii")
    return WRAPPED + encoded.rstrip("=") + argon2id


def unwrapped(stored: str) -> tuple[str, str]:
    """What `wrapped` put together. Raises ValueError for what is none."""
    encoded, _, argon2id = stored.removeprefix(WRAPPED).partition("$")
    return base64.urlsafe_b64decode(padded(encoded)).decode("ascii"), "$" + argon2id


def verify(stored: str, password: str, hasher: PasswordHasher) -> bool:
    """Tell whether a password is the one behind a stored string.

    ``stored`` comes from `prepare`, or is any Argon2id string, the house's own included.
    Never raises: a stored string that is neither, a bare weak hash among them, matches nothing.
    Costs one Argon2 or bcrypt computation, and for wrapped hashes the old one on top.
    """
    # Whoever brings a hasher has loaded it; whoever only parses need not.
    from argon2.exceptions import Argon2Error

    def matches(secret: bytes) -> bool:
        if len(secret) > _LONGEST_PASSWORD:
            return False
        try:
            if stored.startswith("$argon2id$"):
                return hasher.verify(stored, secret)
            return _matches_foreign(stored, secret, hasher) and b"\0" not in secret
        except (Argon2Error, ValueError):
            return False

    # each is tried, so that the time does not tell which it was
    tried = [matches(secret) for secret in _spellings(password)]
    return any(tried)


def _spellings(password: str) -> list[bytes]:
    """The bytes that an old system may have hashed."""
    # A lone surrogate is no text, but a form can send one; it must fail, not raise.
    utf_8 = password.encode("utf-8", "surrogatepass")
    if password.isascii():
        return [utf_8]
    try:
        return [utf_8, unicodedata.normalize("NFC", password).encode("cp1252")]
    except UnicodeEncodeError:
        return [utf_8]


def _matches_foreign(stored: str, secret: bytes, hasher: PasswordHasher) -> bool:
    if stored.startswith(WRAPPED):
        settings, argon2id = unwrapped(stored)
        form = form_of(settings)[1]
        match = form.settings.fullmatch(settings)
        if match is None or _out_of_bounds(_costs(match)):
            return False
        return hasher.verify(argon2id, settings + form.digest_of(settings, secret))
    foreign = parse(stored)
    if foreign.is_weak:
        return False
    digest = form_of(foreign.settings)[1].digest_of(foreign.settings, secret)
    return hmac.compare_digest(digest, foreign.digest)


def _costs(match: re.Match[str]) -> dict[str, int]:
    return {name: int(text) for name, text in match.groupdict().items() if name in _MOST}


def _out_of_bounds(numbers: dict[str, int]) -> bool:
    if any(number > _MOST[name] for name, number in numbers.items()):
        return True
    memory = numbers.get("m", 0)
    # RFC 9106 section 3.1: the memory is at least eight KiB for each lane.
    return memory * numbers.get("t", 0) > _MOST_ARGON2_WORK or memory < 8 * numbers.get("p", 0)


def _is_weak(scheme: str, numbers: dict[str, int]) -> bool:
    if scheme == "argon2id":
        memory, passes = numbers["m"], numbers["t"]
        return memory < _STRONG_ARGON2_MEMORY or memory * passes < _STRONG_ARGON2_WORK
    return scheme != "bcrypt" or numbers["cost"] < _STRONG_BCRYPT_COST


def form_of(text: str) -> tuple[str, Form]:
    """The scheme that a notation's or settings' opening means. Raises UnknownNotation."""
    for scheme, form in FORMS.items():
        if form.opening.match(text):
            return scheme, form
    raise UnknownNotation("unknown password notation")
