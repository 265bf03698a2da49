"""Writing down what became of a pair: the events about both accounts, the history, the mails.

A step is an event about each of the two, and both name both: so it stands in either's activity, and
a court's tokens can be followed back to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Insert, Select, insert, select

from signon.accounts import history as account_history
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.agents.models import agent_pair_history
from signon.filing.agents.pairs import Pair, Person
from signon.filing.agents.party import Party
from signon.notices import mail
from signon.notices.filing_agent import FilingAgent
from signon.prepared import change, every
from signon.web.visitor import Source

SUBJECT = "filing_agent"
"""Of the principal's own history: whom they named and what they let them do."""


class PairChange(NamedTuple):
    """What an event did to a pair."""

    event_id: str
    pair_id: str
    at: datetime
    actor: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class PairStep:
    """What happens to a pair: `before` and `after` are what differs, for the history."""

    event: Event
    actor: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    source: Source | None = None


def note(unit: Unit, pair: Pair, step: PairStep, *people: Person | None, **detail: Any) -> str:
    """Record it about each of those people, and once in the pair's history; answers the event's id.

    An agent who has not accepted is not among those whom an event about the principal names.
    """
    both = {
        "pair": pair.id,
        "principal": pair.principal.id if pair.principal else None,
        "agent": pair.agent.id if pair.agent and pair.is_accepted else None,
    }
    named = {name: value for name, value in both.items() if value}
    event_ids = [
        trail.record(
            unit,
            step.event,
            actor=step.actor,
            account_id=one.id if one else None,
            court_id=pair.court_id,
            source=step.source,
            **named,
            **detail,
        )
        for one in people or (None,)
    ]
    _remember(
        unit, PairChange(event_ids[0], pair.id, unit.now, step.actor, step.before, step.after)
    )
    return event_ids[0]


def note_own(unit: Unit, who: Party, pair: Pair, event_id: str) -> None:
    """Keep what gives something away where the account's owner can disown it."""
    account_history.note(
        unit,
        who.account.id,
        SUBJECT,
        event_id,
        actor=who.account.id,
        after={"pair": pair.id, "court": pair.court_id},
        proof=who.proof,
    )


def tell(
    unit: Unit,
    court: Court,
    pair: Pair,
    people: Sequence[Person | None],
    what: str,
    *,
    reason: str = "",
) -> None:
    """Mail each of them what happened: a sentence, in which `{agent}` and `{principal}` stand for the
    accounts' numbers.
    """
    told = what.format(**pair.numbers)
    letters = [
        (
            one.email,
            FilingAgent(account_number=one.number, court=court.name, what=told, reason=reason),
        )
        for one in people
        if one is not None
    ]
    mail.send_many(unit, letters)


def history(unit: Unit, pair_id: str) -> list[PairChange]:
    """What became of a pair, the newest first."""
    return _history(unit, pair_id)


@change
def _remember(made: PairChange) -> Insert:
    return insert(agent_pair_history).values(**made._asdict())


@every(PairChange)
def _history(pair_id: str) -> Select[Any]:
    return (
        select(*(agent_pair_history.c[name] for name in PairChange._fields))
        .where(agent_pair_history.c.pair_id == pair_id)
        .order_by(agent_pair_history.c.at.desc(), agent_pair_history.c.event_id)
    )
