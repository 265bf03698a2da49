"""The console's first page and its activity: what waits, what ends soon, and what happened."""

from collections.abc import Sequence

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.firms import activity, home, words
from signon.firms.access import Authority
from signon.firms.activity import Happened
from signon.firms.figures import Month
from signon.firms.pages.shell import Console
from signon.web import paging, parameters
from signon.web.charts import Chart, Series
from signon.web.dates import moment_in


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
        seen, found = await self._console.read(request, home.of)
        return self._console.page(
            seen,
            "",
            "firm_overview.html",
            home=found,
            changed=[_entry(one) for one in found.changed],
            drawn=chart(found.figures.months),
        )

    async def activity(self, request: Request) -> Response:
        """GET `/firm/N/activity`: `about` stands in the address, so that it can be kept."""
        query = parameters.query(request)
        about, page = query.text("about"), paging.asked(query)
        seen, rows = await self._console.read(request, _listed, about or None, page)
        found, cursor = page.cut(rows, lambda one: paging.place_of(one.at, one.id))
        return self._console.page(
            seen,
            "activity",
            "firm_activity.html",
            happened=[(one, words.told(one)) for one in found],
            cursor=cursor,
            about=about,
        )


def _listed(
    unit: Unit, authority: Authority, about: str | None, page: paging.Page
) -> list[Happened]:
    return activity.listed(unit, authority, about=about, after=page.place, limit=page.look_ahead)


def _entry(one: Happened) -> tuple[str, str, str, Markup]:
    """A change as `ui.timeline` takes it."""
    about = f"about {one.about}" if one.about else ""
    below = [
        moment_in(one.at, None),
        f"by {one.by}",
        about,
        f"“{one.remark}”" if one.remark else "",
    ]
    return (*words.line(one), Markup(", ").join(part for part in below if part))


def chart(months: Sequence[Month]) -> Chart:
    """Members at each month's end, and who came, went and was invited in it."""
    return Chart(
        "Month",
        [f"{one.first:%b %Y}" for one in months],
        [
            Series("Members", "c1", [one.members for one in months]),
            Series("Invited", "c2", [one.invited for one in months]),
            Series("Joined", "c3", [one.joined for one in months]),
            Series("Left", "c4", [one.parted for one in months]),
        ],
        named=3,
    )
