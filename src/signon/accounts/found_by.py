"""What an account is found by: the words of its person's or firm's name, its username, its address.

Whoever writes one of these writes the entries in the same unit.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Select, select

from signon.accounts.models import accounts
from signon.db import Unit
from signon.prepared import every, one
from signon.searching import entries, words
from signon.searching.entries import Entry

NAMES, LOGINS = "names", "logins"
"""The places of all accounts. At a court its people have `at_court`."""
BATCH = 2000
CHANGED = frozenset({"first_name", "last_name", "firm_name", "username", "email"})
"""Columns that entries are made of."""


class Named(NamedTuple):
    """What entries are made of; a person's firm is no name of theirs."""

    id: str
    first_name: str | None
    last_name: str | None
    firm_name: str | None
    username: str
    email: str

    def names(self) -> set[str]:
        """The keys of the name."""
        person = words.turns(self.first_name, self.last_name)
        return person or words.turns(self.firm_name)

    def logins(self) -> set[str]:
        """The keys of username and address."""
        return words.whole(self.username, self.email)

    def entries(self) -> Iterator[Entry]:
        """All that the account is found by among all accounts."""
        yield from (Entry(NAMES, key, self.id) for key in self.names())
        yield from (Entry(LOGINS, key, self.id) for key in self.logins())


def at_court(court_id: str) -> str:
    """The place of those who have, or had, anything to do with a court."""
    return f"{NAMES}@{court_id}"


def known_at(unit: Unit, account_id: str, court_id: str) -> None:
    """From now on the court finds the account by its name."""
    entries.copy(unit, account_id, NAMES, at_court(court_id))


def renew(unit: Unit, account_id: str) -> None:
    """The account has another name, username or address, or is new."""
    found = _one(unit, account_id)
    if found is not None:
        entries.renew(unit, account_id, {NAMES: found.names(), LOGINS: found.logins()})


def fill(unit: Unit, after: str) -> str | None:
    """A batch of accounts from before there were entries (`searching.filling`)."""
    found = _some(unit, after, BATCH)
    entries.put(unit, (entry for one in found for entry in one.entries()))
    return found[-1].id if len(found) == BATCH else None


def _columns() -> Select[str, str | None, str | None, str | None, str, str]:
    return select(
        accounts.c.id,
        accounts.c.first_name,
        accounts.c.last_name,
        accounts.c.firm_name,
        accounts.c.username,
        accounts.c.email,
    )


@one(Named)
def _one(account_id: str) -> Select[str, str | None, str | None, str | None, str, str]:
    return _columns().where(accounts.c.id == account_id)


@every(Named)
def _some(after: str, limit: int) -> Select[str, str | None, str | None, str | None, str, str]:
    return _columns().where(accounts.c.id > after).order_by(accounts.c.id).limit(limit)
