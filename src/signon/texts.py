"""What of a stranger's words can be kept at all: text that every column holds, JSON that ends.

PostgreSQL keeps no NUL, and a lone surrogate is no character: neither can be told to a database,
so whatever reads a request looks here first.
"""

import json
from typing import Any


def is_keepable(text: str) -> bool:
    """Whether every text column holds it: no NUL, no lone surrogate."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def read_json(text: str | bytes) -> Any:
    """The value. Raises ValueError, also for JSON that is too deep or holds what is not keepable."""
    try:
        value = json.loads(text)
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except RecursionError as error:
        raise ValueError("too deep") from error
    # a NUL is written as its escape
    if "\\u0000" in written or not is_keepable(written):
        raise ValueError("a text that cannot be kept")
    return value
