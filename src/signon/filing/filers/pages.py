"""The console's filers: finding one, why they cannot file, and what the court does about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts.directory import Account
from signon.audit import activity
from signon.audit.activity import AtCourt
from signon.config import Settings
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing import cases
from signon.filing.court.court_policy import offered_roles
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.filers import filer_lists
from signon.filing.filers.acts import DONE, PLAIN, WITH_REASON, possible
from signon.filing.filers.filer_lists import Search
from signon.filing.filers.words import STATUSES, changed, facts
from signon.filing.readiness import readiness
from signon.filing.readiness.readiness import Readiness
from signon.filing.rights import filers, rights
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import Right
from signon.filing.rights.role_changes import CHANGE, GivenRoles
from signon.filing.roles import ROLES
from signon.signin.shell import problem
from signon.web import paging, parameters
from signon.web.dates import moment_in
from signon.web.parameters import Parameters
from signon.web.site import FieldError

SHOWN = 50
EVENTS = 20
REASONS = {
    "suspend": "suspend_reason",
    "reject-link": "reject_reason",
    "unlink": "unlink_reason",
}
"""Which field of the page holds the reason of an act that needs one."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything about one filer."""

    account: Account
    right: Right | None
    readiness: Readiness
    history: Sequence[Mapping[str, Any]]
    events: Sequence[AtCourt]


class FilersSection:
    """Everybody of the staff looks; clerks and administrators act."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._settings = console.site.settings

    def routes(self) -> list[Route]:
        """The search, one filer, the acts."""
        route, one = self._console.route, "/filers/{account_number}"
        return [
            route("/filers", self.search),
            route(one, self.show),
            route(f"{one}/roles", self.show),
            route(f"{one}/roles", self.change_roles, method="POST"),
            route(f"{one}/{{act}}", self.show),
            route(f"{one}/{{act}}", self.do, method="POST"),
        ]

    async def search(self, request: Request) -> Response:
        """GET `/court/casb/filers?q=`: what is asked for stands in the address."""
        asked = parameters.query(request)
        problem = ""
        try:
            seen, found = await self._console.read(request, _find, _search(asked))
        except InputError as error:
            problem = error.told
            seen, found = await self._console.read(request, _nobody)
        shown = found[:SHOWN]
        more = paging.encode(filer_lists.key(shown[-1])) if len(found) > SHOWN else None
        return self._console.page(
            seen,
            "filers",
            "court_filers.html",
            asked={name: asked.text(name) for name in ("q", "status", "role")},
            problem=problem,
            found=[_line(one) for one in shown],
            next_after=more,
            statuses=[("", "Any"), *STATUSES.items()],
            roles=[
                ("", "Any"),
                *((role.value, ROLES[role].label) for role in offered_roles(seen.who.court)),
            ],
        )

    async def show(self, request: Request) -> Response:
        """GET: why they can or cannot file, and what there is to do."""
        number = request.path_params["account_number"]
        seen, whole = await self._console.read(request, _whole, self._settings, number)
        done = DONE.get(parameters.query(request).text("done"), "")
        return self._page(seen, whole, done=done)

    async def do(self, request: Request) -> Response:
        """POST of an act."""
        fields = await self._console.submitted(request)
        number, name = (request.path_params[part] for part in ("account_number", "act"))
        reason = fields.text(REASONS.get(name, ""))
        try:
            if name in PLAIN:
                seen, _ = await self._console.do(request, PLAIN[name], number)
            elif name in WITH_REASON:
                seen, _ = await self._console.do(request, WITH_REASON[name], number, reason)
            else:
                raise NotFoundError("There is no such page.")
        except (InputError, RefusedError) as error:
            wrong = problem(error, {"reason": REASONS.get(name)})
            seen, whole = await self._console.read(request, _whole, self._settings, number)
            return self._page(seen, whole, errors=[wrong], typed={REASONS.get(name, ""): reason})
        return self._console.go(seen, f"filers/{number}?done={name}")

    async def change_roles(self, request: Request) -> Response:
        """POST: roles, cases and conditions, all three as they stand on the page."""
        fields = await self._console.submitted(request)
        number = request.path_params["account_number"]
        wanted = GivenRoles(
            roles=fields.lists().get("roles", []),
            cases=list(cases.read(fields.get("cases") or "")) or None,
            conditions=fields.text("conditions"),
        )
        try:
            seen, _ = await self._console.do(request, CHANGE, number, wanted)
        except (InputError, RefusedError) as error:
            wrong = problem(error)
            seen, whole = await self._console.read(request, _whole, self._settings, number)
            return self._page(seen, whole, errors=[wrong], wanted=wanted)
        return self._console.go(seen, f"filers/{number}?done={CHANGE.name}")

    def _page(
        self,
        seen: Seen,
        whole: Whole,
        *,
        done: str = "",
        errors: Sequence[FieldError] = (),
        typed: Mapping[str, str] | None = None,
        wanted: GivenRoles | None = None,
    ) -> Response:
        zone = ZoneInfo(seen.who.court.time_zone)
        is_own = seen.who.actor == whole.account.id
        return self._console.page(
            seen,
            "filers",
            "court_filer.html",
            errors=errors,
            done=done,
            number=whole.account.number,
            name=whole.account.display_name,
            facts=facts(whole.account, whole.right, zone),
            own=whole.readiness,
            lines=whole.readiness.lines,
            is_own=is_own,
            acts=possible(whole.right) if seen.who.may(Power.FILERS) and not is_own else set(),
            typed=dict.fromkeys(REASONS.values(), "") | dict(typed or {}),
            wanted=wanted or whole.right,
            roles=[(role.value, ROLES[role].label) for role in offered_roles(seen.who.court)],
            history=[changed(one, zone) for one in whole.history],
            events=[
                (moment_in(one.at, zone.key), one.event, one.reason or "") for one in whole.events
            ],
        )


def _search(asked: Parameters) -> Search:
    after = asked.text("after")
    return Search(
        asked.text("q"),
        asked.text("status"),
        asked.text("role"),
        paging.decode(after) if after else "",
        SHOWN + 1,
    )


def _find(unit: Unit, desk: Desk, search: Search) -> list[Filer]:
    return filer_lists.find(unit, desk.court, search)


def _nobody(_unit: Unit, _desk: Desk) -> list[Filer]:
    return []


def _whole(unit: Unit, desk: Desk, settings: Settings, number: str) -> Whole:
    account = filers.known(unit, desk.court, number)
    court_id = desk.court.id
    return Whole(
        account,
        rights.of_account(unit, account.id, court_id),
        readiness.of(unit, settings, account.id, desk.court),
        rights.history(unit, account.id, court_id),
        activity.of_court(unit, court_id, account_id=account.id, limit=EVENTS),
    )


def _line(filer: Filer) -> dict[str, Any]:
    return {
        "number": filer.account.number,
        "name": filer.account.display_name,
        "login": filer.right.login or "–",
        "roles": ", ".join(ROLES[role].label for role in ROLES if role in filer.right.roles),
        "status": STATUSES[filer.right.status],
    }
