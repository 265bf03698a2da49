"""The second step of a sign-in: an app's code or a recovery code, after the password was right.

What waits for it is half a sign-in (`signon.signin.half_sign_ins`), which is no session.
Wrong codes are counted for the account before they are looked at, across all its sign-ins, so
that starting anew gains nothing; only a right one forgets them (SP 800-63B section 3.2.2).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signon.accounts.credentials import FOREVER
from signon.accounts.directory import Account
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import Refusal
from signon.limits import counters
from signon.signin import factor_reset, factors, half_sign_ins, recovery_codes, totp
from signon.signin import session as sessions
from signon.signin.half_sign_ins import HalfSignIn
from signon.signin.session import AAL2, Session
from signon.signin.throttle import Wait
from signon.web.visitor import Origin

FAILURES = "factor_failures"
"""Bucket: wrong second factors of one account since its last right one."""
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
OTP = ("pwd", "otp", "mfa")
"""How it was proved, with an app's or a recovery code (RFC 8176)."""
NEUTRAL = "The code is not right, or it was used before."
NEXT_STEP = (
    "Wait for your app’s next code and type that. A recovery code works too; each works once."
)


@dataclass(frozen=True, slots=True)
class Slow:
    """A recovery code to be hashed in the gate before `finish_slow`."""

    half: HalfSignIn
    salt: bytes
    code: str


@dataclass(frozen=True, slots=True)
class Met:
    """The second factor was right: the new session's cookie value."""

    token: str
    account: Account


def wait_seconds(unit: Unit, account_id: str) -> int:
    """How long the account's next code has to wait."""
    return _seconds(counters.look(unit, FAILURES, counters.key(account_id)).blocked_until, unit.now)


def count(unit: Unit, account_id: str, settings: Settings) -> Wait | Refusal | None:
    """Count a try before it is looked at; a wait, or the end of all tries, or None to go on."""
    key = counters.key(account_id)
    counted = counters.hit(unit, FAILURES, key, window=FOREVER)
    if counted.blocked_until:
        counters.take_back(unit, FAILURES, key)
        return Wait(_seconds(counted.blocked_until, unit.now))
    if counted.count > settings.login_failures_cap:
        return _used_up()
    over = counted.count - FREE_TRIES
    if over >= 0:
        wait = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(over, 12)))
        counters.block(unit, FAILURES, key, until=unit.now + wait)
    return None


def try_code(
    unit: Unit,
    ring: KeyRing,
    half: HalfSignIn,
    code: str,
    *,
    settings: Settings,
    previous: Session | None,
    origin: Origin,
) -> Met | Slow | Wait | Refusal:
    """Count the try, and accept an app's code at once; a recovery code has to be hashed first."""
    stopped = count(unit, half.account.id, settings)
    if stopped is not None:
        return stopped
    if totp.looks_like_one(code):
        if totp.accept(unit, ring, half.account.id, code) is None:
            return refuse(unit, half.account, "wrong_totp", origin)
        return complete(unit, half, OTP, settings=settings, previous=previous, origin=origin)
    salt = recovery_codes.salt_of(unit, half.account.id)
    if salt is None or not recovery_codes.looks_like_one(code):
        return refuse(unit, half.account, "no_such_code", origin)
    return Slow(half, salt, code)


def finish_slow(
    unit: Unit,
    slow: Slow,
    hashed: bytes,
    *,
    settings: Settings,
    previous: Session | None,
    origin: Origin,
) -> Met | Refusal:
    """Spend the recovery code, if it is one of the account's."""
    if not recovery_codes.spend(unit, slow.half.account.id, hashed):
        return refuse(unit, slow.half.account, "wrong_recovery_code", origin)
    left = recovery_codes.left(unit, slow.half.account.id)
    factors.note(unit, slow.half.account.id)
    trail.record(
        unit,
        Event.RECOVERY_CODE_USED,
        actor=slow.half.account.id,
        account_id=slow.half.account.id,
        origin=origin,
        left=left,
    )
    return complete(unit, slow.half, OTP, settings=settings, previous=previous, origin=origin)


def release(unit: Unit, half: HalfSignIn) -> None:
    """The gate had no turn for it: it was no try."""
    counters.take_back(unit, FAILURES, counters.key(half.account.id))


def complete(
    unit: Unit,
    half: HalfSignIn,
    amr: Sequence[str],
    *,
    settings: Settings,
    previous: Session | None,
    origin: Origin,
) -> Met | Refusal:
    """Use the half up and begin the session; of any number at the same moment one does."""
    if not half_sign_ins.use(unit, half):
        return _gone()
    counters.forgive(unit, FAILURES, counters.key(half.account.id))
    token = _begin_session(
        unit,
        half.account,
        amr,
        client_code=half.client_code,
        settings=settings,
        previous=previous,
        origin=origin,
    )
    return Met(token, half.account)


def sign_in_by_passkey(
    unit: Unit,
    account: Account,
    amr: Sequence[str],
    *,
    half: HalfSignIn | None,
    settings: Settings,
    previous: Session | None,
    origin: Origin,
) -> str:
    """Begin a session that a passkey proved; answers the cookie's value.

    As a second step it uses the half up; alone it needs none, and every wait and count of
    wrong passwords and codes is nothing to it.
    """
    # whoever signs in again by a passkey alone had no field to type it into
    client_code = previous.client_code if previous and previous.account.id == account.id else None
    if half:
        half_sign_ins.use(unit, half)
        client_code = half.client_code
    counters.forgive(unit, FAILURES, counters.key(account.id))
    return _begin_session(
        unit,
        account,
        ("pwd", *amr) if half else amr,
        client_code=client_code,
        settings=settings,
        previous=previous,
        origin=origin,
    )


def _begin_session(
    unit: Unit,
    account: Account,
    amr: Sequence[str],
    *,
    client_code: str | None,
    settings: Settings,
    previous: Session | None,
    origin: Origin,
) -> str:
    factor_reset.stop_by_use(unit, settings, account, origin=origin)
    trail.record(
        unit,
        Event.FACTOR_ACCEPTED,
        actor=account.id,
        account_id=account.id,
        origin=origin,
        amr=list(amr),
    )
    return sessions.start(
        unit,
        account,
        settings=settings,
        previous=previous,
        origin=origin,
        acr=AAL2,
        amr=amr,
        client_code=client_code,
    )


def refuse(unit: Unit, account: Account, reason: str, origin: Origin) -> Refusal:
    """Write down that it was wrong; the count was taken before."""
    trail.record(
        unit,
        Event.FACTOR_REFUSED,
        actor=trail.SYSTEM,
        account_id=account.id,
        reason=reason,
        origin=origin,
    )
    return Refusal(reason, NEUTRAL, NEXT_STEP)


def _gone() -> Refusal:
    return Refusal("half_gone", "This sign-in took too long.", "Sign in again.")


def _used_up() -> Refusal:
    return Refusal(
        "factor_off",
        "There were too many wrong codes: codes do not work for this account any more.",
        "Use a passkey, or call the PACER Service Center at (800) 676-6856.",
    )


def _seconds(until: datetime | None, now: datetime) -> int:
    return max(1, math.ceil((until - now).total_seconds())) if until else 0
