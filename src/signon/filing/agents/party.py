"""Whoever acts on a pair as one of its two sides."""

from dataclasses import dataclass

from signon.accounts import repudiation
from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF, Proof
from signon.courts.registry import Court, read_one
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court import court_policy
from signon.web.visitor import Source

NOWHERE = Source()
NO_AGENTS = "court_has_no_agents"


@dataclass(frozen=True, slots=True)
class Party:
    """An account, proved with what, and where it acts from."""

    account: Account
    proof: Proof = NO_PROOF
    source: Source = NOWHERE

    def require_unfrozen(self) -> None:
        """Raises FrozenError: whoever holds a stopped account now gives nothing away."""
        repudiation.require_unfrozen(self.account)


def court_of(unit: Unit, court_id: str) -> Court:
    """A court that has filing agents. Raises NotFoundError, RefusedError."""
    court = read_one(unit, court_id)
    if not court_policy.has_agents(court):
        raise RefusedError(NO_AGENTS, f"There are no filing agents at {court.name}.")
    if not court.is_live(unit.now):
        raise RefusedError(
            "court_not_live", f"{court.name} does not use central sign-on for filing yet."
        )
    return court
