"""`/account/agents`: both sides of one's pairs. Who files for me, and for whom I file."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError, SignInFirstError
from signon.filing import cases
from signon.filing.agents import bounds, log, pairs, words
from signon.filing.agents.answering import ACCEPT, DECLINE
from signon.filing.agents.bounds import BoundsAsked
from signon.filing.agents.ending import BOUNDS, END_OWN
from signon.filing.agents.log import Acted
from signon.filing.agents.naming import NAME, NewAgent
from signon.filing.agents.pairs import Pair, PairState, Side
from signon.filing.agents.party import Party
from signon.filing.court import court_policy
from signon.filing.rights import own_rights
from signon.filing.rights.filing_status import FilingStatus
from signon.signin.acting import Needs
from signon.signin.session import Session
from signon.signin.shell import Shell, SomeAct, problem
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import FieldError, Visit

DONE = {act.name: act.done for act in (NAME, ACCEPT, DECLINE, BOUNDS, END_OWN)}
Courts = Mapping[str, Court]


class AgentsShell(Shell[Party]):
    """Whoever is signed in, at their own pairs."""

    path = "/account/agents"

    def enter(
        self, unit: Unit, session: Session, visit: Visit, act: SomeAct[Party] | None
    ) -> Party:
        """The account. Raises SignInFirstError where the act needs a more recent sign-in."""
        is_fresh = session.is_fresh(unit.now, self.settings)
        if act and act.needs is Needs.FRESH and not is_fresh:
            raise SignInFirstError(is_old=True)
        return Party(session.account, session.proof, visit.source)


class OwnAgentsPages:
    """The list, naming somebody, and one pair."""

    def __init__(self, wiring: Wiring) -> None:
        self._shell = AgentsShell(wiring.site, wiring.database)
        self._courts = wiring.courts

    def routes(self) -> list[Route]:
        """Each page and each form."""
        route = self._shell.route
        return [
            route("", self.show),
            route("/new", self.new),
            route("/new", self.name, method="POST"),
            route("/{pair}", self.one),
            route("/{pair}/bounds", self.bound, method="POST"),
            route("/{pair}/end", self.end, method="POST"),
            route("/{pair}/accept", self.accept, method="POST"),
            route("/{pair}/decline", self.decline, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET: who files for me, and for whom I file, by court."""
        return await self._list(request, done=DONE.get(parameters.query(request).text("done"), ""))

    async def new(self, request: Request) -> Response:
        """GET: the form that names somebody."""
        return await self._form(request, parameters.query(request))

    async def name(self, request: Request) -> Response:
        """POST: name somebody."""
        fields = await self._shell.submitted(request)
        try:
            await self._shell.do(request, NAME, _named(fields))
        except (InputError, RefusedError) as error:
            return await self._form(request, fields, [problem(error, FIELDS)])
        return self._done(NAME)

    async def one(self, request: Request) -> Response:
        """GET: a pair from one's own side of it, with what the agent did."""
        return await self._one(request, done=DONE.get(parameters.query(request).text("done"), ""))

    async def bound(self, request: Request) -> Response:
        """POST: other bounds."""
        fields = await self._shell.submitted(request)
        pair_id = request.path_params["pair"]
        try:
            seen, _ = await self._shell.do(request, BOUNDS, pair_id, _asked(fields))
        except (InputError, RefusedError) as error:
            return await self._one(request, [problem(error, FIELDS)])
        return self._shell.go(seen, f"{pair_id}?done={BOUNDS.name}")

    async def end(self, request: Request) -> Response:
        """POST: end it, with a reason."""
        fields = await self._shell.submitted(request)
        pair_id, reason = request.path_params["pair"], fields.text("reason")
        side = Side.AGENT if fields.text("side") == Side.AGENT else Side.PRINCIPAL
        try:
            await self._shell.do(request, END_OWN, pair_id, side, reason)
        except (InputError, RefusedError) as error:
            return await self._one(request, [problem(error)])
        return self._done(END_OWN)

    async def accept(self, request: Request) -> Response:
        """POST: become the agent, within the bounds that were read."""
        fields = await self._shell.submitted(request)
        version = parameters.number(fields.text("version"))
        try:
            await self._shell.do(request, ACCEPT, request.path_params["pair"], version)
        except RefusedError as error:
            return await self._list(request, [problem(error)])
        return self._done(ACCEPT)

    async def decline(self, request: Request) -> Response:
        """POST: say no; aloud if that is ticked."""
        fields = await self._shell.submitted(request)
        tells = fields.get("tell") is not None
        pair_id = request.path_params["pair"]
        try:
            await self._shell.do(request, DECLINE, pair_id, tells=tells)
        except RefusedError as error:
            return await self._list(request, [problem(error)])
        return self._done(DECLINE)

    def _done(self, act: Act[Party, ..., Any]) -> Response:
        return self._shell.site.go(f"{AgentsShell.path}?done={act.name}")

    async def _list(
        self, request: Request, errors: Sequence[FieldError] = (), *, done: str = ""
    ) -> Response:
        courts = await self._courts.all()
        seen, (mine, others, may_name) = await self._shell.read(request, _both, courts)
        now = self._shell.database.clock()
        asked = [_shown(one, courts, now, Side.AGENT) for one in others]
        return self._shell.page(
            seen,
            "agents",
            "account_agents.html",
            errors=errors,
            done=done,
            may_name=may_name,
            offers=[one for one in asked if one["state"] == PairState.OFFERED],
            agents=[_shown(one, courts, now, Side.PRINCIPAL) for one in mine],
            principals=[one for one in asked if one["state"] != PairState.OFFERED],
        )

    async def _form(
        self, request: Request, typed: Parameters, errors: Sequence[FieldError] = ()
    ) -> Response:
        courts = await self._courts.all()
        seen, found = await self._shell.read(request, _may_name_at, courts)
        return self._shell.page(
            seen,
            "agents",
            "account_agent_new.html",
            errors=errors,
            courts=[(court.id, court.name) for court, _ in found],
            kinds=_kinds([status for _, status in found]),
            typed={name: typed.text(name) for name in TYPED},
            ticked=typed.lists().get("permissions", []),
            pays=typed.get("may_pay") is not None,
        )

    async def _one(
        self, request: Request, errors: Sequence[FieldError] = (), *, done: str = ""
    ) -> Response:
        courts = await self._courts.all()
        found = await self._shell.read(request, _pair, request.path_params["pair"], courts)
        seen, (pair, side, acted, status) = found
        now = self._shell.database.clock()
        return self._shell.page(
            seen,
            "agents",
            "account_agent.html",
            errors=errors,
            done=done,
            zone=courts[pair.court_id].time_zone,
            side=side.value,
            pair=_shown(pair, courts, now, side),
            within=pair.bounds,
            kinds=_kinds([status] if status else []),
            acted=acted,
        )


