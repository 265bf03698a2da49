"""Comparing a password or a recovery code: in the hashing gate, with no connection held.

The attempt was counted in a unit before; the outcome is written in one after it. Every way in goes
through here: the sign-in's pages, and programs.
"""

from collections.abc import Callable
from typing import TypeVar

from signon.accounts import credentials, password_work
from signon.accounts.hashing import Turn
from signon.db import Unit
from signon.journeys.store import Journey
from signon.limits.trials import Trial
from signon.signin import recovery_codes
from signon.signin.login import Attempt, PasswordSignIn, Proved
from signon.signin.mfa import Slow
from signon.signin.wiring import Wiring
from signon.snapshots import Snapshot
from signon.web.visitor import Source

R = TypeVar("R")


class Comparisons:
    """The two comparisons, each with what is written after it."""

    def __init__(self, wiring: Wiring) -> None:
        self.passwords = PasswordSignIn(wiring.ring, wiring.site.settings, wiring.demands)
        self._settings = wiring.site.settings
        self._database = wiring.database
        self._hasher = wiring.hasher
        self._gate = wiring.gate
        self._trials = wiring.trials
        self._works = Snapshot(
            credentials.works_in_use, wiring.database, seconds=password_work.STALE_SECONDS
        )

    async def prepare(self) -> None:
        """Read what every refusal has to compute, so that an answer takes no statement more."""
        await self._works.get()

    async def password(
        self,
        attempt: Attempt,
        password: str,
        turn: Turn,
        finish: Callable[[Unit, Proved], R],
        *,
        journey: Journey | None = None,
        source: Source,
    ) -> R:
        """Finish with a right one, and write down a refusal. Raises RefusedError, BusyError."""
        async with self._trials.of(attempt.counted.places) as trial:
            checked = await turn.run(
                trial.comparing,
                self.passwords.check,
                self._hasher,
                attempt,
                password,
                await self._works.get(),
            )
            if not isinstance(checked, Proved):
                return await self._database.write(
                    self.passwords.refuse, checked, journey, source=source
                )
            trial.compared(is_right=True)
            return await self._database.write(finish, checked)

    async def recovery_code(self, slow: Slow, finish: Callable[[Unit, bytes, Trial], R]) -> R:
        """Finish with its hash, right or wrong. Raises what that raises, and BusyError."""
        async with self._trials.of(slow.counted.places) as trial:
            hashed = await self._gate.run(
                recovery_codes.digest, self._settings, slow.salt, slow.code
            )
            return await self._database.write(finish, hashed, trial)
