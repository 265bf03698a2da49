"""How often a password may be tried, counted before it is looked at.

Three counts, because each alone can be got round. By **name**, known or not: after a few
attempts each further one has to wait, twice as long each time. By **network**: an address, or
an IPv6 /64, has so many attempts in a window, whatever names it tries. By **account**: after
`login_failures_cap` wrong guesses in a row, however slowly, the password no longer counts,
until an operator enables the account (SP 800-63B section 3.2.2).

The waits end by themselves and are at most an hour long, so that somebody who keeps guessing
at another's name delays that person and does not shut them out (ASVS 6.1.1).
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from signon.accounts.credentials import FAILURES, FOREVER, WAITS, failures_key, waits_key
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.limits import counters

NETWORKS = "password_networks"
NAME_WINDOW = timedelta(hours=24)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: nothing was counted and nothing will be hashed."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A counted attempt. `wait_seconds` is what the next one has to wait if this one fails."""

    name_key: bytes
    network_key: bytes
    account_key: bytes | None
    wait_seconds: int
    is_off: bool


class Throttle:
    """The counts. Each method locks them in the same order: name, network, account."""

    def __init__(self, ring: KeyRing, settings: Settings) -> None:
        self._ring = ring
        self._settings = settings
        self._network_window = timedelta(seconds=settings.login_failures_window_seconds)

    def count(
        self, unit: Unit, *, username: str, account_id: str | None, network: str
    ) -> Counted | Wait:
        """Count an attempt, or say how long it has to wait.

        The counting statement itself answers whether there is a wait, so that of any number of
        attempts at the same moment no more get through than one after the other would.
        """
        name_key = waits_key(self._ring, username)
        network_key = self._ring.mac(NETWORKS, network.encode())
        account_key = failures_key(account_id) if account_id else None
        counted = [(WAITS, name_key, NAME_WINDOW), (NETWORKS, network_key, self._network_window)]
        if account_key:
            counted.append((FAILURES, account_key, FOREVER))
        by_name, here, *guesses = counters.hit_each(unit, counted)
        made = Counted(name_key, network_key, account_key, 0, is_off=False)
        if by_name.blocked_until:
            self.not_tried(unit, made)
            return _wait(by_name.blocked_until, unit.now)
        if here.count > self._settings.login_failures_per_address:
            self.not_tried(unit, made)
            return _wait(here.ends_at, unit.now)
        wait = self._wait_after(by_name.count)
        if wait:
            counters.block(unit, WAITS, name_key, until=unit.now + wait)
        is_off = any(guess.count > self._settings.login_failures_cap for guess in guesses)
        return replace(made, wait_seconds=math.ceil(wait.total_seconds()), is_off=is_off)

    def succeeded(self, unit: Unit, counted: Counted) -> None:
        """It was the right password: forget the account's failures, and this attempt here."""
        _settle(unit, counted, counters.FORGIVE)

    def not_tried(self, unit: Unit, counted: Counted) -> None:
        """The attempt was turned away before its password was looked at: it never was one."""
        _settle(unit, counted, counters.TAKE_BACK)

    def _wait_after(self, attempts: int) -> timedelta:
        """30 s after the fifth attempt, twice as long after each further one, up to an hour."""
        over = attempts - self._settings.login_soft_wait_after
        if over < 0:
            return timedelta(0)
        first = timedelta(seconds=self._settings.login_soft_wait_seconds)
        return min(LONGEST_WAIT, first * (1 << min(over, 12)))


def _settle(unit: Unit, counted: Counted, how: int) -> None:
    settled = [
        (WAITS, counted.name_key, how),
        (NETWORKS, counted.network_key, counters.TAKE_BACK),
    ]
    if counted.account_key:
        settled.append((FAILURES, counted.account_key, how))
    counters.settle(unit, settled)


def _wait(until: datetime | None, now: datetime) -> Wait:
    assert until is not None
    return Wait(max(1, math.ceil((until - now).total_seconds())))
