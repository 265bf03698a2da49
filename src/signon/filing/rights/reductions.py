"""Telling that filers may do less at a court than before, so that the court signs them out."""

from collections.abc import Sequence

from signon.db import Unit
from signon.outbox import events

REDUCED = "rights:reduced"
AT_ONCE = 500
"""Accounts in one event: what looking up their grants takes within a statement's time limit."""


def announce(
    unit: Unit, court_id: str, account_ids: Sequence[str], *, in_session: str | None = None
) -> None:
    """To be called by whatever makes rights shrink; never when they only grow.

    `in_session`: where the person's own act made them shrink. What that session is given
    afterwards speaks of them as they are, and is not told again.
    """
    for start in range(0, len(account_ids), AT_ONCE):
        some = list(account_ids[start : start + AT_ONCE])
        payload = {"court": court_id, "accounts": some, "session": in_session}
        events.put(unit, REDUCED, payload)
