"""A court's own sessions: in memory, named by a cookie, one set of tokens each."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from signon.clock import Clock
from signon.demo.logout_tokens import SignedOut
from signon.demo.relying_party import Pending, SignedIn
from signon.demo.rights import Rights
from signon.opaque_tokens import new_token

LASTS = timedelta(hours=12)
MOST = 1000
"""Sessions that are kept; the oldest make room."""
MOST_PENDING = 10
"""Sign-ins that one browser may have begun in its tabs."""


@dataclass(slots=True)
class CourtSession:
    """A browser at this court; `person` is None until somebody has signed in.

    `is_over`: somebody had, and the provider said that it is over; the browser will be told.
    `turn` lets one page at a time use the refresh token: used twice, it ends everything.
    """

    token: str
    ends_at: float
    pending: dict[str, Pending] = field(default_factory=dict)
    signed_in: SignedIn | None = None
    userinfo: dict[str, object] = field(default_factory=dict)
    person: Rights | None = None
    is_over: bool = False
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def remember(self, pending: Pending) -> None:
        """Note a sign-in that was begun; the oldest of too many is forgotten."""
        self.pending[pending.state] = pending
        while len(self.pending) > MOST_PENDING:
            del self.pending[next(iter(self.pending))]


class CourtSessions:
    """All sessions of one court."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[str, CourtSession] = {}

    def find(self, token: str | None) -> CourtSession | None:
        """The session that a cookie names, while it lasts."""
        session = self._sessions.get(token or "")
        if session and session.ends_at <= self._clock().timestamp():
            self.end(session)
            return None
        return session

    def start(self, before: CourtSession | None = None) -> CourtSession:
        """A new session under a new name; sign-ins begun in other tabs go on in it."""
        ends_at = (self._clock() + LASTS).timestamp()
        session = CourtSession(new_token(), ends_at, dict(before.pending) if before else {})
        if before:
            self.end(before)
        self._sessions[session.token] = session
        while len(self._sessions) > MOST:
            del self._sessions[next(iter(self._sessions))]
        return session

    def end(self, session: CourtSession) -> None:
        """Forget a session."""
        self._sessions.pop(session.token, None)

    def end_of(self, signed_out: SignedOut) -> None:
        """Put an empty session in place of each that the provider says is over.

        A page that is being made for the old one at this moment ends with it.
        """
        for token, session in self._sessions.items():
            if session.signed_in and signed_out.concerns(session.signed_in.claims):
                self._sessions[token] = CourtSession(
                    token, session.ends_at, session.pending, is_over=True
                )
