"""What has to be met between signing in and going on.

One ordered list, filled in `app`: a change of password that is due, a client code, a second
factor, … Each demand has a page of its own, which is given the journey's handle, goes back to
the journey when it is met, and notes that in the session, so that nobody is asked twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from signon.accounts import passwords
from signon.accounts.passwords import Policy
from signon.db import Unit
from signon.journeys.store import Journey, JourneyKind
from signon.signin import session as sessions
from signon.signin.session import Session


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is on the way to; both None: pages of ours.

    `wants_aal2`: the client asked for a sign-in with two factors, or its court demands it.
    """

    client_id: str | None = None
    court_id: str | None = None
    wants_aal2: bool = False


OURS = Place()
SECOND_FACTOR = "/login/second-factor"
"""Where whoever must have a second factor sets one up."""


class Demand(Protocol):
    """One thing that may have to happen first."""

    @property
    def name(self) -> str:
        """What it is called in a session's `met`."""
        ...

    @property
    def path(self) -> str:
        """Its page, at our own site."""
        ...

    def is_due(self, unit: Unit, session: Session, place: Place) -> bool:
        """Whether this person has to meet it on the way to that place, and has not in `met`."""
        ...


class Demands:
    """The list, in the order in which people are asked."""

    def __init__(self, demands: Sequence[Demand] = ()) -> None:
        self._demands = tuple(demands)

    def first(self, unit: Unit, session: Session, place: Place) -> Demand | None:
        """The first that is due."""
        for demand in self._demands:
            if demand.is_due(unit, session, place):
                return demand
        return None

    def path(self, unit: Unit, session: Session, journey: Journey | None) -> str | None:
        """Where a person who has just signed in goes first; None: on with the journey.

        An authorization request asks for itself when it is taken up again.
        """
        if journey is not None and journey.kind is JourneyKind.AUTHORIZE:
            return None
        due = self.first(unit, session, OURS)
        return address(due, journey) if due else None


def address(demand: Demand, journey: Journey | None, place: Place = OURS) -> str:
    """The demand's page, with the way on and, as `level`, what the client wants."""
    level = "&level=aal2" if place.wants_aal2 else ""
    return f"{demand.path}?journey={journey.id}{level}" if journey else demand.path


def note_met(unit: Unit, session: Session, name: str, how: str = "met") -> None:
    """Do not ask again in this session; `how` tells what was answered.

    Raises SignInFirstError when the session has ended.
    """
    sessions.note_met(unit, session, {**session.met, name: how})


class PasswordChange:
    """The password is older than the policy allows."""

    name = "password"
    path = "/account/password"

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def is_due(self, unit: Unit, session: Session, place: Place) -> bool:
        """Everywhere; putting it off counts as met in this session.

        Nothing about a frozen account can be changed, but signing in goes on.
        """
        if self.name in session.met or session.account.frozen_at is not None:
            return False
        return passwords.is_due(session.account.password_changed_at, self._policy, unit.now)
