"""A way back in, before the first second factor is all there is.

Whoever adds the first app or passkey makes recovery codes or adds another one, or says in so many
words that they go on without. Until then no sign-in leads on: neither in that session, nor in a
later one of whoever left before the answer, or had a single factor before this was asked.
"""

import secrets
from datetime import datetime

from sqlalchemy import Select, and_, case, exists, func, select

from signon.accounts import second_factors
from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.prepared import value
from signon.signin import factor_challenges, factors
from signon.signin import session as sessions
from signon.signin.demands import Asks, Known, Place
from signon.signin.factor_challenges import ChallengePurpose
from signon.signin.models import authenticators, recovery_codes
from signon.signin.session import Session
from signon.web.visitor import Source
from signon.words.sentences import _

NAME = "spare"
PATH = "/account/factors/spare"
DUE, MET, DECLINED = "due", "met", "declined"


_IS_ALONE = and_(
    select(func.count())
    .where(authenticators.c.account_id == accounts.c.id)
    .correlate(accounts)
    .scalar_subquery()
    == 1,
    ~exists()
    .where(recovery_codes.c.account_id == accounts.c.id, recovery_codes.c.used_at.is_(None))
    .correlate(accounts),
)
SPARE_DUE = case(
    (accounts.c.spare_due.is_(None) & accounts.c.has_factor, _IS_ALONE),
    else_=accounts.c.spare_due,
).label("spare_due")
"""Of whoever enrolled before anybody was asked, as things stand."""


class Spare:
    """The demand: whoever is asked answers once."""

    name = NAME
    path = PATH
    asks: Asks = (SPARE_DUE,)

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """Between the first factor and the second, or the word that there will be none."""
        return has_just_enrolled(session) or (_can_be_asked(session) and bool(known(SPARE_DUE.key)))


def has_just_enrolled(session: Session) -> bool:
    """Whether the session has enrolled a first factor and no way back in yet."""
    return session.met.get(NAME) == DUE


def is_due(unit: Unit, session: Session) -> bool:
    """Whether an answer is due, in this session or from an earlier one."""
    return has_just_enrolled(session) or (
        _can_be_asked(session) and bool(_is_due(unit, session.account.id))
    )


def _can_be_asked(session: Session) -> bool:
    """Nothing about a frozen account can be changed; without a factor that comes first."""
    return session.account.has_factor and session.account.frozen_at is None


def note(unit: Unit, session: Session) -> None:
    """Something was added in this session: see whether it is the only one.

    Raises SignInFirstError when the session has ended.
    """
    found = factors.of(unit, session.account.id)
    is_alone = len(found.authenticators) == 1 and not found.recovery_codes_left
    second_factors.set_spare_due(unit, session.account.id, is_alone)
    if is_alone != has_just_enrolled(session):
        sessions.note_met(unit, session, {**session.met, NAME: DUE if is_alone else MET})


def decline(unit: Unit, session: Session, *, source: Source) -> None:
    """Go on without one. Raises SignInFirstError."""
    if not is_due(unit, session):
        return
    sessions.note_met(unit, session, {**session.met, NAME: DECLINED})
    account_id = session.account.id
    second_factors.set_spare_due(unit, account_id, False)
    trail.record(unit, Event.SPARE_DECLINED, actor=account_id, account_id=account_id, source=source)


def begin_codes(unit: Unit, session: Session, ring: KeyRing) -> str:
    """The challenge for a set of recovery codes, without another mail: the address was proved for
    the first factor, a moment ago and in this session. Raises RefusedError (`not_due`).
    """
    if not has_just_enrolled(session):
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


@value
def _is_due(account_id: str) -> Select[bool]:
    return select(SPARE_DUE).where(accounts.c.id == account_id)
