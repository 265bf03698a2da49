"""Each serving process sees whether its clock was set, and makes good what one set back has left."""

from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import MetaData, Select, func, select

from signon import clock_steps, logs
from signon.clock import LEEWAY
from signon.db import Database, Unit
from signon.jobs.models import heartbeats
from signon.prepared import value

EVERY = timedelta(seconds=15)

_log = logs.get(__name__)


class ClockWatch:
    """What the clock says has passed, against what has.

    Of a clock that was set back before this process began, another one's heartbeat tells.
    """

    def __init__(self, database: Database, metadata: MetaData) -> None:
        self._database = database
        self._metadata = metadata
        self._seen: tuple[datetime, float] | None = None
        self._owes = False
        """Set back, and not yet made good: the database was away."""

    async def look(self) -> None:
        """Tell of a step, and make good one back. Raises BusyError, and comes back to it then."""
        now, passed = self._database.clock(), monotonic()
        if self._seen is None:
            latest = await self._database.read(_latest)
            self._owes = latest is not None and latest > now + LEEWAY
        else:
            step = now - self._seen[0] - timedelta(seconds=passed - self._seen[1])
            if abs(step) > LEEWAY:
                _log.error("the clock was set", seconds=round(step.total_seconds()))
            self._owes |= step < -LEEWAY
        self._seen = now, passed
        if self._owes:
            found = await self._database.write_long(_make_good, self._metadata)
            self._owes = False
            _log.warning("made good what a clock that was set back has left", rows=found)


def _make_good(unit: Unit, metadata: MetaData) -> dict[str, int]:
    return clock_steps.make_good(unit, metadata)


@value
def _latest() -> Select[datetime]:
    latest: Select[datetime] = select(func.max(heartbeats.c.seen_at))
    return latest
