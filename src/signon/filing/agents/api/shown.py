"""Pairs as programs read them."""

from datetime import datetime

from pydantic import Field

from signon.courts.registry import Court
from signon.filing.agents.log import Acted
from signon.filing.agents.pairs import Pair, PairState, Side
from signon.rest.values import CaseNumbers, CourtKey, Day, Id, Number, When
from signon.web.json_bodies import Body, Shown


class PairShown(Shown):
    """A pair of a principal and a filing agent at a court."""

    id: Id
    """The pair’s id."""
    court: CourtKey
    """The court that it is for."""
    state: PairState
    """`offered` until the agent answers; `waiting` until the agent holds the role there, or an
    imported pair begins; `active`; `declined` or `ended`.
    """
    principal_account_number: Number | None
    """Number of the account for whom the agent files; null while an imported login is not linked."""
    principal_name: str
    """The principal’s name; of an imported login that is not linked, the login."""
    agent_account_number: str | None = Field(examples=["1000002"])
    """Number of the agent’s account, as it was typed until they accept; null while an imported login
    is not linked."""
    agent_name: str
    """The agent’s name; until they accept the last name as it was typed."""
    permissions: list[str] | None = Field(examples=[["all_documents"]])
    """The categories of documents that the agent may file at most; null for all of the principal’s."""
    cases: CaseNumbers | None
    """The only cases to file in; null for all of the principal’s."""
    ends_on: Day | None
    """The last day, by the court’s calendar; null for no end."""
    may_pay: bool
    """Whether the agent may pay fees for the principal on the internet."""
    created_at: When
    """When it was named or imported."""
    begins_at: When | None
    """When it was accepted, or of an imported one begins; null before."""
    ended_at: When | None
    """When it ended; null while it is open."""
    ended_by: Side | None
    """Who ended it."""
    reason: str | None = Field(examples=["Left the office"])
    """Why it was ended."""


class Pairs(Shown):
    """Pairs, the newest first."""

    agents: list[PairShown]
    """Pairs of this page."""


class Principals(Shown):
    """Those who named the caller, the newest first."""

    principals: list[PairShown]
    """Everybody who named the caller."""


class ActedShown(Shown):
    """Once that the agent chose to act for the principal."""

    at: When
    """From when it held."""
    until: datetime | None = Field(examples=["2026-03-02T17:00:00Z"])
    """Until when; null until the end of that sign-in."""
    clients: list[str] = Field(examples=[["CM/ECF"]])
    """Which of the court’s systems were given tokens for it."""


class AgentLog(Shown):
    """When the agent acted, the newest first."""

    acted: list[ActedShown]
    """Each time that the agent chose it."""


class EndReason(Body):
    """Why it ends."""

    reason: str = Field(examples=["Left the office"])
    """Both sides read it: 1 to 400 characters."""


class Declined(Body):
    """How to decline."""

    tell: bool = False
    """Whether the principal is told; else no answer came."""


def pair(found: Pair, court: Court, now: datetime, *, for_agent: bool = False) -> PairShown:
    """A pair; whoever was named is told of a silent no."""
    state = found.state_for_agent if for_agent else found.state
    known = found.agent if found.is_accepted else None
    return PairShown(
        id=found.id,
        court=found.court_id,
        state=state(court, now),
        principal_account_number=found.principal.number if found.principal else None,
        principal_name=found.principal_words,
        agent_account_number=known.number if known else found.agent_number,
        agent_name=found.agent_words,
        permissions=_listed(found.bounds.permissions),
        cases=_listed(found.bounds.cases),
        ends_on=found.bounds.ends_on,
        may_pay=found.bounds.may_pay,
        created_at=found.created_at,
        begins_at=found.active_from,
        ended_at=found.ended_at,
        ended_by=Side(found.ended_by) if found.ended_by else None,
        reason=found.reason,
    )


def acted(one: Acted) -> ActedShown:
    """A line of the log."""
    return ActedShown(at=one.at, until=one.until, clients=list(one.clients))


def _listed(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)
