"""Asking for a link or for one's usernames: the same for everybody who asks.

What was typed is not looked up here. It waits, sealed, in the outbox, and `answering` looks
for accounts after the answer is given: so neither words nor time can depend on them.
"""

import math
from datetime import timedelta

from signon.accounts import recovery_wanted
from signon.accounts.recovery_wanted import TYPED, Wanted
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError, WaitError
from signon.limits import counters
from signon.web.visitor import Source
from signon.words.sentences import _

NETWORKS = "recovery_networks"
"""Bucket: what was asked from one network."""
LONGEST = 254
"""Characters of the longest e-mail address; usernames are shorter."""


def ask(
    unit: Unit, ring: KeyRing, settings: Settings, wanted: Wanted, typed: str, *, source: Source
) -> None:
    """Write down what is asked for.

    Raises InputError when nothing, or too much, was typed; WaitError after so many from a network.
    """
    tidy = _checked(wanted, typed)
    network = ring.mac(NETWORKS, source.network.encode())
    window = timedelta(seconds=settings.recovery_requests_window_seconds)
    here = counters.hit(unit, NETWORKS, network, window=window)
    if here.count > settings.recovery_requests_per_address:
        counters.take_back(unit, NETWORKS, network)
        assert here.ends_at is not None
        raise unit.keep(WaitError(max(1, math.ceil((here.ends_at - unit.now).total_seconds()))))
    asked = trail.record(
        unit,
        Event.RECOVERY_ASKED,
        actor=trail.SYSTEM,
        source=source,
        wanted=wanted.value,
        typed_mac=ring.mac(TYPED, tidy.casefold().encode()).hex(),
    )
    recovery_wanted.put(unit, ring, wanted, tidy, asked=asked)


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
