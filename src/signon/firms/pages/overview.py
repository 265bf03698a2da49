"""The console's first page and its activity: a firm in figures, and what happened."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.firms import activity, figures
from signon.firms.access import Authority
from signon.firms.activity import Happened
from signon.firms.figures import Month
from signon.firms.pages.shell import Console
from signon.web import paging, parameters

WIDTH, HEIGHT, GAP = 600, 160, 8


class OverviewSection:
    """How the firm stands."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The overview and the activity."""
        route = self._console.route
        return [route("", self.show), route("/activity", self.activity)]

    async def show(self, request: Request) -> Response:
        """GET `/firm/N`."""
        seen, found = await self._console.read(request, figures.of)
        return self._console.page(
            seen,
            "",
            "firm_overview.html",
            figures=found,
            bars=bars(found.months),
            size=(WIDTH, HEIGHT),
        )

    async def activity(self, request: Request) -> Response:
        """GET `/firm/N/activity`: `about` stands in the address, so that it can be kept."""
        query = parameters.query(request)
        about, page = query.text("about"), paging.asked(query)
        seen, rows = await self._console.read(request, _listed, about or None, page)
        found, cursor = page.cut(rows, lambda one: paging.place_of(one.at, one.id))
        return self._console.page(
            seen, "activity", "firm_activity.html", happened=found, cursor=cursor, about=about
        )


def _listed(
    unit: Unit, authority: Authority, about: str | None, page: paging.Page
) -> list[Happened]:
    return activity.listed(unit, authority, about=about, after=page.place, limit=page.look_ahead)


def bars(months: Sequence[Month]) -> list[dict[str, Any]]:
    """The chart's bars: members at a month's end, and the invitations sent in it."""
    most = max([1, *(one.members for one in months), *(one.invited for one in months)])
    step = WIDTH / max(1, len(months))
    made = []
    for place, month in enumerate(months):
        width = (step - GAP) / 2
        for offset, name, value in (
            (0.0, "members", month.members),
            (width, "invited", month.invited),
        ):
            height = round(value / most * HEIGHT, 1)
            made.append(
                {
                    "kind": name,
                    "x": round(place * step + offset, 1),
                    "y": round(HEIGHT - height, 1),
                    "width": round(width, 1),
                    "height": height,
                }
            )
    return made
