"""A way back in, before the first second factor is all there is.

Whoever adds the first app or passkey makes recovery codes or adds another one, or says in so many
words that they go on without. Until then no sign-in of that session leads on.
"""

import secrets
from datetime import datetime

from signon.audit import trail
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.signin import factor_challenges, factors
from signon.signin import session as sessions
from signon.signin.demands import Asks, Known, Place
from signon.signin.factor_challenges import ChallengePurpose
from signon.signin.session import Session
from signon.web.visitor import Source
from signon.words.sentences import _

NAME = "spare"
PATH = "/account/factors/spare"
DUE, MET, DECLINED = "due", "met", "declined"


class Spare:
    """The demand. It knows from the session alone: only that which enrolled is asked."""

    name = NAME
    path = PATH
    asks: Asks = ()

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """Between the first factor and the second, or the word that there will be none."""
        return is_due(session)


def is_due(session: Session) -> bool:
    """Whether the session has enrolled a first factor and no way back in yet."""
    return session.met.get(NAME) == DUE


def note(unit: Unit, session: Session) -> None:
    """Something was added in this session: see whether it is the only one.

    Raises SignInFirstError when the session has ended.
    """
    found = factors.of(unit, session.account.id)
    is_alone = len(found.authenticators) == 1 and not found.recovery_codes_left
    if is_alone != is_due(session):
        sessions.note_met(unit, session, {**session.met, NAME: DUE if is_alone else MET})


def decline(unit: Unit, session: Session, *, source: Source) -> None:
    """Go on without one. Raises SignInFirstError."""
    if not is_due(session):
        return
    sessions.note_met(unit, session, {**session.met, NAME: DECLINED})
    account_id = session.account.id
    trail.record(unit, Event.SPARE_DECLINED, actor=account_id, account_id=account_id, source=source)


def begin_codes(unit: Unit, session: Session, ring: KeyRing) -> str:
    """The challenge for a set of recovery codes, without another mail: the address was proved for
    the first factor, a moment ago and in this session. Raises RefusedError (`not_due`).
    """
    if not is_due(session):
        raise RefusedError(
            "not_due", _("Nothing is to be made here."), _("Go on to your second factors.")
        )
    return factor_challenges.issue(
        unit,
        ring,
        ChallengePurpose.NEW_CODES,
        secrets.token_bytes(32),
        account_id=session.account.id,
        session_id=session.id,
    )
