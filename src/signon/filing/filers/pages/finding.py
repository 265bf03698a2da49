"""The console's help desk: whoever calls is found, and why they do not get on is told."""

from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import BusyError, InputError
from signon.filing.callers.attempts import BACK, Attempts
from signon.filing.court import searches
from signon.filing.court.desk import Desk
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.filers.finding import FIND, Found
from signon.filing.legacy_logins.legacy_lists import ListedLogin
from signon.web.dates import moment_in
from signon.web.site import FieldError


class FindSection:
    """For everybody of the staff. What is looked for stands in no address: it is sent."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The form, and what it finds."""
        return [
            self._console.route("/find", self.show),
            self._console.route("/find", self.find, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/find`."""
        seen, _ = await self._console.read(request, _nothing)
        return self._page(seen)

    async def find(self, request: Request) -> Response:
        """POST: who may be meant."""
        typed = (await self._console.submitted(request)).text("q")
        try:
            seen, found = await self._console.do(request, FIND, typed)
        except (InputError, BusyError) as error:
            seen, _ = await self._console.read(request, _nothing)
            return self._page(seen, typed, errors=[FieldError("q", error.told)])
        return self._page(seen, typed, found)

    def _page(
        self,
        seen: Seen,
        typed: str = "",
        found: Found | None = None,
        *,
        errors: list[FieldError] | None = None,
    ) -> Response:
        zone = ZoneInfo(seen.who.court.time_zone).key
        return self._console.page(
            seen,
            "find",
            "court_find.html",
            errors=errors or [],
            typed=typed,
            has_looked=found is not None,
            people=[(one.number, one.display_name) for one in found.people] if found else [],
            logins=[_login(one) for one in found.logins] if found else [],
            attempts=_attempts(found.attempts, zone) if found else None,
            days=BACK.days,
            most=searches.AN_HOUR,
        )


def _nothing(_unit: Unit, _desk: Desk) -> None:
    return None


def _login(one: ListedLogin) -> dict[str, Any]:
    name = " ".join(part for part in (one.first_name, one.last_name) if part)
    return {"id": one.id, "login": one.login, "name": name, "status": one.status}


def _attempts(found: Attempts, zone: str) -> dict[str, Any]:
    return {
        "tried": [
            (
                "warning",
                "bad",
                "A sign-in that was begun at this court failed.",
                Markup(", ").join(part for part in (moment_in(one.at, zone), one.client) if part),
            )
            for one in found.tried
        ],
        "until": moment_in(found.until, zone) if found.until else "",
    }
