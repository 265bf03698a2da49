"""The line of the checklist for filing agents: for whom they may file, or what stands in the way."""

from collections.abc import Mapping

from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.agents import acting, pairs
from signon.filing.agents.pairs import Pair, PairState
from signon.filing.court import court_policy
from signon.filing.readiness.readiness_lines import ChecklistLine, LineState
from signon.filing.rights import filing_status
from signon.filing.rights.filing_status import EcfStatus, FilingStatus

NAME = "principal"
WHY: Mapping[EcfStatus, str] = {
    EcfStatus.SUSPENDED: "The filing right of {name} is suspended.",
    EcfStatus.BLOCKED: "{name} cannot file anywhere at present.",
    EcfStatus.PENDING: "The filing right of {name} waits for the court.",
    EcfStatus.NOT_LINKED: "{name} has no filing right here any more.",
}
"""Why an agent cannot file for somebody who named them."""
ADDRESS = "/account/agents"


def line(unit: Unit, account_id: str, court: Court, status: FilingStatus) -> ChecklistLine:
    """Whom the agent may file for; for whoever also files for themselves it stands in no way."""
    blocking = LineState.ADVICE if status.permissions else LineState.TO_DO
    if not court_policy.has_agents(court):
        return ChecklistLine(NAME, blocking, f"There are no filing agents at {court.name}.")
    them = acting.principals(unit, account_id, court, None)
    if them:
        names = ", ".join(one.name for one in them)
        told = f"Whom this account may file for: {names}."
        return ChecklistLine(NAME, LineState.MET, told, address=f"/courts/{court.id}/acting-for")
    open_here = [
        one
        for one in pairs.of_agent(unit, account_id)
        if one.court_id == court.id and one.ended_at is None and not one.declined_quietly
    ]
    if not open_here:
        told = "Nobody has named this account as a filing agent here."
        step = "An attorney or trustee names it on their own account’s page."
        return ChecklistLine(NAME, blocking, told, step, ADDRESS)
    told = " ".join(_why(unit, court, one) for one in open_here)
    return ChecklistLine(NAME, blocking, told, "Ask them, or see the list.", ADDRESS)


def _why(unit: Unit, court: Court, pair: Pair) -> str:
    name = pair.principal_words
    state = pair.state_for_agent(court, unit.now)
    if state is PairState.OFFERED:
        return f"{name} asks to be filed for, and has no answer yet."
    if state is not PairState.ACTIVE:
        return f"The agency of {name} has not begun, or its last day is over."
    assert pair.principal is not None
    held = filing_status.find(unit, pair.principal.id, court)
    default = "Nothing of what {name} may file lies within the bounds."
    return WHY.get(held.status, default).format(name=name)
