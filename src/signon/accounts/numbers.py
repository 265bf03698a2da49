"""Account numbers: seven digits that tell nothing of anybody else's."""

import re
import secrets

_SHAPE = re.compile(r"[0-9]{7}", re.ASCII)


def draw() -> str:
    """A random 7-digit number; it never starts with 0, which spreadsheets would drop."""
    return str(1_000_000 + secrets.randbelow(9_000_000))


def is_number(text: str) -> bool:
    """Whether it has the shape of an account number."""
    return _SHAPE.fullmatch(text) is not None
