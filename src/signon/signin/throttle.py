"""How often a password may be tried, counted before it is looked at.

Three counts, because each alone can be got round. By **name**, known or not: after a few
attempts each further one has to wait, twice as long each time. By **network**: an address, or
an IPv6 /64, may try so many names wrongly in a window. By **account**: after
`login_failures_cap` wrong guesses in a row, however slowly, the password no longer counts
(SP 800-63B section 3.2.2), until its owner chooses another by a mailed link.

A **known device** of the account has a count of its own and none of these, so that somebody who
keeps guessing at another's name, or a colleague behind the same address, does not shut out its
owner (ASVS 6.1.1). The waits end by themselves and are at most an hour long.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from signon import metrics
from signon.accounts.credentials import FAILURES, FOREVER, WAITS, failures_key, waits_key
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import WaitError
from signon.limits import counters
from signon.limits.counters import Outcome, Place
from signon.signin import known_devices
from signon.signin.known_devices import KnownDevice

DEVICES = "password_devices"
"""Bucket: wrong guesses in one known device since its last right one."""
NETWORKS = "password_networks"
"""Bucket: what one network has tried within its window, and is trying now."""
NAMES = "password_network_names"
"""Bucket: wrong guesses at one name from one network within the window."""
WRONG_NAME = 3
"""What a wrongly tried name takes of its network's budget. An attempt under way takes 1 and gives
it back when it was right, so that many may come at the same moment."""
NAME_WINDOW = timedelta(hours=24)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CountedAttempt:
    """A counted attempt. `wait_seconds` is what the next one has to wait if this one fails.

    `places` is where it was counted, in the order in which they are locked; `attempts` how many
    strangers' attempts at the name this makes within a day, 0 for one of a known device.
    """

    places: tuple[Place, ...]
    wait_seconds: int = 0
    is_off: bool = False
    attempts: int = 0


class Throttle:
    """The counts. Each method locks them in the same order: device, name, network, account."""

    def __init__(self, ring: KeyRing, settings: Settings) -> None:
        self._ring = ring
        self._settings = settings
        self._network_window = timedelta(seconds=settings.login_failures_window_seconds)

    def count(
        self,
        unit: Unit,
        *,
        username: str,
        account_id: str | None,
        network: str,
        known: KnownDevice | None = None,
    ) -> CountedAttempt:
        """Count an attempt; `known` is a device of the account. Raises WaitError.

        The counting statement itself answers whether there is a wait, so that of any number of
        attempts at the same moment no more get through than one after the other would.
        """
        own, has_tries = known_devices.count_try(
            unit, DEVICES, known, self._settings, waits_for_disk=False
        )
        if has_tries:
            return CountedAttempt(own)
        name_key = waits_key(self._ring, username)
        network_key = self._ring.mac(NETWORKS, network.encode())
        # a name that nobody has is counted in as many places as any other
        account_key = failures_key(account_id) if account_id else name_key
        forever = FOREVER if account_id else NAME_WINDOW
        wanted = [
            (WAITS, name_key, NAME_WINDOW),
            (NETWORKS, network_key, self._network_window),
            (FAILURES, account_key, forever),
        ]
        counts = counters.hit_each(unit, wanted, waits_for_disk=False)
        by_name, here, guesses = counts
        at_name, *others = counters.places(wanted, counts)
        places = (*own, at_name, *others)
        if by_name.blocked_until:
            _not_tried(unit, places)
            raise _wait(unit, WAITS, by_name.blocked_until)
        if here.count > self._settings.login_failures_per_address * WRONG_NAME:
            _not_tried(unit, places)
            raise _wait(unit, NETWORKS, here.ends_at)
        wait = self._wait_after(by_name.count)
        if wait:
            places = (*own, counters.begin_wait(unit, at_name, unit.now + wait), *others)
        is_off = guesses.count > self._settings.login_failures_cap
        return CountedAttempt(places, math.ceil(wait.total_seconds()), is_off, by_name.count)

    def succeeded(self, unit: Unit, counted: CountedAttempt) -> None:
        """It was the right password: forget what was counted where this attempt was."""
        counters.settle(unit, self.success(counted))

    @staticmethod
    def success(counted: CountedAttempt) -> list[Outcome]:
        """What `succeeded` settles.

        A known device's success forgets only its own failures: what strangers have tried
        goes on counting against them. Of the network only this attempt is taken back.
        """
        return [
            (at.bucket, at.key, counters.TAKE_BACK if at.bucket == NETWORKS else counters.FORGIVE)
            for at in counted.places
        ]

    def failed(self, unit: Unit, counted: CountedAttempt) -> None:
        """It was wrong. One name takes its part of the network's budget once, not each time."""
        keys = {place.bucket: place.key for place in counted.places}
        if NETWORKS not in keys:
            return
        window, network_key = self._network_window, keys[NETWORKS]
        here = self._ring.mac(NAMES, network_key + keys[WAITS])
        if counters.hit(unit, NAMES, here, window=window).count == 1:
            counters.hit(unit, NETWORKS, network_key, window=window, times=WRONG_NAME - 1)
        else:
            counters.take_back(unit, NETWORKS, network_key)

    def _wait_after(self, attempts: int) -> timedelta:
        """30 s after the fifth attempt, twice as long after each further one, up to an hour."""
        over = attempts - self._settings.login_soft_wait_after
        if over < 0:
            return timedelta(0)
        first = timedelta(seconds=self._settings.login_soft_wait_seconds)
        return min(LONGEST_WAIT, first * (1 << min(over, 12)))


def _not_tried(unit: Unit, places: Sequence[Place]) -> None:
    """The attempt is turned away before its password is looked at: it never was one."""
    counters.settle(unit, [(at.bucket, at.key, counters.TAKE_BACK) for at in places])


def _wait(unit: Unit, bucket: str, until: datetime | None) -> WaitError:
    assert until is not None
    metrics.throttled.labels(bucket).inc()
    return unit.keep(WaitError(max(1, math.ceil((until - unit.now).total_seconds()))))
