"""Acting as whoever is signed in: the session is proved in the unit that acts.

What a page has looked at in a unit before is worth nothing by then: a sign-out everywhere, a
freeze or a closed account may have come between the two.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Concatenate, ParamSpec, TypeVar

from signon.config import Settings
from signon.db import Unit
from signon.errors import SignInFirstError
from signon.signin import session as sessions
from signon.signin.session import Session

P = ParamSpec("P")
R = TypeVar("R")
SessionRule = Callable[Concatenate[Unit, Session, P], R]
"""A rule of whoever is signed in."""


class Needs(StrEnum):
    """What an act may need beside a session."""

    FRESH = "fresh"
    """A recent sign-in."""


def proved(unit: Unit, token: str | None, settings: Settings, *, fresh: bool = False) -> Session:
    """The session that a cookie names; with `fresh` only after a recent sign-in.

    Raises SignInFirstError.
    """
    session = sessions.current(unit, token, settings)
    if session is None:
        raise SignInFirstError
    if fresh and not session.is_fresh(unit.now, settings):
        raise SignInFirstError(is_old=True)
    return session


def proving(
    rule: SessionRule[P, R], token: str | None, settings: Settings, *, fresh: bool = False
) -> Callable[Concatenate[Unit, P], R]:
    """The rule as one that begins with `proved`, and notes that the session is in use."""

    def inside(unit: Unit, /, *args: P.args, **kwargs: P.kwargs) -> R:
        session = proved(unit, token, settings, fresh=fresh)
        sessions.touch(unit, session)
        return rule(unit, session, *args, **kwargs)

    return inside
