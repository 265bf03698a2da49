"""A pair in words, as pages of either side and of the court show it."""

from collections.abc import Mapping
from typing import Any

from signon.courts.registry import Court
from signon.filing.agents import bounds
from signon.filing.agents.bounds import Bounds
from signon.filing.agents.pairs import OVER, UNANSWERED, Pair, PairState, Side
from signon.web.dates import day_in_words
from signon.words.sentences import _, capital, listed, together

STATES: Mapping[PairState, tuple[str, str]] = {
    PairState.OFFERED: ("wait", _("Not answered yet")),
    PairState.WAITING: ("wait", _("Waiting")),
    PairState.ACTIVE: ("good", _("In force")),
    PairState.DECLINED: ("plain", _("Declined")),
    PairState.ENDED: ("plain", _("Ended")),
}
"""Each state: the kind of its tag, and what that says."""
ENDED_BY: Mapping[str, str] = {
    Side.PRINCIPAL: _("Ended by whoever named the agent."),
    Side.AGENT: _("Ended by the agent."),
    Side.COURT: _("Ended by the court."),
    Side.IMPORT: _("Ended with the court’s list."),
}


def of_bounds(within: Bounds) -> str:
    """What the agent may file, in one line."""
    kinds = within.permissions
    parts = [
        _("All that the principal may file")
        if kinds is None
        else capital(listed(bounds.words(kinds))),
        _("in all cases")
        if within.cases is None
        else _("only in {cases}", cases=", ".join(within.cases)),
        _("until {day}", day=day_in_words(within.ends_on)) if within.ends_on else "",
        _("may pay fees online") if within.may_pay else _("may not pay fees"),
    ]
    return together(*parts, by="; ")


def why(pair: Pair, state: PairState) -> str:
    """What a pair waits for, or how it ended; empty where there is nothing to say."""
    if state is PairState.ENDED and pair.ended_by:
        # a reason of ours is a sentence of the catalogue; somebody's own is said as it is
        reason = _(pair.reason) if pair.reason else ""
        return together(ENDED_BY.get(pair.ended_by, ""), reason)
    if state is PairState.ENDED:
        return OVER if pair.is_accepted else UNANSWERED
    if state is not PairState.WAITING:
        return ""
    if pair.active_from is None:
        return _("Both logins have to be linked first.")
    if not pair.agent_holds:
        return _("The agent does not have the role of filing agent at this court yet.")
    return _(
        "It begins on {day}, unless the principal ends it before.",
        day=day_in_words(pair.active_from),
    )


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
