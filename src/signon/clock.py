"""Time as an argument: rules are given a moment, only the edge asks what time it is.

It is the machine's clock, which can be set: decision 46 says what then holds, rule by rule. How long
something takes within a process is measured by `time.monotonic`, which nobody sets.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Answers the present moment as an aware datetime in UTC."""

LEEWAY = timedelta(minutes=1)
"""How far ahead another machine's clock may be; what comes from later than that, a clock made that
has been set back since.
"""
STEPPED = timedelta(hours=3)
"""How long what was used up or taken back is remembered after its end: a clock that is set forward and
back again by less revives nothing.
"""


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)
