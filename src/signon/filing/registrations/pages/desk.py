"""The console's registrations: what waits, by state and found by name, and one with its papers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.filing.court.ages import age
from signon.filing.court.court_policy import offered_types
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.registration_types import REGISTRATION_TYPES
from signon.filing.registrations import applying, assigning, queue, registration_lists
from signon.filing.registrations.assigning import ASSIGN, ASSIGN_ALL
from signon.filing.registrations.deciding import APPROVE, REJECT, RETURN
from signon.filing.registrations.pages import record as records
from signon.filing.registrations.pages import shown
from signon.filing.registrations.pages.decisions import DecisionPages
from signon.filing.registrations.queue import Listed, Tally
from signon.filing.registrations.registration_lists import Order, QueueSearch
from signon.filing.registrations.registrations import SUBMITTED, State
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.dates import moment_in
from signon.web.parameters import Parameters
from signon.web.site import FieldError

SHOWN = 50
DONE = {act.name: act.done for act in (APPROVE, RETURN, REJECT, ASSIGN)}
TABS: Mapping[State, str] = {
    State.PENDING: "Waiting",
    State.RETURNED: "Returned",
    State.APPROVED: "Approved",
    State.REJECTED: "Rejected",
    State.WITHDRAWN: "Withdrawn",
}
EMPTY: Mapping[State, tuple[str, str]] = {
    State.PENDING: (
        "Nobody waits for an answer",
        "A registration that an applicant has sent stands here until you approve, return or reject "
        "it, the oldest first.",
    ),
    State.RETURNED: (
        "Nothing is with an applicant",
        "What you return for correction stands here until the applicant sends it again.",
    ),
    State.APPROVED: (
        "Nothing was approved yet",
        "Approved registrations stand here; whoever sent them is among the filers.",
    ),
    State.REJECTED: (
        "Nothing was rejected",
        "Rejected registrations stand here with the reason that you gave.",
    ),
    State.WITHDRAWN: (
        "Nothing was withdrawn",
        "What an applicant takes back before you decide stands here.",
    ),
}
"""What the list of a state says that holds nothing."""
ORDERS = ((Order.OLDEST.value, "Oldest first"), (Order.NEWEST.value, "Newest first"))
FILTERS = ("q", "kind", "order")
Found = tuple[Sequence[Listed], Mapping[State, Tally], datetime, Mapping[str, str]]


class RegistrationsSection:
    """Everybody of the staff reads; clerks and administrators decide."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The list by state, one, its documents, the decisions."""
        route, one = self._console.route, "/registrations/{registration}"
        return [
            route("/registrations", self.list),
            route("/registrations/assign", self.assign_all, method="POST"),
            route(one, self.show),
            route(f"{one}/documents/{{document}}", self.open),
            route(f"{one}/assign", self.assign, method="POST"),
            *DecisionPages(self._console).routes(),
        ]

    async def list(self, request: Request) -> Response:
        """GET `…/registrations?state=pending&q=…&kind=…&order=…`: it all stays in the address."""
        return await self._page(request)

    async def _page(self, request: Request, errors: Sequence[FieldError] = ()) -> Response:
        asked, problem = parameters.query(request), ""
        search = _search(asked)
        try:
            seen, (found, tallies, now, colleagues) = await self._console.read(
                request, _list, search
            )
        except InputError as error:
            problem = error.told
            seen, (found, tallies, now, colleagues) = await self._console.read(request, _nobody)
        zone, narrowed = seen.who.court.time_zone, _kept(asked)
        waiting = tallies[State.PENDING]
        return self._console.page(
            seen,
            "registrations",
            "court_registrations.html",
            status=409 if errors else 200,
            errors=errors,
            done=ASSIGN_ALL.done if asked.text("done") == ASSIGN_ALL.name else "",
            state=search.state.value,
            kept=urlencode({"state": search.state.value, **narrowed}),
            colleagues=_to_whom(seen, colleagues),
            tabs=[
                (urlencode({"state": one.value, **narrowed}), TABS[one], tallies[one].number, one)
                for one in SUBMITTED
            ],
            waiting=waiting.number,
            oldest=age(waiting.oldest, now) if waiting.oldest else "",
            asked={name: asked.text(name) for name in FILTERS},
            is_narrowed=search.is_narrowed,
            empty=EMPTY[search.state],
            problem=problem,
            kinds=_kinds(seen.who),
            orders=ORDERS,
            found=[_line(one, zone, now, colleagues) for one in found[:SHOWN]],
            next_page=_next(search, narrowed, found),
        )

    async def show(self, request: Request) -> Response:
        """GET: everything about one."""
        named = request.path_params["registration"]
        seen, record = await self._console.read(request, records.read, named)
        done = DONE.get(parameters.query(request).text("done"), "")
        return records.page(self._console, seen, record, done=done)

    async def assign(self, request: Request) -> Response:
        """POST: who of the staff looks after it."""
        fields = await self._console.submitted(request)
        named = request.path_params["registration"]
        try:
            seen, _ = await self._console.do(request, ASSIGN, named, fields.text("assigned_to"))
        except (InputError, RefusedError) as error:
            wrong = problem(error)
            seen, record = await self._console.read(request, records.read, named)
            return records.page(self._console, seen, record, errors=[wrong], status=409)
        return self._console.go(seen, f"registrations/{named}?done={ASSIGN.name}")

    async def assign_all(self, request: Request) -> Response:
        """POST: who of the staff looks after those that were chosen in the list."""
        fields, asked = await self._console.submitted(request), parameters.query(request)
        chosen, to = fields.every("registration"), fields.text("assigned_to")
        try:
            seen, _ = await self._console.do(request, ASSIGN_ALL, chosen, to)
        except (InputError, RefusedError) as error:
            return await self._page(request, [replace(problem(error), field=None)])
        kept = {"state": asked.text("state"), **_kept(asked), "done": ASSIGN_ALL.name}
        return self._console.go(seen, f"registrations?{urlencode(kept)}")

    async def open(self, request: Request) -> Response:
        """GET: a document; who read it stands in the trail."""
        names = (request.path_params[part] for part in ("registration", "document"))
        _, (found, content) = await self._console.do(request, queue.READ, *names)
        return shown.document(found, content)


