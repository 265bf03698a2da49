"""Adding a factor to an account: the rules that its pages call.

Each begins with a code mailed to the account's address, because whoever sits at an open
browser must not be able to lock the owner out. An app's secret then waits, sealed, until the
person has typed a code of it, so that nobody is locked out by a QR code that was never scanned.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from signon import ids
from signon.accounts import directory, history, repudiation
from signon.accounts.history import NO_PROOF, Proof
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.limits import counters
from signon.notices import mail
from signon.notices.factor_code import FactorCode
from signon.signin import factor_challenges, factors, recovery_codes, totp
from signon.signin import session as sessions
from signon.signin.factor_challenges import ChallengePurpose
from signon.signin.mfa import OTP
from signon.signin.models import AuthenticatorKind
from signon.signin.recovery_codes import NewCodes
from signon.signin.session import AAL2, Session
from signon.web.visitor import Source
from signon.words.sentences import _

MAILS = "factor_mails"
"""Bucket: codes mailed to one account within an hour."""
MOST_MAILS = 5
TRIES = "factor_mail_tries"
"""Bucket: wrong codes for one mail."""
MOST_TRIES = 5


class Addition(StrEnum):
    """What a mailed code confirms."""

    APP = "app"
    RECOVERY_CODES = "recovery_codes"
    PASSKEY = "passkey"


MOST = {
    AuthenticatorKind.TOTP: (
        5,
        _("You have {number} apps, as many as an account may have. Remove one first."),
    ),
    AuthenticatorKind.PASSKEY: (
        20,
        _("You have {number} passkeys, as many as an account may have. Remove one first."),
    ),
}
"""How many of each an account may have (of apps: domain facts 2), and what is said at the next."""
WORDS = {
    Addition.APP: _("add an authenticator app"),
    Addition.RECOVERY_CODES: _("make new recovery codes"),
    Addition.PASSKEY: _("add a passkey"),
}


class NoRoomError(RefusedError):
    """The account has as many of a kind as it may have."""


class TooManyMailsError(RefusedError):
    """Codes were mailed too often; the last one works."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The mailed code was right: what it was for, and the challenge that comes next."""

    addition: Addition
    next_id: str


def mail_code(unit: Unit, session: Session, ring: KeyRing, addition: Addition) -> str:
    """Mail a six-digit code to the account's address; answers the challenge's id.

    Raises FrozenError, NoRoomError, TooManyMailsError.
    """
    repudiation.require_unfrozen(session.account)
    if addition in _KINDS:
        require_room(unit, session.account.id, _KINDS[addition])
    key = counters.key(session.account.id)
    if counters.hit(unit, MAILS, key, window=timedelta(hours=1)).count > MOST_MAILS:
        raise unit.keep(
            TooManyMailsError(
                "too_many_mails",
                _("We have mailed you {number} codes within an hour.", number=MOST_MAILS),
                _("Use the last one, or wait an hour."),
            )
        )
    code = f"{secrets.randbelow(1_000_000):06}"
    letter = FactorCode(
        account_number=session.account.number,
        code=code,
        doing=WORDS[addition],
    )
    mail.send(unit, letter, to=session.account.email, language=session.account.language)
    return factor_challenges.issue(
        unit,
        ring,
        ChallengePurpose.CONFIRM_BY_MAIL,
        f"{addition.value}:{code}".encode(),
        account_id=session.account.id,
        session_id=session.id,
    )


def confirm(
    unit: Unit, session: Session, ring: KeyRing, challenge_id: str | None, code: str
) -> Confirmed:
    """Use the mailed code; a wrong one may be typed five times. Raises RefusedError."""
    repudiation.require_unfrozen(session.account)
    found = factor_challenges.look(unit, ring, ChallengePurpose.CONFIRM_BY_MAIL, challenge_id)
    if found is None or found.session_id != session.id:
        raise over()
    key = counters.key(found.id)
    if counters.hit(unit, TRIES, key, window=factor_challenges.LASTS).count > MOST_TRIES:
        raise unit.keep(over())
    addition, _unused, right = found.secret.decode().partition(":")
    if not hmac.compare_digest(right.encode(), code.encode()):
        raise unit.keep(
            RefusedError(
                "wrong_mail_code",
                _("That is not the code of the latest mail."),
                _("Look at the mail again."),
            )
        )
    if factor_challenges.take(unit, ring, ChallengePurpose.CONFIRM_BY_MAIL, found.id) is None:
        raise unit.keep(over())
    wanted = Addition(addition)
    secret = totp.new_secret().encode() if wanted is Addition.APP else secrets.token_bytes(32)
    next_id = factor_challenges.issue(
        unit,
        ring,
        _NEXT[wanted],
        secret,
        account_id=session.account.id,
        session_id=session.id,
    )
    return Confirmed(wanted, next_id)


def pending_secret(
    unit: Unit, session: Session, ring: KeyRing, challenge_id: str | None
) -> str | None:
    """The secret of the app that is being added, for its QR code."""
    found = factor_challenges.look(unit, ring, ChallengePurpose.ADD_APP, challenge_id)
    return found.secret.decode() if found and found.session_id == session.id else None


