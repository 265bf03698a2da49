"""The console's shell: who comes in, the frame of its pages, and the way back through a sign-in.

A section is a line in `SECTIONS` and a class whose routes `Console.route` makes; `read` and
`write` run a rule for the firm of the address, with the authority of whoever is signed in with
two factors. To whoever may not act for the firm there is no such page.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts.directory import Account
from signon.db import Database, Unit
from signon.errors import InputError, NotFoundError, RefusedError, SignInFirstError, SignonError
from signon.firms import access, directory
from signon.firms.access import Authority
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.signin import acting, demands
from signon.signin import session as sessions
from signon.signin.session import AAL2, Session
from signon.tokens.bearer import BearerError
from signon.web.parameters import Parameters
from signon.web.problems import ApiError
from signon.web.site import FieldError, Site, Visit
from signon.web.visitor import Source

BASE = "/firm"
PATH = f"{BASE}/{{firm}}"
P = ParamSpec("P")
R = TypeVar("R")
FirmRule = Callable[Concatenate[Unit, Authority, P], R]
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Section:
    """One of the console's parts, as the navigation shows it; `name` is the path below the firm."""

    name: str
    label: str


SECTIONS = (
    Section("", "Overview"),
    Section("members", "Members"),
    Section("invitations", "Invitations"),
    Section("settings", "Cost centres and client codes"),
    Section("administrators", "Administrators and programs"),
    Section("activity", "Activity"),
)
"""In the order of the navigation."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit by somebody who may act for the firm."""

    visit: Visit
    authority: Authority
    account: Account


class Console:
    """What every section is given."""

    def __init__(self, site: Site, database: Database) -> None:
        self.site = site
        self.database = database

    def routes(self) -> list[Route]:
        """Where the console opens for somebody whose firm is not named yet."""
        return [self.route(BASE, self.choose)]

    def route(self, path: str, handler: Handler, *, method: str = "GET") -> Route:
        """A route: below the firm's address, unless the whole path is given."""

        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInFirstError as first:
                return await self._sign_in(request, first)

        whole = path if path.startswith(BASE) else PATH + path
        return Route(whole, guarded, methods=[method])

    async def choose(self, request: Request) -> Response:
        """GET `/firm`: the one firm, or which."""
        visit = self.site.visit(request)
        session = await self.database.read(acting.proved, visit.session_token, self.site.settings)
        found = await self.database.read(directory.administered, session.account.id)
        if len(found) == 1:
            return self.site.go(f"{BASE}/{found[0].number}")
        return self.site.page(
            visit,
            "message.html",
            account=session.account,
            kind="info",
            heading="Your firms" if found else "You do not manage a firm",
            paragraphs=[] if found else ["An administrator of a firm can invite you to manage it."],
            actions=[{"label": one.name, "href": f"{BASE}/{one.number}"} for one in found],
        )

    async def read(
        self, request: Request, rule: FirmRule[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Seen, R]:
        """Run a rule that changes nothing."""
        visit = self.site.visit(request)

        def inside(unit: Unit) -> tuple[Seen, R, Session | None]:
            session = acting.proved(unit, visit.session_token, self.site.settings)
            authority = _authority(unit, session, request, visit.source, locked=False)
            untouched = session if sessions.is_untouched(unit, session) else None
            seen = Seen(visit, authority, session.account)
            return seen, rule(unit, authority, *args, **kwargs), untouched

        seen, value, untouched = await self.database.read(inside)
        if untouched:
            await self.database.write(sessions.touch, untouched)
        return seen, value

    async def write(
        self, request: Request, rule: FirmRule[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Seen, R]:
        """Run a rule under the firm's lock and commit."""
        visit = self.site.visit(request)

        def inside(unit: Unit) -> tuple[Seen, R]:
            session = acting.proved(unit, visit.session_token, self.site.settings)
            sessions.touch(unit, session)
            authority = _authority(unit, session, request, visit.source, locked=True)
            seen = Seen(visit, authority, session.account)
            return seen, rule(unit, authority, *args, **kwargs)

        try:
            return await self.database.write(inside)
        except BearerError as error:
            raise SignInFirstError(is_old=True) from error

    async def submitted(self, request: Request, *, limit: int | None = None) -> Parameters:
        """The fields of one of the console's own forms."""
        return await self.site.submitted(self.site.visit(request), limit=limit)

    def page(
        self,
        seen: Seen,
        section: str,
        template: str,
        *,
        errors: Sequence[FieldError] = (),
        **values: Any,
    ) -> Response:
        """A page in the console's frame; templates extend `firm_console.html`."""
        firm = seen.authority.firm
        return self.site.page(
            seen.visit,
            template,
            status=400 if errors else 200,
            errors=errors,
            account=seen.account,
            firm=firm,
            sections=SECTIONS,
            at=section,
            base=f"{BASE}/{firm.number}",
            **values,
        )

    def go(self, seen: Seen, path: str) -> Response:
        """To another page of the same firm."""
        return self.site.go(f"{BASE}/{seen.authority.firm.number}/{path}".rstrip("/"))

    async def _sign_in(self, request: Request, first: SignInFirstError) -> Response:
        """To the sign-in and back here; a form that was sent is not repeated."""
        path = str(request.scope["path"])
        asked = request.scope["query_string"].decode("latin-1")
        if request.method != "GET":
            asked = ""
            below = path.removeprefix(f"{BASE}/").split("/")
            path = "/".join((BASE, *below[:2]))
        back = f"{path}?{asked}" if asked else path
        seconds = self.site.settings.journey_seconds
        journey = await self.database.write(_start, back, seconds, fresh=first.is_old)
        page = demands.SECOND_FACTOR if first.is_half else "/login"
        return self.site.go(f"{page}?journey={journey}")


def problems(error: SignonError) -> list[FieldError]:
    """A rule's no, beside the field that it is about. What is not there stays a 404."""
    match error:
        case NotFoundError():
            raise error
        case InputError():
            return [FieldError(error.field, error.sentence)]
        case RefusedError() | ApiError():
            return [FieldError(None, error.told)]
        case _:
            raise error


def _authority(
    unit: Unit, session: Session, request: Request, source: Source, *, locked: bool
) -> Authority:
    number = request.path_params["firm"]
    found = access.of_session(unit, session, number, source=source, locked=locked)
    # whoever does not manage the firm has had a 404 by now, and is asked for nothing
    if session.acr != AAL2:
        raise SignInFirstError(is_half=True)
    return found


def _start(unit: Unit, path: str, seconds: int, *, fresh: bool) -> str:
    request = {"path": path, "fresh": fresh}
    lasts = timedelta(seconds=seconds)
    return store.start(unit, JourneyKind.PAGE, lasts=lasts, request=request).id
