"""The second step of a sign-in: an app's code or a recovery code, after the password was right.

What waits for it is half a sign-in (`signon.signin.half_sign_ins`), which is no session.
`try_code` and `spend` say whether a code is right, and use it up; what begins by it is up
to `complete`, which begins a browser's session, or `complete_for_program`, which leaves it to its caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from signon import opaque_tokens
from signon.accounts import repudiation
from signon.accounts.directory import Account
from signon.accounts.history import Proof
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.limits.trials import Trial
from signon.signin import (
    at_once,
    attempts,
    factor_reset,
    factor_tries,
    factors,
    half_sign_ins,
    new_devices,
    new_session,
    recovery_codes,
    totp,
)
from signon.signin import session as sessions
from signon.signin.factor_tries import CountedTry
from signon.signin.half_sign_ins import HalfSignIn
from signon.signin.new_devices import Where
from signon.signin.new_session import NewSession
from signon.signin.session import AAL2, Session
from signon.web.visitor import Source
from signon.words.sentences import _

OTP = ("pwd", "otp", "mfa")
"""How it was proved, with an app's or a recovery code (RFC 8176)."""
NEUTRAL = _("The code is not right, or it was used before.")
NEXT_STEP = _(
    "Wait for your app’s next code and type that. A recovery code works too; each works once."
)


@dataclass(frozen=True, slots=True)
class Slow:
    """A recovery code to be hashed in the gate before `spend`."""

    half: HalfSignIn
    salt: bytes
    code: str
    counted: CountedTry


@dataclass(frozen=True, slots=True)
class Right:
    """A code that was right, and is used up. `codes_left`: of recovery codes, where it was one."""

    half: HalfSignIn
    counted: CountedTry
    factor_since: datetime
    codes_left: int | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """The second factor was right: the new session, and its cookie's value."""

    token: str
    session: Session


def try_code(
    unit: Unit,
    ring: KeyRing,
    half: HalfSignIn,
    code: str,
    *,
    settings: Settings,
    source: Source,
) -> Right | Slow:
    """Count the try, and accept an app's code at once; a recovery code has to be hashed first.

    Raises WaitError, RefusedError.
    """
    counted = factor_tries.count(unit, half, settings)
    if totp.looks_like_one(code):
        app = totp.accept(unit, ring, half.account.id, code)
        if app is None:
            raise _refused(unit, ring, half, counted, "wrong_totp", source)
        return Right(half, counted, app.created_at)
    salt = recovery_codes.salt_of(unit, half.account.id)
    if salt is None or not recovery_codes.looks_like_one(code):
        raise _refused(unit, ring, half, counted, "no_such_code", source)
    return Slow(half, salt, code, counted)


def spend(
    unit: Unit, ring: KeyRing, slow: Slow, hashed: bytes, trial: Trial, *, source: Source
) -> Right:
    """Spend the recovery code, if it is one of the account's. Raises RefusedError."""
    account = slow.half.account
    since = trial.comparing(recovery_codes.spend, unit, account.id, hashed)
    trial.compared(is_right=since is not None)
    if since is None:
        raise _refused(unit, ring, slow.half, slow.counted, "wrong_recovery_code", source)
    left = recovery_codes.left(unit, account.id)
    factors.note(unit, account.id)
    trail.record(
        unit,
        Event.RECOVERY_CODE_USED,
        actor=account.id,
        account_id=account.id,
        source=source,
        left=left,
    )
    return Right(slow.half, slow.counted, since, left)


def complete(
    unit: Unit, right: Right, settings: Settings, *, previous: Session | None, source: Source
) -> Met:
    """Use the half up and begin the session; of any number at the same moment one does.

    Raises RefusedError.
    """
    half, where = right.half, _where(right, source)
    new = _draw(unit, OTP, where, settings, half.client_code)
    settled = factor_tries.success(right.counted)
    if previous is None and at_once.by_factor(unit, half, new, settled):
        session = sessions.begun(new, half.account)
    else:
        _use_up(unit, right)
        session = sessions.begin(unit, half.account, new, previous=previous, source=source)
    _note_right(unit, right, where, settings)
    return Met(new.token, session)


