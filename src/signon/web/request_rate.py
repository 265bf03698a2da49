"""How many calls a program may make in a minute, and what it is told of that.

Counted in the database for all workers, but not at every call: a worker leases a part of what is
left of the program's minute and gives that away by itself. So a program that asks several workers
may be stopped a little early, never late. (draft-ietf-httpapi-ratelimit-headers.)
"""

from dataclasses import dataclass

from sqlalchemy import Delete, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon import metrics
from signon.db import Database, Unit
from signon.prepared import change, value
from signon.web.models import request_rates
from signon.web.problems import ApiError

WINDOW_SECONDS = 60
PARTS = 10
"""A lease is this part of what is left: large while much is left, single calls at the end."""


@dataclass(slots=True)
class _Leased:
    """What this process may still give away in the minute, and what nobody has leased."""

    left: int
    free: int


class RequestRate:
    """Counts calls by key in whole minutes; what was counted in another one is forgotten."""

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most
        self._minute = 0
        self._leased: dict[str, _Leased] = {}

    async def take(self, key: str) -> dict[str, str]:
        """Count one call; answers the headers that tell of it.

        Raises ApiError (429), BusyError.
        """
        minute, seconds = divmod(int(self._database.clock().timestamp()), WINDOW_SECONDS)
        if minute != self._minute:
            self._minute, self._leased = minute, {}
        leased = self._leased.setdefault(key, _Leased(0, self._most))
        if not leased.left and leased.free:
            await self._lease(leased, key, minute)
        is_over = not leased.left
        leased.left -= not is_over
        reset = str(WINDOW_SECONDS - seconds)
        headers = {
            "ratelimit-limit": str(self._most),
            "ratelimit-remaining": str(leased.left + leased.free),
            "ratelimit-reset": reset,
        }
        if is_over:
            metrics.throttled.labels("api_calls").inc()
            raise ApiError(
                429,
                "too_many_requests",
                f"More than {self._most} calls a minute: wait {reset} seconds.",
                headers=headers | {"retry-after": reset},
            )
        return headers

    async def _lease(self, leased: _Leased, key: str, minute: int) -> None:
        wanted = max(1, leased.free // PARTS)
        taken = await self._database.write(_take, key, minute, wanted)
        # other workers may have taken what was free a moment ago
        leased.left += max(0, min(wanted, self._most - taken + wanted))
        leased.free = max(0, self._most - taken)


def prune_request_rates(unit: Unit, limit: int) -> int:
    """Remove up to `limit` counts of minutes that are over."""
    return _prune(unit, int(unit.now.timestamp()) // WINDOW_SECONDS, limit)


def _take(unit: Unit, key: str, minute: int, wanted: int) -> int:
    """Take so many calls of the minute; answers how many all workers have taken."""
    return _taken(unit, key, minute, wanted) or wanted


@value
def _taken(key: str, minute: int, more: int) -> ReturningInsert[int]:
    made = insert(request_rates).values(key=key, minute=minute, taken=more)
    return made.on_conflict_do_update(
        index_elements=["key", "minute"],
        set_={"taken": request_rates.c.taken + made.excluded.taken},
    ).returning(request_rates.c.taken)


@change
def _prune(now: int, most: int) -> Delete:
    table = request_rates
    some = select(table.c.key, table.c.minute).where(table.c.minute < now).limit(most)
    return delete(table).where(tuple_(table.c.key, table.c.minute).in_(some))
