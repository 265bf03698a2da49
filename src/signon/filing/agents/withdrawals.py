"""That an agent may do less for somebody than before: the court signs the agent out.

The event says which pairs; whoever handles it (`oidc.logout_notices`) asks `acting` for the sessions
in which the agent had chosen one of them.
"""

from collections.abc import Sequence

from signon.db import Unit
from signon.outbox import events

WITHDRAWN = "agents:withdrawn"


def announce(
    unit: Unit, court_id: str, pair_ids: Sequence[str], *, tells_court: bool = True
) -> None:
    """To be called by whatever ends a pair or narrows its bounds; never when they only grow.

    Without `tells_court` only our own pages forget the choice: time has passed, and nobody acted.
    """
    if pair_ids:
        payload = {"court": court_id, "pairs": list(pair_ids), "tells_court": tells_court}
        events.put(unit, WITHDRAWN, payload)
