"""What happens within one unit for each step of `/login/mfa`."""

from dataclasses import dataclass

from signon.accounts.directory import Account
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.journeys import store
from signon.journeys.store import Journey
from signon.limits.trials import Trial
from signon.signin import factor_tries, factors, half_sign_ins, login, mfa
from signon.signin import session as sessions
from signon.signin.demands import Demands
from signon.signin.factors import Factors
from signon.signin.half_sign_ins import HalfSignIn
from signon.signin.login import SignedIn
from signon.signin.mfa import Right, Slow
from signon.web.site import Visit


@dataclass(frozen=True, slots=True)
class SeenStep:
    """What stands behind the page; without `half` the sign-in took too long or is not here."""

    half: HalfSignIn | None
    journey: Journey | None
    factors: Factors | None = None
    wait_seconds: int = 0

    @property
    def account(self) -> Account | None:
        """Whose second factor it is."""
        return self.half.account if self.half else None


class SecondSteps:
    """The steps, each the body of one unit of work."""

    def __init__(self, ring: KeyRing, settings: Settings, demands: Demands) -> None:
        self._ring = ring
        self._settings = settings
        self._demands = demands

    @staticmethod
    def look(unit: Unit, visit: Visit, half_id: str | None, handle: str | None) -> SeenStep:
        """Who is to prove it, with what, and how long the next try has to wait."""
        half = half_sign_ins.find(unit, half_id, visit.device)
        journey = store.find(unit, handle)
        if half is None:
            return SeenStep(None, journey)
        wait = factor_tries.wait_seconds(unit, half)
        return SeenStep(half, journey, factors.of(unit, half.account.id), wait)

    def begin(
        self, unit: Unit, visit: Visit, half_id: str | None, handle: str | None, code: str
    ) -> tuple[SeenStep, SignedIn | Slow]:
        """Try the code. Raises WaitError, RefusedError.

        What it answers holds what a new session needs; a page that asks again looks for itself.
        """
        seen = SeenStep(half_sign_ins.find(unit, half_id, visit.device), store.find(unit, handle))
        if seen.half is None:
            raise mfa.gone()
        tried = mfa.try_code(
            unit,
            self._ring,
            seen.half,
            code,
            settings=self._settings,
            source=visit.source,
        )
        return seen, tried if isinstance(tried, Slow) else self._done(unit, visit, seen, tried)

    def finish_slow(
        self, unit: Unit, hashed: bytes, trial: Trial, visit: Visit, seen: SeenStep, slow: Slow
    ) -> SignedIn:
        """Spend a recovery code that was hashed meanwhile, if the half still stands.

        Raises RefusedError.
        """
        half = half_sign_ins.find(unit, slow.half.id, visit.device)
        if half is None:
            raise mfa.gone()
        right = mfa.spend(unit, self._ring, slow, hashed, trial, source=visit.source)
        return self._done(unit, visit, seen, right)

    def _done(self, unit: Unit, visit: Visit, seen: SeenStep, right: Right) -> SignedIn:
        previous = sessions.current(unit, visit.session_token, self._settings)
        met = mfa.complete(unit, right, self._settings, previous=previous, source=visit.source)
        path = login.onward(unit, met.session, seen.journey, self._demands)
        return SignedIn(met.token, path)
