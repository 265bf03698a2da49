"""When a wave is due: reckoned anew each time from the court's date, so that one that moves takes
its waves along.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from signon.courts.registry import Court
from signon.filing.cutover.checks import TRAIN
from signon.filing.cutover.waves.kept import Wave

USUAL = (60, 30, 14, 7, 2, 1)
"""Days before the go-live that a court is proposed."""
AFTER = -1
"""The day after."""
MOST_BEFORE, MOST_AFTER = 365, 30
FROM = time(8)
"""By the court's clock: nobody is reminded at night."""
LATE = timedelta(days=2)
"""So long after its day a wave is still sent that was kept from it."""


class Stage(StrEnum):
    """How a wave stands."""

    PLANNED = "planned"
    UNTRIED = "untried"
    """Its words were not yet sent to whoever wrote them."""
    NO_DATE = "no_date"
    PASSED = "passed"
    """Its day went by, or another one took its place."""
    SENDING = "sending"
    WAITING = "waiting"
    """It had begun, and the court's date moved."""
    STOPPED = "stopped"
    SENT = "sent"


def day_of(court: Court, days_before: int) -> date | None:
    """The day of a wave, by the court's calendar; None while there is no date."""
    if court.go_live_local is None:
        return None
    return court.go_live_local.date() - timedelta(days=days_before)


def stage(court: Court, wave: Wave, others: Sequence[Wave], now: datetime) -> Stage:
    """How it stands now; `others` are all of the court's."""
    if wave.stopped_at:
        return Stage.STOPPED
    if wave.finished_at:
        return Stage.SENT
    if wave.begun_at:
        return Stage.SENDING if may_send(court, wave, now) else Stage.WAITING
    day = day_of(court, wave.days_before)
    if day is None:
        return Stage.NO_DATE
    is_late = _local(court, now).date() > day + LATE
    is_superseded = any(one.begun_on and one.begun_on >= day for one in others)
    if is_late or is_superseded or (wave.is_before and court.is_live(now)):
        return Stage.PASSED
    return Stage.UNTRIED if wave.has_words and wave.tried_at is None else Stage.PLANNED


def due(court: Court, fit: Sequence[Wave], every: Sequence[Wave], now: datetime) -> Wave | None:
    """The wave of the court that begins now, of those that are `fit`; of several the one nearest to
    the go-live.
    """
    ready = [
        one
        for one in fit
        if stage(court, one, every, now) is Stage.PLANNED and may_send(court, one, now)
    ]
    return min(ready, key=lambda one: one.days_before, default=None)


def may_send(court: Court, wave: Wave, now: datetime) -> bool:
    """Whether its mails may leave: its day has come, on its side of the go-live. A rehearsal sends
    nothing to anybody.
    """
    day = day_of(court, wave.days_before)
    if day is None or court.id.endswith(TRAIN) or wave.is_before == court.is_live(now):
        return False
    local = _local(court, now)
    return (local.date(), local.time()) >= (day, FROM)


def _local(court: Court, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(court.time_zone))
