"""How many calls a program may make in a minute, and what it is told of that.

Counted by each process for itself: a limit that keeps a program that ran wild from everybody's
way needs no table, and a count that is lost with its process harms nobody.
(draft-ietf-httpapi-ratelimit-headers.)
"""

from datetime import datetime

from signon.web.problems import ApiError

WINDOW_SECONDS = 60


class RequestRate:
    """Counts calls by key in whole minutes; what was counted in another one is forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._window = 0
        self._counts: dict[str, int] = {}

    def take(self, key: str, now: datetime) -> dict[str, str]:
        """Count one call; answers the headers that tell of it. Raises ApiError (429)."""
        seconds = int(now.timestamp())
        window = seconds // WINDOW_SECONDS
        if window != self._window:
            self._window, self._counts = window, {}
        count = self._counts[key] = self._counts.get(key, 0) + 1
        reset = str(WINDOW_SECONDS - seconds % WINDOW_SECONDS)
        headers = {
            "ratelimit-limit": str(self._most),
            "ratelimit-remaining": str(max(0, self._most - count)),
            "ratelimit-reset": reset,
        }
        if count > self._most:
            raise ApiError(
                429,
                "too_many_requests",
                f"More than {self._most} calls a minute: wait {reset} seconds.",
                headers=headers | {"retry-after": reset},
            )
        return headers
