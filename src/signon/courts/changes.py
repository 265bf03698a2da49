"""What an operator decides for a court: its go-live and its policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Update, select, update

from signon import prepared
from signon.audit import trail
from signon.audit.events import Event
from signon.courts import policy
from signon.courts.go_live import Announcement, GoLive, moment_of
from signon.courts.models import courts
from signon.courts.registry import Court, read_one, unknown_court
from signon.db import Unit


@dataclass(frozen=True, slots=True)
class Changed:
    """The court as it is now, the names of what changed, and a sentence if there was a doubt."""

    court: Court
    fields: Sequence[str]
    note: str | None = None


def change(
    unit: Unit,
    court_id: str,
    *,
    actor: str,
    go_live: Announcement | None = None,
    values: Mapping[str, str] | None = None,
) -> Changed:
    """Set a court's go-live (None: leave it) and those values of its policy that are named.

    Either way the go-live is then an operator's and survives loading. Raises NotFoundError, and
    InputError for a value that is not fit or a time that the court's clock skips.
    """
    stored = _lock_policy(unit, court_id.lower())
    if stored is None:
        raise unknown_court(court_id)
    court = read_one(unit, court_id)
    found = moment_of(go_live, court.time_zone) if go_live else None
    row = {**_new_go_live(court, found), **_new_policy(stored, values or {})}
    if not row:
        return Changed(court, [], found.note if found else None)
    _set(
        unit,
        court.id,
        row.get("go_live", court.go_live),
        row.get("go_live_is_set", court.go_live_is_set),
        row.get("policy", stored),
    )
    fields = [name for name in row if name == "go_live"]
    fields += _names_that_differ(stored, row.get("policy", stored))
    trail.record(unit, Event.COURT_CHANGED, actor=actor, court_id=court.id, fields=fields)
    return Changed(read_one(unit, court.id), fields, found.note if found else None)


def _new_go_live(court: Court, found: GoLive | None) -> dict[str, Any]:
    if found is None or (court.go_live_is_set and court.go_live == found.moment):
        return {}
    return {"go_live": found.moment, "go_live_is_set": True}


def _new_policy(stored: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    merged = policy.changed(stored, values)
    return {"policy": merged} if merged != stored else {}


def _names_that_differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )


@prepared.value
def _lock_policy(court_id: str) -> Select[dict[str, Any]]:
    """Locked, so that two operators who set different things lose neither."""
    return select(courts.c.policy).where(courts.c.id == court_id).with_for_update()


@prepared.change
def _set(
    court_id: str, go_live: datetime | None, go_live_is_set: bool, policy: Mapping[str, Any]
) -> Update:
    said = update(courts).where(courts.c.id == court_id)
    return said.values(go_live=go_live, go_live_is_set=go_live_is_set, policy=policy)
