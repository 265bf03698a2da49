"""The demand of filing agents: for whom they file, on the way to a court.

Whoever may file for several chooses on a page; whoever may for one alone is led through it without
being asked. Nobody else costs more than a probe of an index in the demands' one statement.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from signon.accounts.models import accounts
from signon.filing.agents.models import agent_pairs
from signon.filing.agents.pairs import PairState
from signon.filing.models import rights
from signon.filing.rights.filing_status import RightStatus
from signon.filing.roles import Role, permissions_of
from signon.signin.demands import Asks, Known, Place
from signon.signin.filing_for import met_key
from signon.signin.session import Session

NAME = "acting_for"
PATH = "/courts/{court}/acting-for"
_ROLES = "agent_roles"


def _agent_roles(court_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """The roles of the right of whoever is somebody's agent at the court, else NULL."""
    is_named = exists().where(
        agent_pairs.c.agent_id == accounts.c.id,
        agent_pairs.c.court_id == court_id,
        agent_pairs.c.ended_at.is_(None),
        agent_pairs.c.state == PairState.ACTIVE.value,
    )
    held = select(rights.c.roles).where(
        rights.c.account_id == accounts.c.id,
        rights.c.court_id == court_id,
        rights.c.ended_at.is_(None),
        rights.c.status == RightStatus.ACTIVE.value,
        is_named.correlate(accounts),
    )
    return held.correlate(accounts).scalar_subquery().label(_ROLES)


class ActingFor:
    """The demand: choose for whom you file at this court."""

    name = NAME
    path = PATH
    asks: Asks = (_agent_roles,)

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """For agents who have not chosen there and can file nothing for themselves."""
        if place.court_id is None or met_key(place.court_id) in session.met:
            return False
        roles = known(_ROLES) or ()
        return Role.FILING_AGENT in roles and not permissions_of(roles)
