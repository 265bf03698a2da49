"""Lists in pages: `?limit=&cursor=`, and a `Link` to the next one (RFC 8288).

A cursor is the last key that was answered, so that a list that grows meanwhile neither repeats
nor leaves out; callers treat it as opaque.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from signon.web.parameters import Parameters
from signon.web.problems import invalid

USUAL = 50
MOST = 100

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page:
    """What part of a list is wanted: at most `limit` of what follows `after`."""

    limit: int = USUAL
    after: str | None = None

    @property
    def look_ahead(self) -> int:
        """How many rows to read, so that it is known whether more follow."""
        return self.limit + 1

    def cut(
        self, rows: Sequence[Item], key: Callable[[Item], str]
    ) -> tuple[list[Item], str | None]:
        """The page out of `look_ahead` rows, and the cursor of the next one, if there is one."""
        shown = list(rows[: self.limit])
        return shown, encode(key(shown[-1])) if len(rows) > self.limit else None


def asked(query: Parameters) -> Page:
    """What a query asks for. Raises ApiError (422)."""
    limit, cursor = query.get("limit"), query.get("cursor")
    if limit is not None and not (limit.isascii() and limit.isdigit() and 0 < int(limit) <= MOST):
        raise invalid(("limit", f"Ask for 1 to {MOST}."))
    return Page(int(limit) if limit else USUAL, None if cursor is None else decode(cursor))


def encode(key: str) -> str:
    """The cursor that goes on after a key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def next_link(address: str, query: Parameters, cursor: str) -> str:
    """The `Link` header's value: the same question, from there on."""
    values = {**query.first_values(), "cursor": cursor}
    return f'<{address}?{urlencode(values)}>; rel="next"'


def decode(cursor: str) -> str:
    """The key that a cursor goes on after. Raises ApiError (422)."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise invalid(
            ("cursor", "This is no cursor of ours: use the one of the Link header.")
        ) from None
