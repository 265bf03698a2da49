"""What has to be met between signing in and going on.

One ordered list, filled in `app`: a change of password that is due, a client code, a second
factor, … Each demand has a page of its own, which is given the journey's handle, goes back to
the journey when it is met, and notes that in the session, so that nobody is asked twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, null, select

from signon.accounts import passwords
from signon.accounts.models import accounts
from signon.accounts.passwords import Policy
from signon.config import Settings
from signon.courts.models import courts
from signon.db import Unit
from signon.journeys.store import Journey, JourneyKind
from signon.prepared import given, one
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


AtCourt = Callable[[ColumnElement[Any]], ColumnElement[Any]]
"""A scalar about the row of `accounts` at the court that the way leads to."""
Asks = tuple[ColumnElement[Any] | AtCourt, ...]
"""What demands have to know beside session and account: labelled scalars about the row of `accounts`.

They are read in one statement with all others'; what several ask for under one name, once.
"""
Known = Callable[[str], Any]
"""What was read for them, by those names; at the latest when somebody wants to know."""
POLICY = "court_policy"
"""Of the court that the way leads to, if it leads to one: read for every demand."""


class Demand(Protocol):
    """One thing that may have to happen first."""

    @property
    def name(self) -> str:
        """What it is called in a session's `met`."""
        ...

    @property
    def path(self) -> str:
        """Its page, at our own site; of a court's, `{court}` stands for which."""
        ...

    @property
    def asks(self) -> Asks:
        """What it has to know: always the same columns, for their statement is built once."""
        ...

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """Whether this person has to meet it on the way to that place, and has not in `met`."""
        ...


class Demands:
    """The list, in the order in which people are asked."""

    def __init__(self, demands: Sequence[Demand] = ()) -> None:
        self._demands = tuple(demands)
        asks = {_key(column): column for demand in demands for column in demand.asks}
        self._know, self._look = _statements(tuple(asks.values()))

    def first(self, unit: Unit, session: Session, place: Place) -> Demand | None:
        """The first that is due."""
        read = cache(lambda: self._know(unit, session.account.id, place.court_id) or {})
        return self._due(unit.now, session, place, lambda name: read()[name])

    def current_and_first(
        self, unit: Unit, token: str | None, settings: Settings, place: Place
    ) -> tuple[Session | None, Demand | None]:
        """The session that a cookie names, and the first that is due in it.

        One statement, unless the unit writes: then account and session are held first.
        """
        if token is None:
            return None, None
        if unit.writes:
            held = sessions.current(unit, token, settings)
            return held, (self.first(unit, held, place) if held else None)
        found = self._look(unit, *sessions.look(unit, token, settings), place.court_id)
        if found is None:
            return None, None
        session, known = found
        return session, self._due(unit.now, session, place, known.__getitem__)

    def _due(self, now: datetime, session: Session, place: Place, known: Known) -> Demand | None:
        for demand in self._demands:
            if demand.is_due(now, session, place, known):
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
    path = demand.path.format(court=place.court_id)
    return f"{path}?journey={journey.id}{level}" if journey else path


def note_met(unit: Unit, session: Session, name: str, how: str = "met") -> None:
    """Do not ask again in this session; `how` tells what was answered.

    Raises SignInFirstError when the session has ended.
    """
    sessions.note_met(unit, session, {**session.met, name: how})


class PasswordChange:
    """The password is older than the policy allows."""

    name = "password"
    path = "/account/password"
    asks: Asks = ()

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """Everywhere; putting it off counts as met in this session.

        Nothing about a frozen account can be changed, but signing in goes on.
        """
        if self.name in session.met or session.account.frozen_at is not None:
            return False
        return passwords.is_due(session.account.password_changed_at, self._policy, now)


Row = Mapping[str, Any]
Know = Callable[[Unit, str, str | None], Row | None]
Look = Callable[[Unit, bytes, datetime, datetime, str | None], tuple[Session, Row] | None]


def _key(asked: ColumnElement[Any] | AtCourt) -> str:
    return str((asked if isinstance(asked, ColumnElement) else asked(null())).key)


@cache  # however many lists there are, of one application
def _statements(asks: Asks) -> tuple[Know, Look]:
    """What the demands know of an account, and the same with the session that names it."""
    names = [POLICY, *map(_key, asks)]

    def columns(court_id: str | None) -> Sequence[ColumnElement[Any]]:
        policy = select(courts.c.policy).where(courts.c.id == court_id).scalar_subquery()
        at = given(court_id)
        own = (one if isinstance(one, ColumnElement) else one(at) for one in asks)
        return (policy.label(POLICY), *own)

    def named(*values: Any) -> Row:
        return dict(zip(names, values, strict=True))

    def with_session(*values: Any) -> tuple[Session, Row]:
        own = len(values) - len(names)
        return sessions.made_of(*values[:own]), named(*values[own:])

    @one(named)
    def know(account_id: str, court_id: str | None) -> Select[Any]:
        found = select(*columns(court_id)).select_from(accounts)
        return found.where(accounts.c.id == account_id)

    @one(with_session)
    def look(
        digest: bytes, now: datetime, seen_after: datetime, court_id: str | None
    ) -> Select[Any]:
        return sessions.living(digest, now, seen_after).add_columns(*columns(court_id))

    return know, look
