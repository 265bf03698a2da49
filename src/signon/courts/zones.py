"""By whose clock a person is told a moment: their state's, as far as its courts tell it."""

from collections import Counter
from collections.abc import Mapping

from signon.courts.registry import Court


def zone_of_state(state: str | None, courts: Mapping[str, Court]) -> str | None:
    """The time zone (IANA name) of most courts in a state; None for a state without one."""
    there = Counter(court.time_zone for court in courts.values() if state and court.state == state)
    return there.most_common(1)[0][0] if there else None
