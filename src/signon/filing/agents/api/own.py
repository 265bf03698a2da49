"""`/api/v1/me/agents` and `/me/principals`: both sides of one's own pairs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from signon.courts.registry import read_one
from signon.db import Unit
from signon.filing.agents import log, pairs
from signon.filing.agents.answering import ACCEPT, DECLINE
from signon.filing.agents.api import shown
from signon.filing.agents.api.shown import (
    AgentLog,
    Declined,
    EndReason,
    Pairs,
    PairShown,
    Principals,
)
from signon.filing.agents.bounds import BoundsAsked
from signon.filing.agents.ending import BOUNDS, END_OWN
from signon.filing.agents.naming import NAME, NewAgent
from signon.filing.agents.pairs import Pair, Side
from signon.filing.agents.party import Party
from signon.rest import Answer, Call, Caller, router
from signon.rest.at import At, SomeAct, nothing_more
from signon.rest.declared import refusals
from signon.rest.parameters import IfMatch
from signon.signin import session as sessions
from signon.signin.acting import Needs
from signon.web.problems import BASE

PairId = Annotated[
    str,
    Path(description="The pair’s id, as the list has it.", examples=["fr6flb775s4ox65xjpqan6szia"]),
]
operations = router("Your own account", "account")


class AtOwnPairs(At[Party]):
    """A call of a signed-in person about their pairs."""

    def enter(self, unit: Unit, caller: Caller, act: SomeAct[Party] | None) -> Party:
        """The person. Raises BearerError unless it is one, and has just signed in where it needs."""
        account, settings = caller.person(), self.call.rest.settings
        if act is None:
            return Party(account)
        if act.needs is Needs.FRESH:
            caller.require_fresh(unit.now, settings.reauthentication_seconds)
        return Party(account, sessions.proof_of(unit, caller.session_id), self.call.source)


@operations.get("/me/agents", response_model=Pairs, summary="Who files for you")
async def list_my_agents(call: Call) -> Response:
    """Your filing agents at every court, and those who were."""
    return await AtOwnPairs(call).read(_agents)


@operations.post(
    "/me/agents",
    response_model=PairShown,
    status_code=201,
    summary="Name a filing agent; the answer does not tell whether there is such an account",
    responses=refusals(
        *("frozen", "court_has_no_agents", "court_not_live", "no_principal", "own_account"),
        *("permission_not_held", "already_named", "too_many_agents"),
    ),
)
async def name_my_agent(call: Call, sent: NewAgent) -> Response:
    """A mail goes out if number and last name are right; it takes a recent sign-in."""
    return await AtOwnPairs(call).do(NAME, await _answering(call, made=True), sent)


@operations.get("/me/agents/{id}", response_model=PairShown, summary="One of your filing agents")
async def read_my_agent(
    call: Call,
    id: PairId,  # noqa: A002  # the path's name
) -> Response:
    """With its version as `ETag`."""
    return await AtOwnPairs(call).read(_one, id, Side.PRINCIPAL)


@operations.get("/me/agents/{id}/log", response_model=AgentLog, summary="When they acted for you")
async def read_my_agent_log(
    call: Call,
    id: PairId,  # noqa: A002  # the path's name
) -> Response:
    """The latest times, and which of the court’s systems were given tokens."""
    return await AtOwnPairs(call).read(_log, id)


@operations.put(
    "/me/agents/{id}/bounds",
    response_model=PairShown,
    summary="Replace what they may file for you",
    responses=refusals("frozen", "no_principal", "permission_not_held", "pair_over"),
)
async def bound_my_agent(
    call: Call,
    id: PairId,  # noqa: A002  # the path's name
    sent: BoundsAsked,
    if_match: IfMatch = None,
) -> Response:
    """Narrower bounds hold at once; it takes a recent sign-in."""
    here = AtOwnPairs(call).when(if_match, _version, id, Side.PRINCIPAL)
    return await here.do(BOUNDS, await _answering(call), id, sent)


@operations.post(
    "/me/agents/{id}/end",
    status_code=204,
    summary="End it, or withdraw an offer",
    responses=refusals("pair_over"),
)
async def end_my_agent(
    call: Call,
    id: PairId,  # noqa: A002  # the path's name
    sent: EndReason,
    if_match: IfMatch = None,
) -> Response:
    """At once, at the court too; both are mailed the reason."""
    here = AtOwnPairs(call).when(if_match, _version, id, Side.PRINCIPAL)
    return await here.do(END_OWN, nothing_more, id, Side.PRINCIPAL, sent.reason)


@operations.get("/me/principals", response_model=Principals, summary="For whom you file")
async def list_my_principals(call: Call) -> Response:
    """Everybody who named you at any court, and those who did."""
    return await AtOwnPairs(call).read(_principals)


@operations.get(
    "/me/principals/{id}", response_model=PairShown, summary="One of those for whom you file"
)
async def read_my_principal(
    call: Call,
    id: PairId,  # noqa: A002  # the path's name
) -> Response:
    """With its version as `ETag`, for accepting what was read."""
    return await AtOwnPairs(call).read(_one, id, Side.AGENT)


@operations.post(
    "/me/principals/{id}/accept",
    response_model=PairShown,
    summary="Become their filing agent",
    responses=refusals(
        *("frozen", "own_account", "not_for_this_account", "offer_over", "bounds_changed"),
        *("court_has_no_agents", "court_not_live", "no_principal"),
    ),
)
async def accept_principal(
    call: Call,
    id: PairId,  # noqa: A002  # the path's name
    if_match: IfMatch = None,
) -> Response:
    """Within the bounds as they are; `If-Match` says which were read."""
    here = AtOwnPairs(call).when(if_match, _version, id, Side.AGENT)
    return await here.do(ACCEPT, await _answering(call), id)


@operations.post(
    "/me/principals/{id}/decline",
    status_code=204,
    summary="Decline",
    responses=refusals("frozen", "offer_over"),
)
async def decline_principal(
    call: Call,
    id: PairId,  # noqa: A002  # the path's name
    sent: Declined,
) -> Response:
    """Without `tell` the principal sees no answer."""
    return await AtOwnPairs(call).do(DECLINE, nothing_more, id, tells=sent.tell)


@operations.post(
    "/me/principals/{id}/end",
    status_code=204,
    summary="Be their filing agent no more",
    responses=refusals("pair_over", "not_accepted"),
)
async def end_my_principal(
    call: Call,
    id: PairId,  # noqa: A002  # the path's name
    sent: EndReason,
) -> Response:
    """At once; both are mailed the reason."""
    return await AtOwnPairs(call).do(END_OWN, nothing_more, id, Side.AGENT, sent.reason)


async def _answering(call: Call, *, made: bool = False) -> Callable[[Pair], Answer]:
    """What an act answers: the pair, with its version; of a new one where it is."""
    courts, now = await call.rest.courts.all(), call.rest.database.clock()

    def answer(found: Pair) -> Answer:
        body = shown.pair(found, courts[found.court_id], now)
        given = Answer(body, etag=found.etag)
        return (
            replace(given, status=201, location=f"{BASE}/me/agents/{found.id}") if made else given
        )

    return answer


def _agents(unit: Unit, who: Party) -> Answer:
    found = pairs.of_principal(unit, who.account.id)
    return Answer(Pairs(agents=[_pair(unit, one) for one in found]))


def _principals(unit: Unit, who: Party) -> Answer:
    found = pairs.of_agent(unit, who.account.id)
    return Answer(Principals(principals=[_pair(unit, one, for_agent=True) for one in found]))


def _one(unit: Unit, who: Party, pair_id: str, side: Side) -> Answer:
    found = pairs.own(unit, pair_id, who.account.id, side)
    body = _pair(unit, found, for_agent=side is Side.AGENT)
    return Answer(body, etag=found.etag)


def _log(unit: Unit, who: Party, pair_id: str) -> Answer:
    found = pairs.own(unit, pair_id, who.account.id, Side.PRINCIPAL)
    return Answer(AgentLog(acted=[shown.acted(one) for one in log.of_pair(unit, found)]))


def _version(unit: Unit, who: Party, pair_id: str, side: Side) -> str:
    return pairs.own(unit, pair_id, who.account.id, side).etag


def _pair(unit: Unit, found: Pair, *, for_agent: bool = False) -> PairShown:
    return shown.pair(found, read_one(unit, found.court_id), unit.now, for_agent=for_agent)
