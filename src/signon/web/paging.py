"""Lists in pages: `?limit=&cursor=`, and a `Link` to the next one (RFC 8288).

A cursor is the last key that was answered, so that a list that grows meanwhile neither repeats
nor leaves out; callers treat it as opaque.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from signon.errors import InputError
from signon.texts import is_keepable
from signon.web.parameters import Parameters, number
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

    @property
    def place(self) -> tuple[datetime, str] | None:
        """Where a list by time goes on. Raises InputError."""
        return None if self.after is None else place_after(self.after)

    def cut(
        self, rows: Sequence[Item], key: Callable[[Item], str]
    ) -> tuple[list[Item], str | None]:
        """The page out of `look_ahead` rows, and the cursor of the next one, if there is one."""
        shown = list(rows[: self.limit])
        return shown, encode(key(shown[-1])) if len(rows) > self.limit else None


def asked(query: Parameters) -> Page:
    """What a query asks for. Raises ApiError (422)."""
    limit, cursor = query.get("limit"), query.get("cursor")
    wanted = number(limit) if limit else USUAL
    if wanted is None or not 0 < wanted <= MOST:
        raise invalid(("limit", f"Ask for 1 to {MOST}."))
    return Page(wanted, None if cursor is None else decode(cursor))


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
        key = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise invalid(_NO_CURSOR) from None
    if not is_keepable(key):
        raise invalid(_NO_CURSOR)
    return key


def place_of(at: datetime, row_id: str) -> str:
    """The key in a list by time."""
    return f"{at.isoformat()} {row_id}"


def place_after(key: str) -> tuple[datetime, str]:
    """Where a list by time goes on. Raises InputError."""
    moment, _, row_id = key.partition(" ")
    return moment_in(moment), row_id


def moment_in(written: str) -> datetime:
    """A key's moment. Raises InputError."""
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InputError("This cursor is of another list.", field="cursor") from None


_NO_CURSOR = ("cursor", "This is no cursor of ours: use the one of the Link header.")
