"""Bearer secrets that we mint: codes, refresh tokens, session ids, mailed links.

Only the SHA-256 of such a token is ever stored (256 random bits need no slow hash), so a
copy of the database redeems nothing.
"""

import hashlib
import hmac
import secrets


def new_token() -> str:
    """256 random bits, 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is stored of a token: its SHA-256, 32 bytes."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def matches(token: str, stored: bytes) -> bool:
    """Whether a token is the one whose digest is stored; takes the same time for every answer."""
    return hmac.compare_digest(digest(token), stored)
