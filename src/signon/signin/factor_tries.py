"""How often a second factor may be tried, counted before it is looked at.

Wrong codes are counted for the account across all its sign-ins, so that starting anew gains
nothing; only a right one forgets them (SP 800-63B section 3.2.2). A known device in which one
was shown before has a few tries of its own first, so that whoever knows the password cannot shut
out its owner with wrong codes.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from signon import metrics
from signon.accounts.credentials import FOREVER
from signon.config import Settings
from signon.db import Unit
from signon.errors import RefusedError, WaitError
from signon.limits import counters
from signon.limits.counters import Outcome, Place
from signon.signin import known_devices
from signon.signin.half_sign_ins import HalfSignIn
from signon.signin.known_devices import KnownDevice
from signon.words.sentences import _

FAILURES = "factor_failures"
"""Bucket: wrong second factors of one account since its last right one."""
DEVICES = "factor_devices"
"""Bucket: wrong ones in one known device since its last right one."""
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CountedTry:
    """A counted try: where, and how many by strangers it makes, 0 for one of a known device."""

    places: tuple[Place, ...]
    tries: int = 0


def wait_seconds(unit: Unit, half: HalfSignIn) -> int:
    """How long the next code has to wait; a known device's own tries never do."""
    known = _known(half)
    if known and counters.look(unit, DEVICES, known.key).count < known_devices.TRIES:
        return 0
    key = counters.key(half.account.id)
    return _seconds(counters.look(unit, FAILURES, key).blocked_until, unit.now)


def waits_until(unit: Unit, account_id: str) -> datetime | None:
    """Until when no code of an account is looked at, in a browser that is new to it."""
    return counters.look(unit, FAILURES, counters.key(account_id)).blocked_until


def count(unit: Unit, half: HalfSignIn, settings: Settings) -> CountedTry:
    """Count a try before it is looked at. Raises WaitError, RefusedError at the end of all tries."""
    own, has_tries = known_devices.count_try(unit, DEVICES, _known(half), settings)
    if has_tries:
        return CountedTry(own)
    key = counters.key(half.account.id)
    wanted = [(FAILURES, key, FOREVER)]
    counts = counters.hit_each(unit, wanted)
    (counted,), (place,) = counts, counters.places(wanted, counts)
    if counted.blocked_until:
        counters.take_back(unit, FAILURES, key)
        metrics.throttled.labels(FAILURES).inc()
        raise unit.keep(WaitError(_seconds(counted.blocked_until, unit.now)))
    if counted.count > settings.login_failures_cap:
        raise unit.keep(_used_up())
    over = counted.count - FREE_TRIES
    if over >= 0:
        wait = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(over, 12)))
        place = counters.begin_wait(unit, place, unit.now + wait)
    return CountedTry((*own, place), counted.count)


def succeeded(unit: Unit, counted: CountedTry) -> None:
    """The code was right: forget what was counted where it was."""
    counters.settle(unit, success(counted))


def success(counted: CountedTry) -> list[Outcome]:
    """What `succeeded` settles."""
    return [(at.bucket, at.key, counters.FORGIVE) for at in counted.places]


def forgive(unit: Unit, account_id: str) -> None:
    """Forget what strangers have tried: a passkey was shown, which nobody guesses."""
    counters.forgive(unit, FAILURES, counters.key(account_id))


def _known(half: HalfSignIn) -> KnownDevice | None:
    """A mailed link makes a browser known too; it must not bring tries of another's codes."""
    return half.known if half.known and half.known.with_factor else None


def _used_up() -> RefusedError:
    return RefusedError(
        "factor_off",
        _(
            "There were too many wrong codes: codes work only in a browser that you have signed in "
            "with before."
        ),
        _("Use such a browser or a passkey, or call the PACER Service Center at (800) 676-6856."),
    )


def _seconds(until: datetime | None, now: datetime) -> int:
    return max(1, math.ceil((until - now).total_seconds())) if until else 0
