"""Telling that what courts read of a person is another now: for whoever subscribes to it.

Courts read it as claims the next time they ask. The event says whose account and the names of the
fields, never a value: who is told them is decided where they are told.
"""

from collections.abc import Collection, Sequence

from signon.db import Unit
from signon.outbox import events
from signon.outbox.events import Due

CHANGED = "account:changed"
FIRM = "firm_number"
READ_BY_COURTS = frozenset(
    {
        *("first_name", "middle_name", "last_name", "firm_name", "username"),
        *("email", "phone", FIRM),
        *("street", "city", "state", "postal_code", "county", "country"),
    }
)
AT_ONCE = 500
"""Accounts in one event."""


def announce(unit: Unit, account_ids: Sequence[str], fields: Collection[str]) -> None:
    """To be called by whatever changes such a field; nothing is queued for any other."""
    read = sorted(READ_BY_COURTS & set(fields))
    if not read:
        return
    for start in range(0, len(account_ids), AT_ONCE):
        some = list(account_ids[start : start + AT_ONCE])
        events.put(unit, CHANGED, {"accounts": some, "fields": read})


async def tell_subscribers(due: Due) -> None:
    """The outbox's handler: no court subscribes to events yet, so nobody is left to be told."""
