"""Account numbers: seven digits that tell nothing of anybody else's."""

import secrets


def draw() -> str:
    """A random 7-digit number; it never starts with 0, which spreadsheets would drop."""
    return str(1_000_000 + secrets.randbelow(9_000_000))
