"""A form of several steps: what a step asks is kept before the next one is shown.

A feature is a subclass that declares its forms in their order, and says who may go on, what was
entered so far and where it is kept::

    class UpgradePages(Stepped[Step, Seen]):
        forms = {Step.PERSON: StepForm("About you", "upgrade_person.html", entries.ABOUT), …}

GET shows a step, or leads to the one that is due. POST keeps it and leads on with GET; or it shows
the step again with what was typed and everything that is wrong with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import entries
from signon.accounts.entries import Check, Entered
from signon.errors import BusyError, InputError, NotFoundError, SignonError
from signon.signin.shell import AnsweredError
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Handler, Visit

RETRY_AFTER = {429: "60", 503: "2"}
"""Seconds, by status."""


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step's name for people, its template, and the fields that are checked one by one."""

    label: str
    template: str
    checks: Mapping[str, Check] = field(default_factory=dict)


class WrongError(Exception):
    """What was typed cannot be kept: all that is wrong with it, and the status that says so."""

    def __init__(self, problems: Sequence[SignonError], status: int = 400) -> None:
        super().__init__(status)
        self.errors = [
            FieldError(one.field if isinstance(one, InputError) else None, one.told)
            for one in problems
        ]
        self.status = status


class Visited(Protocol):
    """What stands behind a page: the visit, and what else the feature knows."""

    @property
    def visit(self) -> Visit:
        """Who is asking, by the browser and its cookies."""
        ...


Name = TypeVar("Name", bound=StrEnum)
"""A step's, which is the last part of its address."""
Seen = TypeVar("Seen", bound=Visited)


class Stepped(Generic[Name, Seen]):
    """The pages of such a form."""

    forms: ClassVar[Mapping[Any, StepForm]]
    """By step, in their order."""
    unknown: str | None = None
    """What is said at an address that is no step; None: the step that is due is shown there."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._hasher = wiring.hasher
        self._gate = wiring.gate
        self._ring = wiring.ring
        self._clients = wiring.clients
        self._courts = wiring.courts

    # ── What a feature says ──────────────────────────────────────────────────

    async def _look(self, visit: Visit, asked: Parameters) -> Seen:
        """Who asks, and what was entered so far; `asked` is the query, or the form's fields."""
        raise NotImplementedError

    async def _stop(self, seen: Seen, step: Name | None) -> Response | None:
        """What is answered in place of a step (None: of the way in); None: nothing stops them."""
        raise NotImplementedError

    def _due(self, seen: Seen) -> Name:
        """The first step that is still to be taken."""
        raise NotImplementedError

    def _at(self, seen: Seen, step: Name) -> str:
        """The step's address."""
        raise NotImplementedError

    async def _keep(self, seen: Seen, step: Name, fields: Parameters) -> Seen:
        """Keep what was typed. Raises WrongError, or AnsweredError where the way ends."""
        raise NotImplementedError

    async def _shown(self, seen: Seen, step: Name, typed: Entered | None) -> dict[str, Any]:
        """What the step's template shows: what was `typed` and is wrong, else what was kept."""
        raise NotImplementedError

    def _order(self, seen: Seen) -> Sequence[Name]:
        """The steps that this one takes."""
        return tuple(self.forms)

    def _astray(self, seen: Seen, step: Name) -> str | None:
        """Where somebody is led who may not take this step now; None: they may."""
        order, due = self._order(seen), self._due(seen)
        is_open = step in order and order.index(step) <= order.index(due)
        return None if is_open else self._at(seen, due)

    def _after(self, seen: Seen, step: Name) -> str:
        """Where a kept step leads: to the next one, or to an earlier one that is missing."""
        order = self._order(seen)
        following = order[order.index(step) + 1]
        return self._at(seen, min(following, self._due(seen), key=order.index))

    # ── What its pages are given ─────────────────────────────────────────────

    def _route(self, path: str, handler: Handler, method: str = "GET") -> Route:
        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except AnsweredError as instead:
                return instead.response

        return Route(path, guarded, methods=[method])

    def _routes(self, path: str) -> list[Route]:
        """The steps' routes; at a path without `{step}` is the first one."""
        return [self._route(path, self.show), self._route(path, self.answer, "POST")]

    async def show(self, request: Request) -> Response:
        """GET: a step with what was entered before."""
        visit = self._site.visit(request)
        seen, step = await self._open(visit, parameters.query(request))
        return await self._page(seen, step)

    async def answer(self, request: Request) -> Response:
        """POST: check what was typed and keep it; the next page comes by GET."""
        visit, fields = await self._submitted(request)
        seen, step = await self._open(visit, fields)
        try:
            kept = await self._keep(seen, step, fields)
        except WrongError as wrong:
            return await self._page(seen, step, fields.first_values(), wrong)
        return await self._stop(kept, step) or self._site.go(self._after(kept, step))

    async def _submitted(self, request: Request) -> tuple[Visit, Parameters]:
        visit = self._site.visit(request)
        return visit, await self._site.submitted(visit)

    async def _enter(
        self, visit: Visit, asked: Parameters | None = None, step: Name | None = None
    ) -> Seen:
        """Look, and let nobody past who is stopped. Raises AnsweredError."""
        seen = await self._look(visit, asked or parameters.query(visit.request))
        if stop := await self._stop(seen, step):
            raise AnsweredError(stop)
        return seen

    async def _open(self, visit: Visit, asked: Parameters) -> tuple[Seen, Name]:
        """The address's step, if it may be taken. Raises AnsweredError, NotFoundError."""
        name = visit.request.path_params.get("step", next(iter(self.forms)))
        step: Name | None = next((one for one in self.forms if one == name), None)
        if step is None and self.unknown:
            raise NotFoundError(self.unknown)
        seen = await self._enter(visit, asked, step)
        if step is None:
            raise AnsweredError(self._site.go(self._at(seen, self._due(seen))))
        if astray := self._astray(seen, step):
            raise AnsweredError(self._site.go(astray))
        return seen, step

    def _checked(self, step: Name, fields: Parameters) -> Entered:
        """The tidy values of the step's fields. Raises WrongError."""
        today = self._database.clock().date()
        tidy, wrong = entries.checked(self.forms[step].checks, fields.first_values(), today)
        if wrong:
            raise WrongError(wrong)
        return tidy

    async def _hash(self, password: str) -> str:
        """A new password's, made with no connection held. Raises WrongError (503)."""
        try:
            return await self._gate.run(self._hasher.hash, password)
        except BusyError as busy:
            raise WrongError([busy], 503) from busy

    async def _page(
        self, seen: Seen, step: Name, typed: Entered | None = None, wrong: WrongError | None = None
    ) -> Response:
        """A step's page. What was typed comes back, a password never."""
        order = self._order(seen)
        at = order.index(step)
        values: dict[str, Any] = {
            "status": wrong.status if wrong else 200,
            "errors": wrong.errors if wrong else [],
            "labels": [self.forms[one].label for one in order],
            "current": at + 1,
            "back_url": self._at(seen, order[at - 1]) if at else None,
        }
        shown = await self._shown(seen, step, typed)
        response = self._site.page(seen.visit, self.forms[step].template, **values | shown)
        if wrong and wrong.status in RETRY_AFTER:
            response.headers["retry-after"] = RETRY_AFTER[wrong.status]
        return response
