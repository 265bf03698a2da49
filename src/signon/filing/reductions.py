"""Telling that filers may do less at a court than before, so that the court signs them out."""

from collections.abc import Sequence

from signon.db import Unit
from signon.outbox import events

REDUCED = "rights:reduced"
AT_ONCE = 500
"""Accounts in one event: what looking up their grants takes within a statement's time limit."""


def announce(unit: Unit, court_id: str, account_ids: Sequence[str]) -> None:
    """To be called by whatever makes rights shrink; never when they only grow."""
    for start in range(0, len(account_ids), AT_ONCE):
        some = list(account_ids[start : start + AT_ONCE])
        events.put(unit, REDUCED, {"court": court_id, "accounts": some})
