"""What somebody tried on the way to a court, as its desk may know it.

Of whoever has nothing at the court, only what was begun there is told, and in the same words for a
name that somebody has and for one that nobody has: that it failed, when, and with which client.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signon.accounts import credentials, directory
from signon.accounts.directory import Account
from signon.audit import activity
from signon.clients import registry
from signon.db import Unit
from signon.filing.court.desk import Desk
from signon.limits import counters
from signon.signin import login

BACK = timedelta(days=7)
"""How far back attempts are told."""
MOST = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """A sign-in that failed; `client`: the name of the court's program that it was begun with."""

    at: datetime
    client: str


@dataclass(frozen=True, slots=True)
class Attempts:
    """What was tried with an exact value; `until`: when the next try with it is looked at."""

    tried: Sequence[Tried] = ()
    until: datetime | None = None


def of_value(unit: Unit, desk: Desk, typed: str) -> Attempts:
    """Of a username, an account number or an address, whether or not anybody has it."""
    people = named(unit, typed)
    rows = activity.refused_at(
        unit,
        desk.court.id,
        login.unknown_name(unit.ring, typed),
        [one.id for one in people],
        since=unit.now - BACK,
        limit=MOST,
    )
    if not rows:
        # a wait that came about elsewhere is nothing of this court's
        return Attempts()
    clients = registry.names(unit, {row.client_id for row in rows if row.client_id})
    waits = [wait(unit, name) for name in {typed.strip(), *(one.username for one in people)}]
    return Attempts(
        [Tried(row.at, clients.get(row.client_id or "", "")) for row in rows],
        max((one for one in waits if one), default=None),
    )


def named(unit: Unit, typed: str) -> list[Account]:
    """Whoever has exactly that username, number or address."""
    tidy = typed.strip()
    found = [directory.by_username(unit, tidy), directory.by_number(unit, tidy)]
    if "@" in tidy:
        found += directory.at_email(unit, tidy)
    return list({one.id: one for one in found if one}.values())


def wait(unit: Unit, username: str) -> datetime | None:
    """Until when no password for that name is looked at, in a browser that is new to it."""
    key = credentials.waits_key(unit.ring, username)
    return counters.look(unit, credentials.WAITS, key).blocked_until
