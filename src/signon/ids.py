"""Identifiers that say nothing: 130 random bits, 26 lower-case letters and digits.

They are safe in URLs, file names and command lines (they never start with a dash), and
two that differ only in case do not exist.
"""

import os
import string

_LETTERS = (string.ascii_lowercase + "234567").encode() * 8
"""A letter for every byte; 256 is a multiple of 32, so each is as likely as any other."""


def new_id() -> str:
    """A fresh identifier for a row, an account's `sub`, a `jti`."""
    return os.urandom(26).translate(_LETTERS).decode()
