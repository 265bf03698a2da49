"""Signing in by a program: name, password and second factor in one request (domain facts 4).

The steps are those of the pages, one after the other: the attempt is counted, the password
compared in the gate, and where there is a second factor the code tried against half a sign-in.
Only what begins at the end is another thing, and is up to the caller.

A program keeps no cookie of ours. Its address stands for the browser: one from which the account's
owner has signed in with a program before is a known device of the account.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from signon.accounts.directory import Account
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import RefusedError
from signon.limits.trials import Trial
from signon.signin import half_sign_ins, login, mfa
from signon.signin.comparisons import Comparisons
from signon.signin.cso_sessions import Assurance
from signon.signin.half_sign_ins import HalfSignIn
from signon.signin.login import Proved, SecondStep
from signon.signin.mfa import Right, Slow
from signon.signin.session import AAL1, AAL2, PASSWORD
from signon.signin.wiring import Wiring
from signon.web.visitor import Source

ADDRESSES = "program-addresses"
"""Purpose of the MAC that stands for a program's address, as a browser's cookie does."""
NO_CODE = "no_code"

R = TypeVar("R")
Begin = Callable[[Unit, Account, Assurance], R]
"""What begins when everything was right, in the unit that says so."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a program shows; `code` is an app's or a recovery code, or empty."""

    username: str
    password: str
    code: str
    source: Source


class ProgramSignIn:
    """The whole sign-in."""

    def __init__(self, wiring: Wiring) -> None:
        self._ring = wiring.ring
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._gate = wiring.gate
        self._comparisons = Comparisons(wiring)

    async def sign_in(self, shown: Shown, begin: Begin[R]) -> R:
        """What has begun. Raises WaitError, RefusedError, BusyError."""
        # whoever has no turn in time is told before anything is counted
        with self._gate.turn() as turn:
            device = self._ring.mac(ADDRESSES, shown.source.network.encode()).hex()
            passwords = self._comparisons.passwords
            attempt = await self._database.write(
                passwords.begin_for_program,
                username=shown.username,
                device=device,
                source=shown.source,
            )
            finish = partial(self._first, device=device, source=shown.source, begin=begin)
            done = await self._comparisons.password(
                attempt, shown.password, turn, finish, source=shown.source
            )
        if isinstance(done, SecondStep):
            return await self._second(done.half_id, device, shown, begin)
        return done

    async def _second(self, half_id: str, device: str, shown: Shown, begin: Begin[R]) -> R:
        """The second step. Raises WaitError, RefusedError, BusyError."""
        done = await self._database.write(self._try, half_id, device, shown, begin)
        if not isinstance(done, Slow):
            return done
        spend = partial(self._spend, slow=done, device=device, source=shown.source, begin=begin)
        return await self._comparisons.recovery_code(done, spend)

    def _first(
        self, unit: Unit, proved: Proved, *, device: str, source: Source, begin: Begin[R]
    ) -> R | SecondStep:
        passwords = self._comparisons.passwords
        done = passwords.finish_for_program(unit, proved, device=device, source=source)
        if isinstance(done, SecondStep):
            return done
        return begin(unit, done, Assurance(AAL1, PASSWORD))

    def _try(
        self, unit: Unit, half_id: str, device: str, shown: Shown, begin: Begin[R]
    ) -> Slow | R:
        half = _half(unit, half_id, device)
        if not shown.code:
            raise _no_code(unit, half, shown.source)
        tried = mfa.try_code(
            unit, self._ring, half, shown.code, settings=self._settings, source=shown.source
        )
        if isinstance(tried, Slow):
            return tried
        return self._done(unit, tried, shown.source, begin)

    def _spend(
        self,
        unit: Unit,
        hashed: bytes,
        trial: Trial,
        *,
        slow: Slow,
        device: str,
        source: Source,
        begin: Begin[R],
    ) -> R:
        _half(unit, slow.half.id, device)
        right = mfa.spend(unit, self._ring, slow, hashed, trial, source=source)
        return self._done(unit, right, source, begin)

    def _done(self, unit: Unit, right: Right, source: Source, begin: Begin[R]) -> R:
        mfa.complete_for_program(unit, right, self._settings, source=source)
        return begin(unit, right.half.account, Assurance(AAL2, mfa.OTP))


def _half(unit: Unit, half_id: str, device: str) -> HalfSignIn:
    """Raises RefusedError when the account has changed since the password was looked at."""
    half = half_sign_ins.find(unit, half_id, device)
    if half is None:
        raise mfa.gone()
    return half


def _no_code(unit: Unit, half: HalfSignIn, source: Source) -> RefusedError:
    """A code that was not sent is no guess at one, but stands in the account's activity."""
    trail.record(
        unit,
        Event.FACTOR_REFUSED,
        actor=trail.SYSTEM,
        account_id=half.account.id,
        reason=NO_CODE,
        source=source,
    )
    return unit.keep(RefusedError(NO_CODE, login.NEUTRAL))
