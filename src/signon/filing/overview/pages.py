"""`/court/{court}`: where the console opens, with what waits first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.filing.court import court_activity
from signon.filing.court.ages import age
from signon.filing.court.court_activity import ActivityLine
from signon.filing.court.desk import Desk
from signon.filing.court.pages.shell import Console
from signon.filing.overview import figures
from signon.filing.overview.figures import Figures, Week
from signon.filing.registrations import applying, queue
from signon.filing.registrations.queue import Listed
from signon.filing.registrations.registrations import State
from signon.filing.rights.filing_status import RightStatus
from signon.web.dates import moment_in, moment_in_words

OLDEST = 5
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 240, 48, 16, 32
BAR = 18


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand at the court now."""

    oldest: Sequence[Listed]
    figures: Figures
    now: datetime
    changed: Sequence[ActivityLine]


class OverviewSection:
    """For everybody of the staff."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """What a member of the court's staff begins with."""
        return [self._console.route("", self.show)]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb`."""
        seen, found = await self._console.read(request, _standing)
        filers = found.figures.filers
        return self._console.page(
            seen,
            "",
            "court_overview.html",
            waiting=seen.who.waiting,
            oldest=[_line(one, found.now) for one in found.oldest],
            in_force=filers[RightStatus.ACTIVE],
            suspended=filers[RightStatus.SUSPENDED],
            pending=filers[RightStatus.PENDING],
            ending=found.figures.ending,
            last_days=found.figures.last_days,
            changed=[_happened(one, seen.who.court.time_zone) for one in found.changed],
            weeks=found.figures.weeks,
            counted_at=_counted_at(found, seen.who.court.time_zone),
            chart=chart(found.figures.weeks),
        )


def chart(weeks: Sequence[Week]) -> dict[str, Any]:
    """Two bars a week: the drawing's size, its bars, the lines with their numbers, the weeks."""
    most = _round_up(max(1, *(max(one.registrations, one.links) for one in weeks)))
    floor, step = HEIGHT - BOTTOM, (WIDTH - LEFT) / len(weeks)

    def at(number: float) -> float:
        return round(floor - number / most * (floor - TOP), 1)

    def bar(place: int, number: int, kind: str, offset: int) -> dict[str, Any]:
        x = round(LEFT + place * step + step / 2 + offset, 1)
        return {"kind": kind, "x": x, "y": at(number), "height": round(floor - at(number), 1)}

    return {
        "size": (WIDTH, HEIGHT),
        "left": LEFT,
        "bar": BAR,
        "bars": [
            made
            for place, one in enumerate(weeks)
            for made in (
                bar(place, one.registrations, "c1", -BAR - 1),
                bar(place, one.links, "c3", 1),
            )
        ],
        "rules": [(at(number), number) for number in (0, most // 2, most)],
        "labels": [
            (round(LEFT + place * step + step / 2, 1), f"{one.first:%b} {one.first.day}")
            for place, one in enumerate(weeks)
            if place % 2
        ],
    }


def _round_up(number: int) -> int:
    """To an even number of few digits, which halves well."""
    step: int = 2 * 10 ** max(0, len(str(number)) - 2)
    return -(-number // step) * step


def _standing(unit: Unit, desk: Desk) -> Standing:
    oldest = queue.listed(unit, desk, State.PENDING, limit=OLDEST)
    changed = court_activity.lines(unit, desk, limit=OLDEST)
    return Standing(oldest, figures.of(unit, desk), unit.now, changed)


def _counted_at(found: Standing, zone: str) -> str:
    """When filers and weeks were counted; empty: now."""
    at = found.figures.counted_at
    return "" if at == found.now else moment_in_words(at, zone)


def _happened(one: ActivityLine, zone: str) -> tuple[str, str, str, Markup]:
    about = f"about {one.about}" if one.about and one.about != one.actor else ""
    below = (moment_in(one.at, zone), f"by {one.actor}", about, one.reason)
    return (
        one.told.glyph,
        one.told.tone,
        f"{one.told.text}.",
        Markup(", ").join(part for part in below if part),
    )


def _line(one: Listed, now: datetime) -> dict[str, str]:
    there = one.registration
    assert there.submitted_at is not None
    return {
        "id": there.id,
        "name": one.applicant.display_name,
        "asked": applying.asked(there).label,
        "age": age(there.submitted_at, now),
    }
