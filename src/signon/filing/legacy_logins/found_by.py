"""What a court's legacy login is found by: the words of its name, the login itself, its address."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Select, select

from signon.db import Unit
from signon.filing.models import legacy_logins
from signon.prepared import every
from signon.searching import entries, words
from signon.searching.entries import Entry

BATCH = 2000


class NamedLogin(NamedTuple):
    """What entries are made of."""

    id: str
    court_id: str
    login_key: str
    first_name: str
    last_name: str
    email: str

    def entries(self) -> Iterator[Entry]:
        """All that it is found by at its court."""
        for key in words.turns(self.first_name, self.last_name):
            yield Entry(names_at(self.court_id), key, self.id)
        for key in words.whole(self.login_key, self.email):
            yield Entry(logins_at(self.court_id), key, self.id)


def names_at(court_id: str) -> str:
    """The place of a court's logins by the names of their people."""
    return f"old_names@{court_id}"


def logins_at(court_id: str) -> str:
    """The place of a court's logins by themselves and by their addresses."""
    return f"logins@{court_id}"


def put(unit: Unit, new: Iterable[NamedLogin], changed: Iterable[NamedLogin]) -> None:
    """Write the entries of logins that are new, and anew those of others."""
    again = list(changed)
    if again:
        entries.forget(unit, [one.id for one in again])
    entries.put(unit, (entry for one in (*new, *again) for entry in one.entries()))


def fill(unit: Unit, after: str) -> str | None:
    """A batch of logins from before there were entries (`searching.filling`)."""
    found = _some(unit, after, BATCH)
    put(unit, found, ())
    return found[-1].id if len(found) == BATCH else None


@every(NamedLogin)
def _some(after: str, limit: int) -> Select[str, str, str, str, str, str]:
    return (
        select(
            legacy_logins.c.id,
            legacy_logins.c.court_id,
            legacy_logins.c.login_key,
            legacy_logins.c.first_name,
            legacy_logins.c.last_name,
            legacy_logins.c.email,
        )
        .where(legacy_logins.c.id > after)
        .order_by(legacy_logins.c.id)
        .limit(limit)
    )
