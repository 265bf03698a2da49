"""The console's shell: who comes in, the frame of its pages, and what every act leaves behind.

A section is a line in `SECTIONS` and a class whose routes `Console.route` makes::

    class FilersSection:
        def __init__(self, console: Console) -> None: …
        def routes(self) -> list[Route]:
            return [self._console.route("/filers", self.show)]

        async def show(self, request: Request) -> Response:
            seen, found = await self._console.read(request, _filers, …)   # rule(unit, desk, …)
            return self._console.page(seen, "filers", "court_filers.html", found=found)

`read` and `write` run a rule at the desk of the request's court, in one unit. They raise when
there is nobody at that desk: `Console.route` leads strangers to the sign-in, and to whoever does
not work for the court there is no such page.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.config import Settings
from signon.courts import staff
from signon.db import Database, Unit
from signon.errors import NotFoundError, RefusedError, SignInFirstError
from signon.filing.court import desk as desks
from signon.filing.court import requests
from signon.filing.court.desk import Desk, Power
from signon.filing.court.second_member import SecondMemberError
from signon.filing.rights import second_factor
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.signin import acting
from signon.signin import session as sessions
from signon.signin.session import AAL2, Session
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Site, Visit

PATH = "/court/{court}"
ASKED = "asked"
"""What was done where a request was filed instead."""
P = ParamSpec("P")
R = TypeVar("R")
DeskRule = Callable[Concatenate[Unit, Desk, P], R]
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Section:
    """One of the console's parts, as the navigation shows it; `name` is the path below the court."""

    name: str
    label: str


SECTIONS: tuple[Section, ...] = (
    Section("registrations", "Registrations"),
    Section("filers", "Filers"),
    Section("certificates", "Certificates"),
    Section("logins", "Legacy logins"),
    Section("staff", "Staff"),
    Section("policy", "Policy"),
    Section("requests", "Waiting for a second member"),
    Section("activity", "Activity"),
)
"""In the order of the navigation; the first is where the console opens."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit to a desk."""

    visit: Visit
    desk: Desk


class Console:
    """What every section is given."""

    def __init__(self, site: Site, database: Database) -> None:
        self.site = site
        self.database = database

    def routes(self) -> list[Route]:
        """Where the console opens."""
        return [self.route("", self.enter)]

    def route(self, path: str, handler: Handler, *, method: str = "GET") -> Route:
        """A route below `/court/{court}`."""

        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInFirstError as first:
                return await self._sign_in(request, is_half=first.is_half)
            except SecondMemberError:
                court_id = request.path_params["court"]
                return self.site.go(f"/court/{court_id}/requests?done={ASKED}")

        return Route(PATH + path, guarded, methods=[method])

    async def enter(self, request: Request) -> Response:
        """GET `/court/casb`."""
        seen, _ = await self.read(request, _nothing)
        return self.go(seen, SECTIONS[0].name)

    async def read(
        self, request: Request, rule: DeskRule[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Seen, R]:
        """Run a rule that changes nothing, for any of the staff."""
        visit = self.site.visit(request)

        def at_desk(unit: Unit) -> tuple[Desk, R, Session | None]:
            session, desk = _desk(unit, visit, request, self.site.settings)
            desk.require(Power.READ)
            untouched = session if sessions.is_untouched(unit, session) else None
            return desk, rule(unit, desk, *args, **kwargs), untouched

        desk, value, untouched = await self.database.read(at_desk)
        if untouched:
            await self.database.write(sessions.touch, untouched)
        return Seen(visit, desk), value

    async def submitted(self, request: Request) -> Parameters:
        """The fields of one of the console's own forms."""
        return await self.site.submitted(self.site.visit(request))

    async def write(
        self,
        request: Request,
        power: Power,
        rule: DeskRule[P, R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> tuple[Seen, R]:
        """Run a rule that needs a power; a refusal is raised after it was noted in the trail.

        Raises SecondMemberError once a request was filed in place of what was wanted.
        """
        visit = self.site.visit(request)
        at: list[Desk] = []

        def at_desk(unit: Unit) -> tuple[Desk, R]:
            session, desk = _desk(unit, visit, request, self.site.settings)
            at[:] = [desk]
            desk.require(power)
            sessions.touch(unit, session)
            return desk, rule(unit, desk, *args, **kwargs)

        try:
            desk, value = await self.database.write(at_desk)
        except SecondMemberError as first:
            await self.write(request, power, requests.ask, first.wanted)
            raise
        except NotFoundError:
            raise
        except RefusedError as error:
            named = [v for name, v in request.path_params.items() if name != "court"]
            note = partial(desks.note_refusal, desk=at[0], error=error, source=visit.source)
            await self.database.write(note, subject=named[-1][:32] if named else "")
            raise
        return Seen(visit, desk), value

    def page(
        self,
        seen: Seen,
        section: str,
        template: str,
        *,
        status: int = 200,
        errors: Sequence[FieldError] = (),
        **values: Any,
    ) -> Response:
        """A page in the console's frame; templates extend `court_console.html`.

        They are given `court`, `role` (for people), `may` (names of powers), `at` (the section)
        and `base` (the console's address) beside `values`.
        """
        desk = seen.desk
        return self.site.page(
            seen.visit,
            template,
            status=status,
            errors=errors,
            account=desk.account,
            court=desk.court,
            role=(desk.role or "").replace("_", " "),
            may={power.value for power in desk.powers},
            sections=SECTIONS,
            at=section,
            base=f"/court/{desk.court.id}",
            **values,
        )

    def go(self, seen: Seen, path: str) -> Response:
        """To another page of the same console."""
        return self.site.go(f"/court/{seen.desk.court.id}/{path}")

    async def _sign_in(self, request: Request, *, is_half: bool) -> Response:
        """To the sign-in and back here; a form that was sent is not repeated."""
        path = str(request.scope["path"])
        asked = request.scope["query_string"].decode("latin-1")
        if request.method != "GET":
            path, asked = f"/court/{request.path_params['court']}", ""
        back = f"{path}?{asked}" if asked else path
        journey = await self.database.write(_start, back, self.site.settings.journey_seconds)
        first = second_factor.PATH if is_half else "/login"
        return self.site.go(f"{first}?journey={journey}")


def _desk(unit: Unit, visit: Visit, request: Request, settings: Settings) -> tuple[Session, Desk]:
    court_id: str = request.path_params["court"]
    session = acting.proved(unit, visit.session_token, settings)
    if staff.role_of(unit, court_id, session.account.id) is None:
        raise NotFoundError("There is no such page.")
    if session.acr != AAL2:
        raise SignInFirstError(is_half=True)
    return session, desks.of_session(unit, session, court_id)


def _nothing(_unit: Unit, _desk: Desk) -> None:
    return None


def _start(unit: Unit, path: str, seconds: int) -> str:
    request = {"path": path, "fresh": False}
    lasts = timedelta(seconds=seconds)
    return store.start(unit, JourneyKind.PAGE, lasts=lasts, request=request).id
