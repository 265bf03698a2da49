"""A change of password that is due after the sign-in, and putting it off (domain facts 1.3)."""

from dataclasses import dataclass
from datetime import datetime

from signon.accounts import credentials, passwords
from signon.accounts.passwords import LIVES, SKIPS
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.errors import RefusedError
from signon.signin import demands
from signon.signin.demands import PasswordChange
from signon.signin.session import Session
from signon.web.visitor import Source
from signon.words.sentences import _

CAN_WAIT_NO_LONGER = _("The change can wait no longer: choose a new password now.")


@dataclass(frozen=True, slots=True)
class Due:
    """Why a change is asked for: a password may be used for so many days; `skips_left` may be 0."""

    days: int
    skips_left: int


def of(session: Session, settings: Settings, now: datetime) -> Due | None:
    """What is due in this session; None too when it was put off in it."""
    lives = LIVES[settings.password_policy]
    changed_at = session.account.password_changed_at
    is_due = passwords.is_due(changed_at, settings.password_policy, now)
    if lives is None or not is_due or PasswordChange.name in session.met:
        return None
    return Due(lives.days, max(0, SKIPS - session.account.password_skips))


def put_off(unit: Unit, session: Session, settings: Settings, *, source: Source) -> None:
    """Count it, and ask no more in this session.

    Pressed twice it counts once: the session is locked. Raises RefusedError (`change_due`).
    """
    account = session.account
    if of(session, settings, unit.now) is None:
        return
    if not credentials.put_off_change(unit, account.id):
        raise RefusedError("change_due", CAN_WAIT_NO_LONGER)
    demands.note_met(unit, session, PasswordChange.name, "put off")
    trail.record(
        unit,
        Event.PASSWORD_CHANGE_PUT_OFF,
        actor=account.id,
        account_id=account.id,
        source=source,
        skips=account.password_skips + 1,
    )
