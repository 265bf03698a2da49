"""The console's legacy logins: finding one, and having its proof mailed to the address on file."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import BusyError, NotFoundError, RefusedError
from signon.filing.court import searches
from signon.filing.court.court_activity import OF_LOGIN
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.legacy_logins import legacy_lists
from signon.filing.legacy_logins.legacy_lists import ListedLogin
from signon.filing.linking import login_stories
from signon.filing.linking.proof_mails import SEND
from signon.filing.roles import labels
from signon.searching.ranges import Found
from signon.web import paging, parameters
from signon.web.acts import Act
from signon.web.dates import moment_in
from signon.web.parameters import Parameters
from signon.web.site import FieldError

SHOWN = 50
STATUSES = {
    "active": "Can be linked",
    "disabled": "Disabled",
    "locked": "Locked",
    "linked": "Linked",
}


class LoginsSection:
    """Everybody of the staff looks; all but read-only have proofs mailed."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The list, and the mail."""
        route = self._console.route
        return [
            route("/logins", self.show),
            route("/logins/{login}", self.one),
            route("/logins/{login}", self.mail, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/logins?q=`."""
        done = SEND.done if parameters.query(request).text("done") else ""
        return await self._page(request, done=done)

    async def one(self, request: Request) -> Response:
        """GET: one login, whether it can be linked, and what was tried with it."""
        named = request.path_params["login"]
        seen, story = await self._console.read(request, login_stories.of, named)
        zone, one = seen.who.court.time_zone, story.login
        return self._console.page(
            seen,
            "logins",
            "court_login.html",
            **_line(one, seen.who),
            bar_id=one.bar_id or "None",
            cases=list(one.cases) if one.cases is not None else "All cases of the role",
            verdict=login_stories.verdict(story),
            events=[
                (
                    line.told.glyph,
                    line.told.tone,
                    f"{line.told.text}.",
                    Markup(", ").join(
                        part
                        for part in (moment_in(line.at, zone), f"by {line.actor}", line.reason)
                        if part
                    ),
                )
                for line in story.events
            ],
            days=OF_LOGIN.days,
        )

    async def mail(self, request: Request) -> Response:
        """POST: mail the proof of one."""
        await self._console.submitted(request)
        try:
            seen, _ = await self._console.do(request, SEND, request.path_params["login"])
        except NotFoundError:
            raise
        except (RefusedError, BusyError) as error:
            return await self._page(request, problem=error.told)
        return self._console.go(seen, f"logins?done={SEND.name}")

    async def _found(
        self, request: Request, asked: Parameters
    ) -> tuple[Seen, Sequence[Found[ListedLogin]]]:
        if asked.text("q"):
            return await self._console.do(request, FIND, asked)
        return await self._console.read(request, _list, asked)

    async def _page(self, request: Request, *, done: str = "", problem: str = "") -> Response:
        asked = parameters.query(request)
        try:
            seen, found = await self._found(request, asked)
        except BusyError as error:
            problem = error.told
            seen, found = await self._console.read(request, _nothing)
        shown = found[:SHOWN]
        return self._console.page(
            seen,
            "logins",
            "court_logins.html",
            status=409 if problem else 200,
            errors=[FieldError(None, problem)] if problem else (),
            done=done,
            words=asked.text("q"),
            found=[_line(one.row, seen.who) for one in shown],
            next_after=paging.encode(shown[-1].after) if len(found) > SHOWN else None,
        )


def _nothing(_unit: Unit, _desk: Desk) -> list[Found[ListedLogin]]:
    return []


def _line(one: ListedLogin, desk: Desk) -> dict[str, Any]:
    return {
        "id": one.id,
        "login": one.login,
        "name": f"{one.first_name} {one.last_name}".strip(),
        "email": one.email or "none on file",
        "roles": ", ".join(labels(one.roles)),
        "state": STATUSES[one.status],
        "number": one.account_number,
        "may_be_mailed": one.status == "active"
        and bool(one.email)
        and not desk.is_own_login(None, one.email),
    }


def _list(unit: Unit, desk: Desk, asked: Parameters) -> list[Found[ListedLogin]]:
    after, words = asked.text("after"), asked.text("q")
    if words:
        searches.count(unit, desk)
    found = legacy_lists.find(
        unit,
        desk.court,
        words=words,
        after=paging.decode(after) if after else "",
        limit=SHOWN + 1,
    )
    if words:
        searches.note(unit, desk, words, logins=len(found))
    return found


FIND = Act("find-logins", _list, needs=Power.READ)
"""It changes nothing but the trail."""
