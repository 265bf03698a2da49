"""Time as an argument: rules are given a moment, only the edge asks what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present moment as an aware datetime in UTC."""


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)