def _search(asked: Parameters) -> QueueSearch:
    return QueueSearch(
        queue.state_of(asked.text("state") or State.PENDING),
        asked.text("q"),
        asked.text("kind"),
        registration_lists.order_of(asked.text("order")),
        asked.text("after"),
        SHOWN + 1,
    )


def _list(unit: Unit, desk: Desk, search: QueueSearch) -> Found:
    found = registration_lists.find(unit, desk, search)
    return found, queue.tallies(unit, desk), unit.now, assigning.candidates(unit, desk)


def _nobody(unit: Unit, desk: Desk) -> Found:
    return [], queue.tallies(unit, desk), unit.now, {}


def _kept(asked: Parameters) -> dict[str, str]:
    """The filters that are set, to stay in the addresses of the tabs and of the next page."""
    return {name: asked.text(name) for name in FILTERS if asked.text(name)}


def _to_whom(seen: Seen, colleagues: Mapping[str, str]) -> list[tuple[str, str]]:
    """To whom the chosen ones may be given, oneself first; nobody unless the reader decides."""
    if Power.DECIDE not in seen.who.powers:
        return []
    own = seen.who.actor
    named = [(one, f"{name} (you)" if one == own else name) for one, name in colleagues.items()]
    return [*sorted(named, key=lambda one: one[0] != own), ("", "Nobody")]


def _next(search: QueueSearch, narrowed: Mapping[str, str], found: Sequence[Listed]) -> str:
    if len(found) <= SHOWN:
        return ""
    return urlencode({"state": search.state.value, **narrowed, "after": found[SHOWN - 1].key})


def _kinds(desk: Desk) -> list[tuple[str, str]]:
    offered = [(kind.value, REGISTRATION_TYPES[kind].label) for kind in offered_types(desk.court)]
    return [("", "Everything"), *offered]


def _line(one: Listed, zone: str, now: datetime, colleagues: Mapping[str, str]) -> dict[str, Any]:
    there = one.registration
    assert there.submitted_at is not None
    is_waiting = there.state is State.PENDING
    return {
        "id": there.id,
        "name": one.applicant.display_name,
        "number": one.applicant.number,
        "asked": applying.asked(there).label,
        "cases": ", ".join(there.answers.get("cases", ())),
        "sent": moment_in(there.submitted_at, zone),
        "age": age(there.submitted_at, now) if is_waiting else "",
        "changed": moment_in(there.updated_at, zone),
        "assigned": colleagues.get(there.assigned_to or "", ""),
    }
