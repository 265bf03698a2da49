"""The shell of pages for whoever may enter: a court's desk, a firm, the operators' console.

A shell is a subclass that says who may enter and what its frame shows; a page reads and acts
through it::

    async def suspend(self, request: Request) -> Response:
        sent = await self._console.submitted(request)
        seen, _ = await self._console.do(request, SUSPEND, number, sent.text("reason"))
        return self._console.go(seen, f"filers/{number}?done=suspend")

Whoever is signed in is proved in every unit that reads or acts. `Shell.route` leads strangers to
the sign-in and back, and whoever has one factor only to the second.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Database, Unit
from signon.errors import InputError, NotFoundError, RefusedError, SignInFirstError, SignonError
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.signin import acting, demands
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.problems import ApiError
from signon.web.site import FieldError, Site, Visit
from signon.words import language
from signon.words.language import ENGLISH

Who = TypeVar("Who")
P = ParamSpec("P")
R = TypeVar("R")
Handler = Callable[[Request], Awaitable[Response]]
Rule = Callable[Concatenate[Unit, Who, P], R]
SomeAct = Act[Who, ..., Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One of a console's parts, as the navigation shows it; `name` is the path below the place."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Seen(Generic[Who]):
    """A visit by somebody who was let in."""

    visit: Visit
    who: Who
    session: Session


class AnsweredError(Exception):
    """Something else was done in place of what was asked, and this is the answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Shell(ABC, Generic[Who]):
    """What the pages of one place are given."""

    path = ""
    """Where it is: what every route begins with."""
    sections: Sequence[Section] = ()
    """In the order of the navigation."""
    is_translated = False
    """Whether it is in its reader's language; consoles are in English."""

    def __init__(self, site: Site, database: Database) -> None:
        self.site = site
        self.settings = site.settings
        self.database = database

    # ── What a place says ────────────────────────────────────────────────────

    @abstractmethod
    def enter(self, unit: Unit, session: Session, visit: Visit, act: SomeAct[Who] | None) -> Who:
        """Who this is here; an `act` of None: they only look.

        Raises NotFoundError, SignInFirstError (another factor, or a more recent sign-in).
        """

    def permit(self, who: Who, act: SomeAct[Who] | None) -> None:
        """Raises RefusedError unless they may."""

    async def instead(self, visit: Visit, error: Exception, who: Who | None) -> None:
        """Called with what an act raised; `who` is None when nobody came in. May raise another."""

    def home(self, path_params: Mapping[str, Any]) -> str:
        """The place's own address: a form whose session had ended comes back there."""
        return self.path.format(**path_params)

    def frame(self, seen: Seen[Who]) -> dict[str, Any]:
        """What the frame of every page shows beside what all frames do."""
        return {}

    def visit(self, request: Request) -> Visit:
        """Who is asking."""
        visit = self.site.visit(request)
        if not self.is_translated:
            language.speak(ENGLISH)
        return visit

    # ── What its pages are given ─────────────────────────────────────────────

    def route(self, path: str, handler: Handler, *, method: str = "GET") -> Route:
        """A route below the place's address."""
        return Route(self.path + path, self.guarded(handler), methods=[method])

    def guarded(self, handler: Handler) -> Handler:
        """The handler of a page, behind whose refusal to let in there is a sign-in."""

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInFirstError as first:
                return await self._sign_in(request, first)
            except AnsweredError as instead:
                return instead.response

        return answered

    async def read(
        self, request: Request, rule: "Rule[Who, P, R]", /, *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Seen[Who], R]:
        """Run a rule that changes nothing."""
        visit = self.visit(request)

        def inside(unit: Unit) -> tuple[Seen[Who], R, Session | None]:
            session = acting.proved(unit, visit.session_token, self.settings)
            who = self.enter(unit, session, visit, None)
            self.permit(who, None)
            untouched = session if sessions.is_untouched(unit, session) else None
            return Seen(visit, who, session), rule(unit, who, *args, **kwargs), untouched

        seen, value, untouched = await self.database.read(inside)
        if untouched:
            await self.database.write(sessions.touch, untouched)
        return seen, value

    async def do(
        self, request: Request, act: Act[Who, P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> tuple[Seen[Who], R]:
        """Do it and commit. Raises what the act's rule raises."""
        visit, came = self.visit(request), list[Who]()

        def inside(unit: Unit) -> tuple[Seen[Who], R]:
            session = acting.proved(unit, visit.session_token, self.settings)
            who = self.enter(unit, session, visit, act)
            came[:] = [who]
            self.permit(who, act)
            sessions.touch(unit, session)
            return Seen(visit, who, session), act.rule(unit, who, *args, **kwargs)

        size = int(request.headers.get("content-length", "0"))
        try:
            return await self.database.write_asked(size, inside)
        except Exception as error:
            await self.instead(visit, error, came[0] if came else None)
            raise

    async def submitted(self, request: Request, *, limit: int | None = None) -> Parameters:
        """The fields of one of the place's own forms."""
        return await self.site.submitted(self.visit(request), limit=limit)

    def page(
        self,
        seen: Seen[Who],
        section: str,
        template: str,
        *,
        status: int | None = None,
        errors: Sequence[FieldError] = (),
        **values: Any,
    ) -> Response:
        """A page in the place's frame; with `errors` it is a 400 unless `status` says otherwise."""
        values = {"switches": ()} | values if not self.is_translated else values
        return self.site.page(
            seen.visit,
            template,
            status=status or (400 if errors else 200),
            errors=errors,
            account=seen.session.account,
            sections=self.sections,
            at=section,
            base=self.home(seen.visit.request.path_params),
            **self.frame(seen),
            **values,
        )

    def go(self, seen: Seen[Who], path: str) -> Response:
        """To another page of the same place."""
        home = self.home(seen.visit.request.path_params)
        return self.site.go(f"{home}/{path}".rstrip("/"))

    async def _sign_in(self, request: Request, first: SignInFirstError) -> Response:
        """To the sign-in and back here; a form that was sent is not repeated."""
        back = str(request.scope["path"])
        if request.method == "POST":
            back = self.home(request.path_params)
        elif asked := request.scope["query_string"].decode("latin-1"):
            back = f"{back}?{asked}"
        journey = await self.database.write(
            _start, back, self.settings.journey_seconds, fresh=first.is_old
        )
        page = demands.SECOND_FACTOR if first.is_half else "/login"
        return self.site.go(f"{page}?journey={journey}")


def problem(error: SignonError, fields: Mapping[str | None, str | None] = {}) -> FieldError:
    """A rule's no, to stand beside the field that it is about; `fields` are those that the form
    calls otherwise. What is not there stays a 404.
    """
    match error:
        case NotFoundError():
            raise error
        case InputError():
            return FieldError(fields.get(error.field, error.field), error.told)
        case RefusedError() | ApiError():
            return FieldError(fields.get(error.reason), error.told)
        case _:
            raise error


def _start(unit: Unit, path: str, seconds: int, *, fresh: bool) -> str:
    request = {"path": path, "fresh": fresh}
    lasts = timedelta(seconds=seconds)
    return store.start(unit, JourneyKind.PAGE, lasts=lasts, request=request).id
