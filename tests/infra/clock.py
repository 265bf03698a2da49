"""Time that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """A `signon.clock.Clock`: call it for the moment, `advance` or `set` to move it."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment at which the clock stands."""
        return self.now

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> datetime:
        """Move the clock on, or back with negative numbers, and return the new moment."""
        return self.set(self.now + timedelta(days=days, hours=hours, seconds=seconds))

    def set(self, now: datetime) -> datetime:
        """Move the clock to a moment, which must be aware, and return it in UTC."""
        if now.tzinfo is None:
            raise ValueError("a naive moment has no place on this clock")
        self.now = now.astimezone(UTC)
        return self.now
