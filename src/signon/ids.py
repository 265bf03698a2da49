"""Identifiers that say nothing: 128 random bits, 26 lower-case letters and digits.

They are safe in URLs, file names and command lines (they never start with a dash), and
two that differ only in case do not exist.
"""

import base64
import secrets


def new_id() -> str:
    """A fresh identifier for a row, an account's `sub`, a `jti`."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
