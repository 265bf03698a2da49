"""When an agent acted for a principal, and which clients got tokens for it.

The choices say when; the grants of the same session at the same court say who was given something.
Grants go a week after their end: of acts before, the audit trail has the choice with its session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from signon.clients.models import clients
from signon.db import Unit
from signon.filing.agents.models import acting_choices
from signon.filing.agents.pairs import Pair
from signon.prepared import every
from signon.tokens.models import grants

NEWEST = 50


@dataclass(frozen=True, slots=True)
class Acted:
    """One choice: from when until when (None: still), and who was given tokens meanwhile."""

    at: datetime
    until: datetime | None
    clients: tuple[str, ...]


class _Choice(NamedTuple):
    session_id: str
    chosen_at: datetime
    ended_at: datetime | None


def of_pair(unit: Unit, pair: Pair) -> list[Acted]:
    """The latest of them, newest first."""
    choices = _choices(unit, pair.id, NEWEST)
    given = _given(unit, [one.session_id for one in choices], pair.court_id)
    return [Acted(one.chosen_at, one.ended_at, _clients(one, given)) for one in choices]


def _clients(one: _Choice, given: Sequence[Any]) -> tuple[str, ...]:
    """Whose grant lived while the choice held."""
    return tuple(
        sorted(
            {
                row.name
                for row in given
                if row.session_id == one.session_id
                and (one.ended_at is None or row.created_at <= one.ended_at)
                and (row.revoked_at is None or row.revoked_at >= one.chosen_at)
            }
        )
    )


def _given(unit: Unit, session_ids: Sequence[str], court_id: str) -> Sequence[Any]:
    # a list of any length
    found = (
        select(grants.c.session_id, grants.c.created_at, grants.c.revoked_at, clients.c.name)
        .join(clients, clients.c.id == grants.c.client_id)
        .where(grants.c.session_id.in_(session_ids), clients.c.court_id == court_id)
    )
    return unit.execute(found).all() if session_ids else []


@every(_Choice)
def _choices(pair_id: str, limit: int) -> Select[str, datetime, datetime | None]:
    return (
        select(*(acting_choices.c[name] for name in _Choice._fields))
        .where(acting_choices.c.pair_id == pair_id)
        .order_by(acting_choices.c.chosen_at.desc(), acting_choices.c.id)
        .limit(limit)
    )
