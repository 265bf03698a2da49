"""A pair in words, as pages of either side and of the court show it."""

from collections.abc import Mapping
from typing import Any

from signon.courts.registry import Court
from signon.filing.agents import bounds
from signon.filing.agents.bounds import Bounds
from signon.filing.agents.pairs import Pair, PairState, Side
from signon.web.dates import day_in_words

STATES: Mapping[PairState, tuple[str, str]] = {
    PairState.OFFERED: ("wait", "Not answered yet"),
    PairState.WAITING: ("wait", "Waiting"),
    PairState.ACTIVE: ("good", "Active"),
    PairState.DECLINED: ("plain", "Declined"),
    PairState.ENDED: ("plain", "Ended"),
}
"""Each state: the kind of its tag, and what that says."""
ENDED_BY: Mapping[str, str] = {
    Side.PRINCIPAL: "by whoever named the agent",
    Side.AGENT: "by the agent",
    Side.COURT: "by the court",
    Side.IMPORT: "with the court’s list",
    Side.TIME: "in time",
}


def of_bounds(within: Bounds) -> str:
    """What the agent may file, in one line."""
    kinds = within.permissions
    parts = [
        "All that the principal may file"
        if kinds is None
        else ", ".join(bounds.words(kinds)).capitalize(),
        "all cases" if within.cases is None else f"only in {', '.join(within.cases)}",
        *([f"until {day_in_words(within.ends_on)}"] if within.ends_on else []),
        "may pay on the internet" if within.may_pay else "may not pay",
    ]
    return "; ".join(parts)


def why(pair: Pair, state: PairState) -> str:
    """What a pair waits for, or how it ended; empty where there is nothing to say."""
    if state is PairState.ENDED and pair.ended_by:
        return f"Ended {ENDED_BY[pair.ended_by]}. {pair.reason or ''}".strip()
    if state is PairState.ENDED:
        return "It was not answered in time." if not pair.is_accepted else "Its last day is over."
    if state is not PairState.WAITING:
        return ""
    if pair.active_from is None:
        return "Both logins have to be linked first."
    if not pair.agent_holds:
        return "The agent has no role of a filing agent at this court yet."
    return f"It begins on {day_in_words(pair.active_from)}, unless the principal ends it before."


def shown(pair: Pair, court: Court, state: PairState) -> dict[str, Any]:
    """What lists and pages take."""
    kind, label = STATES[state]
    known = pair.agent if pair.is_accepted else None
    return {
        "id": pair.id,
        "court": court,
        "agent": pair.agent_words,
        "agent_number": known.number if known else pair.agent_number or "",
        "principal": pair.principal_words,
        "principal_number": pair.principal.number if pair.principal else "",
        "kind": kind,
        "state": state.value,
        "label": label,
        "why": why(pair, state),
        "bounds": of_bounds(pair.bounds),
        "is_open": state in {PairState.OFFERED, PairState.WAITING, PairState.ACTIVE},
        "created_at": pair.created_at,
        "version": pair.version,
    }
