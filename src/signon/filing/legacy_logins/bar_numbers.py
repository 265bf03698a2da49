"""Bar numbers as they are compared: courts and people write the same one in many ways.

`CA 0123-456`, `ca123456` and `123456` are one number. Case, spaces and signs say nothing, nor do zeros
in front; letters in front are the state, as a rule, which only tells two apart that both name one.
"""

import re

from sqlalchemy import ColumnElement, literal_column

from signon.accounts.places import STATES_OF_THE_US
from signon.filing.models import BAR_KEY, BAR_SIGNS

_SIGNS = str.maketrans("", "", BAR_SIGNS)
_LETTERS = re.compile(r"[a-z]*")
of_login: ColumnElement[str] = literal_column(BAR_KEY.replace("bar_id", "legacy_logins.bar_id"))
"""`key` of a login's bar number: as it stands in the index."""


def key(written: str) -> str:
    """What is the same of all ways to write a number; empty when there is no digit in it."""
    bare = _bare(written)
    found = bare[len(_letters(bare)) :].lstrip("0")
    return found if any(one.isdigit() for one in found) else ""


def are_alike(one: str | None, other: str | None) -> bool:
    """Whether both can be one number; of two that name different states they are none."""
    first, second = one or "", other or ""
    if not key(first) or key(first) != key(second):
        return False
    states = {_state(first), _state(second)} - {""}
    return len(states) < 2


def _state(written: str) -> str:
    code = _letters(_bare(written))[:2].upper()
    return code if code in STATES_OF_THE_US else ""


def _letters(bare: str) -> str:
    found = _LETTERS.match(bare)
    return found[0] if found else ""


def _bare(written: str) -> str:
    return written.lower().translate(_SIGNS)
