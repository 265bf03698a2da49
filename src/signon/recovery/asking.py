"""Asking for a link or for one's usernames: the same for everybody who asks.

What was typed is not looked up here. It waits, sealed, in the outbox, and `answering` looks
for accounts after the answer is given: so neither words nor time can depend on them.
"""

import math
from datetime import timedelta
from typing import NamedTuple

from signon import metrics
from signon.accounts import recovery_wanted
from signon.accounts.recovery_wanted import TYPED, Wanted
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError, WaitError
from signon.journeys import store
from signon.limits import counters
from signon.opaque_tokens import digest
from signon.web.visitor import Source
from signon.words.sentences import _

NETWORKS = "recovery_networks"
"""Bucket: what was asked from one network."""
LONGEST = 254
"""Characters of the longest e-mail address; usernames are shorter."""


class Way(NamedTuple):
    """Where somebody was going, and the digest of their browser's cookie, as text."""

    journey: str
    device: str

    def goes_on(self, device: str | None) -> str:
        """The journey's handle in the browser in which the mail was opened."""
        is_same = digest(device or "").hex() == self.device
        return self.journey if is_same else store.elsewhere(self.journey)


def ask(
    unit: Unit,
    ring: KeyRing,
    settings: Settings,
    wanted: Wanted,
    typed: str,
    *,
    source: Source,
    journey: str | None = None,
    device: str | None = None,
) -> None:
    """Write down what is asked for, and on the way to what, in which browser.

    Raises InputError when nothing, or too much, was typed; WaitError after so many from a network.
    """
    tidy = _checked(wanted, typed)
    network = ring.mac(NETWORKS, source.network.encode())
    window = timedelta(seconds=settings.recovery_requests_window_seconds)
    here = counters.hit(unit, NETWORKS, network, window=window)
    if here.count > settings.recovery_requests_per_address:
        counters.take_back(unit, NETWORKS, network)
        assert here.ends_at is not None
        metrics.throttled.labels(NETWORKS).inc()
        raise unit.keep(WaitError(max(1, math.ceil((here.ends_at - unit.now).total_seconds()))))
    asked = trail.record(
        unit,
        Event.RECOVERY_ASKED,
        actor=trail.SYSTEM,
        source=source,
        wanted=wanted.value,
        typed_mac=ring.mac(TYPED, tidy.casefold().encode()).hex(),
    )
    going = store.find(unit, journey)
    way = Way(going.id, digest(device or "").hex())._asdict() if going else None
    recovery_wanted.put(unit, ring, wanted, tidy, asked=asked, way=way)


def _checked(wanted: Wanted, typed: str) -> str:
    tidy = typed.strip()
    field = "email" if wanted is Wanted.USERNAMES else "username"
    if not tidy:
        what = (
            _("your e-mail address") if field == "email" else _("your username or e-mail address")
        )
        raise InputError(_("Enter {what}.", what=what), field=field)
    if len(tidy) > LONGEST:
        raise InputError(
            _("That is longer than {longest} characters.", longest=LONGEST), field=field
        )
    if field == "email" and "@" not in tidy:
        raise InputError(_("Enter an e-mail address, such as name@example.com."), field=field)
    return tidy
