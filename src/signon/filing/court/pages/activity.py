"""The console's activity: what happened at the court, newest first."""

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.audit.activity import NEWEST
from signon.filing.court import court_activity
from signon.filing.court.pages.shell import Console
from signon.web import parameters
from signon.web.dates import moment_in

SHOWN = 50


class ActivitySection:
    """For everybody of the staff."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """One page, which goes back in time."""
        return [self._console.route("/activity", self.show)]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/activity?before=…`."""
        asked = parameters.query(request).text("before")
        before = parameters.number(asked) or NEWEST
        seen, lines = await self._console.read(
            request, court_activity.lines, before=before, limit=SHOWN + 1
        )
        zone = ZoneInfo(seen.who.court.time_zone)
        return self._console.page(
            seen,
            "activity",
            "court_activity.html",
            lines=[
                {
                    "at": moment_in(one.at, zone.key),
                    "text": one.told.text,
                    "actor": one.actor,
                    "about": one.about,
                    "reason": one.reason,
                }
                for one in lines[:SHOWN]
            ],
            next_before=lines[SHOWN - 1].seq if len(lines) > SHOWN else None,
        )