def finish_app(
    unit: Unit,
    session: Session,
    ring: KeyRing,
    challenge_id: str | None,
    *,
    nickname: str,
    code: str,
    settings: Settings,
    source: Source,
) -> str:
    """Enrol the app and answer the cookie of the session, which is aal/2 from now on.

    Raises InputError (`nickname`), RefusedError.
    """
    repudiation.require_unfrozen(session.account)
    secret = pending_secret(unit, session, ring, challenge_id)
    if secret is None:
        raise over()
    account = session.account
    add_app(unit, ring, account.id, secret, nickname, code, proof=session.proof)
    if factor_challenges.take(unit, ring, ChallengePurpose.ADD_APP, challenge_id) is None:
        raise over()
    name = factors.nickname(nickname)
    tell(unit, settings, session, _("The authenticator app “{name}” was added.", name=name))
    return raised(unit, session, OTP, settings=settings, source=source)


def finish_recovery_codes(
    unit: Unit,
    session: Session,
    ring: KeyRing,
    challenge_id: str | None,
    new: NewCodes,
    *,
    settings: Settings,
) -> None:
    """Keep the new set in place of the old one. Raises RefusedError."""
    repudiation.require_unfrozen(session.account)
    found = factor_challenges.take(unit, ring, ChallengePurpose.NEW_CODES, challenge_id)
    if found is None or found.session_id != session.id:
        raise unit.keep(over())
    account_id = session.account.id
    recovery_codes.keep(unit, account_id, new)
    factors.note(unit, account_id)
    history.record(
        unit,
        account_id,
        "factor",
        Event.RECOVERY_CODES_MADE,
        actor=account_id,
        after={"recovery_codes": len(new.codes)},
        proof=session.proof,
    )
    tell(unit, settings, session, _("New recovery codes were made. The old ones no longer work."))


def add_app(
    unit: Unit,
    ring: KeyRing,
    account_id: str,
    secret: str,
    nickname: str,
    code: str,
    *,
    proof: Proof = NO_PROOF,
) -> None:
    """Enrol an app that has just made `code`.

    Raises InputError (`nickname`), RefusedError (`wrong_totp`), NoRoomError.
    """
    name = factors.nickname(nickname)
    step = totp.matching_step(secret, code, unit.now)
    if step is None:
        raise RefusedError(
            "wrong_totp",
            _("That is not the code that this app shows now."),
            _("Check that the phone’s clock is right, and type the next code."),
        )
    require_room(unit, account_id, AuthenticatorKind.TOTP)
    app_id = keep_app(unit, ring, account_id, secret, name, step)
    history.record(
        unit,
        account_id,
        "factor",
        Event.FACTOR_ADDED,
        actor=account_id,
        after={"app": name, "id": app_id},
        proof=proof,
    )


def keep_app(
    unit: Unit, ring: KeyRing, account_id: str, secret: str, name: str, step: int | None
) -> str:
    """Write an app down and answer its id; `step` is that of the code it was proved with."""
    app_id = ids.new_id()
    totp.keep(unit, ring, app_id, account_id, name, secret, step)
    factors.note(unit, account_id)
    return app_id


def require_room(unit: Unit, account_id: str, kind: AuthenticatorKind) -> None:
    """Raises NoRoomError (`too_many_apps`, `too_many_passkeys`) when there may be no more.

    The account stays locked, so that of two additions at once the second counts the first.
    """
    directory.locked(unit, account_id)
    most, sentence = MOST[kind]
    if factors.count(unit, account_id, kind) >= most:
        what = "apps" if kind is AuthenticatorKind.TOTP else "passkeys"
        raise NoRoomError(f"too_many_{what}", _(sentence, number=most))


def raised(
    unit: Unit, session: Session, amr: Sequence[str], *, settings: Settings, source: Source
) -> str:
    """The same session under a new cookie, proved with the factor that was just added.

    If an older one proved it before, it is as good as that.
    """
    return sessions.start(
        unit,
        session.account,
        settings=settings,
        previous=session,
        source=source,
        acr=AAL2,
        amr=amr,
        factor_since=session.factor_since or unit.now,
        client_code=session.client_code,
    )


def tell(unit: Unit, settings: Settings, session: Session, change: str) -> None:
    """Mail the account's owner (SP 800-63B section 4.6: notice of every binding)."""
    repudiation.tell(unit, settings.issuer, session.account, change, proof=session.proof)


def over() -> RefusedError:
    """The confirmation took too long, was used, or was begun in another session."""
    return RefusedError(
        "challenge_gone", _("That took too long, or was done already."), _("Begin again.")
    )


_NEXT = {
    Addition.APP: ChallengePurpose.ADD_APP,
    Addition.RECOVERY_CODES: ChallengePurpose.NEW_CODES,
    Addition.PASSKEY: ChallengePurpose.ADD_PASSKEY,
}
_KINDS = {
    Addition.APP: AuthenticatorKind.TOTP,
    Addition.PASSKEY: AuthenticatorKind.PASSKEY,
}