TYPED = ("court", "account_number", "last_name", "cases", "ends_on")
FIELDS: Mapping[str | None, str | None] = {
    "permission_not_held": "permissions",
    "own_account": "account_number",
    "already_named": "account_number",
}
"""Refusals that are about a field."""


def _both(unit: Unit, who: Party, courts: Courts) -> tuple[list[Pair], list[Pair], bool]:
    mine = [one for one in pairs.of_principal(unit, who.account.id) if one.court_id in courts]
    others = [one for one in pairs.of_agent(unit, who.account.id) if one.court_id in courts]
    return mine, others, bool(_may_name_at(unit, who, courts))


def _may_name_at(unit: Unit, who: Party, courts: Courts) -> list[tuple[Court, FilingStatus]]:
    """The courts at which the person may name an agent now."""
    return [
        (one.court, one.filing_status)
        for one in own_rights.of_account(unit, who.account.id, courts)
        if court_policy.has_agents(one.court) and bounds.may_be_principal(one.filing_status)
    ]


def _pair(
    unit: Unit, who: Party, pair_id: str, courts: Courts
) -> tuple[Pair, Side, list[Acted], FilingStatus | None]:
    try:
        pair, side = pairs.own(unit, pair_id, who.account.id, Side.PRINCIPAL), Side.PRINCIPAL
    except NotFoundError:
        pair, side = pairs.own(unit, pair_id, who.account.id, Side.AGENT), Side.AGENT
    held = {court.id: status for court, status in _may_name_at(unit, who, courts)}
    return pair, side, log.of_pair(unit, pair), held.get(pair.court_id)


def _shown(pair: Pair, courts: Courts, now: datetime, side: Side) -> dict[str, Any]:
    court = courts[pair.court_id]
    state = pair.state_for_agent if side is Side.AGENT else pair.state
    return words.shown(pair, court, state(court, now))


def _kinds(held: Sequence[FilingStatus]) -> list[tuple[str, str]]:
    """The kinds of documents that there are to choose from; of one alone there is no choice."""
    found = list(dict.fromkeys(one.value for status in held for one in status.permissions))
    labels = (one.capitalize() for one in bounds.words(found))
    return list(zip(found, labels, strict=True)) if len(found) > 1 else []


def _asked(fields: Parameters) -> BoundsAsked:
    """The bounds of a form: what is left empty is no bound."""
    return BoundsAsked(
        permissions=fields.lists().get("permissions") or None,
        cases=list(cases.read(fields.get("cases") or "")) or None,
        ends_on=_day(fields.text("ends_on")),
        may_pay=fields.get("may_pay") is not None,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError("Enter the last day as a date.", field="ends_on") from None


def _named(fields: Parameters) -> NewAgent:
    return NewAgent(
        court=fields.text("court"),
        account_number=fields.text("account_number"),
        last_name=fields.text("last_name"),
        **_asked(fields).model_dump(),
    )
