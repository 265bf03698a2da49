"""Bearer secrets that we mint: codes, refresh tokens, session ids, CSO tokens, mailed links.

Only the SHA-256 of such a token is ever stored (256 random bits need no slow hash), so a
copy of the database redeems nothing.
"""

import hashlib
import hmac
import secrets
import string

CSO_LENGTH = 128
"""Characters of a token of the PACER Authentication API: its clients know it by that."""
CSO_ALPHABET = string.ascii_letters + string.digits


def new_token() -> str:
    """256 random bits, 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def new_cso_token() -> str:
    """A token of the PACER Authentication API: 128 letters and digits (domain facts 4.1)."""
    return "".join(secrets.choice(CSO_ALPHABET) for _ in range(CSO_LENGTH))


def looks_like_cso(token: str) -> bool:
    """Whether it may be one."""
    return len(token) == CSO_LENGTH and token.isascii() and token.isalnum()


def digest(token: str) -> bytes:
    """What is stored of a token: its SHA-256, 32 bytes."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def matches(token: str, stored: bytes) -> bool:
    """Whether a token is the one whose digest is stored; takes the same time for every answer."""
    return hmac.compare_digest(digest(token), stored)
