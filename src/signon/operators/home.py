"""What the operators' first page says beside the service's health: what changed, what ends soon."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from signon.audit import searching
from signon.audit.events import Event
from signon.clients import secrets
from signon.courts.registry import Court
from signon.db import Unit
from signon.operators.registers import record_lines
from signon.operators.registers.record_lines import Line
from signon.tokens import readiness, stored_keys

SHOWN = 5
WITHIN = timedelta(days=30)
OURS = (
    *(Event.ACCOUNT_DISABLED, Event.ACCOUNT_ENABLED, Event.ACCOUNT_RELEASED),
    *(Event.ACCOUNT_FROZEN, Event.ACCOUNTS_IMPORTED, Event.FACTOR_RESET_ASKED),
    *(Event.SEARCH_SWITCHED_OFF, Event.SEARCH_SWITCHED_ON),
    *(Event.COURTS_LOADED, Event.COURT_CHANGED),
    *(Event.COURT_STAFF_ADDED, Event.COURT_STAFF_REMOVED),
    *(Event.CLIENT_CREATED, Event.CLIENT_CHANGED, Event.CLIENT_DISABLED, Event.CLIENT_ENABLED),
    *(Event.CLIENT_INVITED, Event.CLIENT_REGISTERED_ITSELF, Event.CLIENT_SECRET_ROTATED),
    *(Event.KEY_CREATED, Event.KEY_RETIRED, Event.SECRETS_REENCRYPTED),
    *(Event.LEGACY_LOGINS_IMPORTED, Event.CERTIFICATES_IMPORTED, Event.AGENTS_IMPORTED),
)
"""What those who run the service did, or have to know of."""


class Ending(NamedTuple):
    """Something that has its day: where to look, what it is, when."""

    path: str
    what: str
    at: datetime


def changed(unit: Unit, courts: Mapping[str, Court]) -> list[Line]:
    """The last acts of operators and of the command line."""
    return record_lines.of(unit, searching.latest(unit, OURS, limit=SHOWN), courts)


def ending(unit: Unit, courts: Mapping[str, Court]) -> Sequence[Ending]:
    """Keys that are due, courts that go live and old secrets that end within 30 days, by time."""
    until = unit.now + WITHIN
    found = [
        *_keys(unit),
        *(
            Ending(f"/courts?q={one.id}", f"{one.name} goes live", one.go_live)
            for one in courts.values()
            if one.go_live
        ),
        *(
            Ending(f"/clients/{one.client_id}", f"The old secret of {one.name}", one.expires_at)
            for one in secrets.ending(unit, limit=SHOWN)
        ),
    ]
    soon = [one for one in found if unit.now <= one.at <= until]
    return sorted(soon, key=lambda one: one.at)[:SHOWN]


def _keys(unit: Unit) -> list[Ending]:
    return [
        Ending("", f"The {key.alg} key is to be rotated", at)
        for key, at in readiness.due_days(stored_keys.all_keys(unit), unit.now)
    ]
