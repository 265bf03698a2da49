"""Whether there are keys to sign with, and how old: for probes, `/metrics`, `serve`, `doctor`."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select

from signon.clock import Clock
from signon.db import Unit
from signon.errors import NotReadyError
from signon.metrics import Gauge
from signon.prepared import values
from signon.tokens.keys import SigningKeys
from signon.tokens.models import signing_keys
from signon.tokens.rotation import ALWAYS_IN_USE
from signon.tokens.stored_keys import KeyState, StoredKey

DUE_AFTER = timedelta(days=90)
"""How long a key signs until it is due to be rotated: our number."""


def algorithms_without_key(unit: Unit) -> list[str]:
    """The algorithms that must always have an active key and have none."""
    found = set(_active(unit, unit.now))
    return [alg for alg in ALWAYS_IN_USE if alg not in found]


def why_not_ready(unit: Unit) -> str | None:
    """A sentence when something is missing, else None."""
    missing = algorithms_without_key(unit)
    if not missing:
        return None
    return f"There is no active signing key for {' and '.join(missing)}."


def due(keys: Iterable[StoredKey], now: datetime) -> list[str]:
    """The algorithms whose key has signed for too long and has no successor waiting."""
    return [key.alg for key, at in due_days(keys, now) if at < now]


def due_days(keys: Iterable[StoredKey], now: datetime) -> list[tuple[StoredKey, datetime]]:
    """The keys that sign and have no successor waiting, and when each is due to be rotated."""
    by_state = [(key.state(now), key) for key in keys]
    waiting = {key.alg for state, key in by_state if state is KeyState.NEXT}
    return [
        (key, key.active_from + DUE_AFTER)
        for state, key in by_state
        if state is KeyState.ACTIVE and key.alg not in waiting
    ]


async def measure(keys: SigningKeys, clock: Clock) -> list[Gauge]:
    """The keys' ages, and how many algorithms need `signon keys rotate`, for `/metrics`.

    Told from the keys that the process holds anyway; so a change shows after 30 seconds.
    """
    now = clock()
    try:
        stored = (await keys.get()).stored
    except NotReadyError:
        stored = ()
    active = {key.alg for key in stored if key.state(now) is KeyState.ACTIVE}
    missing = [alg for alg in ALWAYS_IN_USE if alg not in active]
    return [
        Gauge(
            "signon_signing_key_age_seconds",
            "Seconds for which the oldest key of an algorithm has been in its state",
            ("alg", "state"),
            _ages(stored, now),
        ),
        Gauge(
            "signon_signing_keys_due",
            "Algorithms whose key is too old or missing: run `signon keys rotate`",
            (),
            {(): len(due(stored, now)) + len(missing)},
        ),
    ]


def _ages(keys: Sequence[StoredKey], now: datetime) -> dict[tuple[str, ...], float]:
    ages: dict[tuple[str, ...], float] = {}
    for key in keys:
        state = key.state(now)
        since = {
            KeyState.NEXT: key.created_at,
            KeyState.ACTIVE: key.active_from,
            KeyState.RETIRED: key.retired_at,
        }.get(state)
        if since is not None:
            label = key.alg, state.value
            ages[label] = max(ages.get(label, 0.0), (now - since).total_seconds())
    return ages


@values
def _active(now: datetime) -> Select[str]:
    end = signing_keys.c.retired_at
    is_active = signing_keys.c.active_from <= now, or_(end.is_(None), end > now)
    return select(signing_keys.c.alg).where(*is_active)