def complete_for_program(unit: Unit, right: Right, settings: Settings, *, source: Source) -> None:
    """The same where what begins is no browser's session. Raises RefusedError."""
    _use_up(unit, right)
    where = replace(_where(right, source), is_program=True)
    _note_right(unit, right, where, settings)


def _use_up(unit: Unit, right: Right) -> None:
    """Use the half up, and forget the tries before. Raises RefusedError: somebody else has."""
    if not half_sign_ins.use(unit, right.half):
        # a code that was right is used up all the same
        raise unit.keep(gone())
    factor_tries.succeeded(unit, right.counted)


def _where(right: Right, source: Source) -> Where:
    half = right.half
    return Where(half.device, half.known, source, half.created_at, right.factor_since)


def _note_right(unit: Unit, right: Right, where: Where, settings: Settings) -> None:
    """What a sign-in by a code means to others; a recovery code's owner is told of it."""
    account = right.half.account
    _note(unit, account, OTP, where, settings)
    if right.codes_left is None:
        return
    left = right.codes_left
    used = _("A recovery code was used to sign in. {left} of them are left.", left=left)
    proof = Proof(factor_since=right.factor_since)
    repudiation.tell(unit, settings.issuer, account, used, proof=proof)


def sign_in_by_passkey(
    unit: Unit,
    account: Account,
    amr: Sequence[str],
    *,
    factor_since: datetime,
    half: HalfSignIn | None,
    device: str,
    settings: Settings,
    previous: Session | None,
    source: Source,
) -> Met:
    """Begin a session that a passkey proved.

    As a second step it uses the half up; alone it needs none, and every wait and count of
    wrong passwords and codes is nothing to it.
    """
    # whoever signs in again by a passkey alone had no field to type it into
    client_code = previous.client_code if previous and previous.account.id == account.id else None
    if half:
        half_sign_ins.use(unit, half)
        client_code = half.client_code
    factor_tries.forgive(unit, account.id)
    where = Where(
        opaque_tokens.digest(device),
        half.known if half else None,
        source,
        half.created_at if half else None,
        factor_since,
    )
    new = _draw(unit, ("pwd", *amr) if half else amr, where, settings, client_code)
    session = sessions.begin(unit, account, new, previous=previous, source=source)
    _note(unit, account, session.amr, where, settings)
    return Met(new.token, session)


def _draw(
    unit: Unit, amr: Sequence[str], where: Where, settings: Settings, client_code: str | None
) -> NewSession:
    return new_session.draw(
        unit,
        settings,
        where.source,
        acr=AAL2,
        amr=amr,
        factor_since=where.factor_since,
        client_code=client_code,
    )


def _note(
    unit: Unit, account: Account, amr: Sequence[str], where: Where, settings: Settings
) -> None:
    """What a sign-in with a second factor means to others."""
    factor_reset.stop_by_use(unit, settings, account, where.factor_since, source=where.source)
    new_devices.note_sign_in(unit, account, where, settings, with_factor=True)
    trail.record(
        unit,
        Event.FACTOR_ACCEPTED,
        actor=account.id,
        account_id=account.id,
        source=where.source,
        amr=list(amr),
    )


def _refused(
    unit: Unit, ring: KeyRing, half: HalfSignIn, counted: CountedTry, reason: str, source: Source
) -> RefusedError:
    """Write down that it was wrong; the count was taken before."""
    attempts.report_codes(unit, ring, half.account.username, counted.tries)
    came = half_sign_ins.came_by(unit, half.id)
    trail.record(
        unit,
        Event.FACTOR_REFUSED,
        actor=trail.SYSTEM,
        account_id=half.account.id,
        client_id=came.client_id if came else None,
        court_id=came.court_id if came else None,
        reason=reason,
        source=source,
    )
    return unit.keep(RefusedError(reason, NEUTRAL, NEXT_STEP))


def gone() -> RefusedError:
    """The half that a factor was to be shown for is over."""
    return RefusedError("half_gone", _("This sign-in took too long."), _("Sign in again."))
