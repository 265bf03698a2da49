"""Going live: a court announces a local time, the house keeps the moment."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from signon.errors import InputError

FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a court announced: the wall clock's time (naive), or None for not scheduled."""

    local: datetime | None


@dataclass(frozen=True, slots=True)
class GoLive:
    """The moment of an announcement, and a sentence where the court's clock leaves a doubt."""

    moment: datetime | None
    note: str | None = None


def announced(text: str) -> Announcement:
    """Read `2020-02-18T00:00` or, for its midnight, `2020-02-18`. Raises InputError."""
    for form in FORMATS:
        try:
            return Announcement(datetime.strptime(text, form))  # noqa: DTZ007 - the zone comes with the court
        except ValueError:
            continue
    raise InputError(
        f"{text[:40]!r} is not a court's local time: write it as 2020-02-18T00:00, without an offset.",
        field="go_live",
    )


def moment_of(announcement: Announcement, time_zone: str) -> GoLive:
    """The moment at which the clock of `time_zone` shows the announced time.

    Raises InputError for a time that the change to summer time skips. One that the change
    back repeats means its first occurrence, and the note says so.
    """
    local = announcement.local
    if local is None:
        return GoLive(None)
    zone = ZoneInfo(time_zone)
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != local:
        raise InputError(
            f"{local:%Y-%m-%dT%H:%M} does not exist in {time_zone}: the clocks go forward over "
            "it. Take a time before or after.",
            field="go_live",
        )
    if first == second:
        return GoLive(first)
    shown = first.astimezone(zone).isoformat()
    return GoLive(
        first,
        f"{local:%Y-%m-%dT%H:%M} comes twice in {time_zone}: the first, {shown}, was taken.",
    )
