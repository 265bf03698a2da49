"""What administrators type: remarks and account numbers."""

from signon.accounts import checks
from signon.errors import InputError

LONGEST_REMARK = 300


def checked_remark(text: str) -> str:
    """A remark that both sides read. Raises InputError."""
    tidy = " ".join(text.split())
    if not 0 < len(tidy) <= LONGEST_REMARK:
        raise InputError(f"Say why in 1 to {LONGEST_REMARK} characters.", field="remark")
    return checks.plain(tidy, "remark")


def is_number(text: str) -> bool:
    """Whether it looks like an account's number."""
    return len(text) == 7 and text.isascii() and text.isdigit()
