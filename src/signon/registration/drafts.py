"""A registration that is under way: kept by the server, bound to the browser that began it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from signon import ids
from signon.accounts.entries import Entered
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.limits import counters
from signon.opaque_tokens import digest
from signon.registration.models import registrations, seal_context
from signon.registration.onward import Way
from signon.web.visitor import Source

LASTS = timedelta(hours=48)
"""How long after the last step somebody can go on; twice as long as a mailed link."""
PER_NETWORK = "registrations"
"""Bucket: registrations that were begun from a network."""
TOO_MANY = "too_many"
WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """A registration. `entered` is empty once it is complete."""

    id: str
    device: bytes
    entered: Entered
    way: Way
    account_id: str | None
    confirmed_at: datetime | None
    completed_at: datetime | None

    def is_at(self, email: str) -> bool:
        """Whether it was begun with that address, in any case."""
        return self.entered["email"].casefold() == email.casefold()

    def is_of(self, device: str | None) -> bool:
        """Whether that browser began it."""
        return device is not None and self.device == digest(device)


def begin(
    unit: Unit,
    ring: KeyRing,
    device: str,
    entered: Entered,
    way: Way,
    *,
    source: Source,
    per_network: int,
) -> Draft:
    """Begin with what the first step asked for.

    Raises RefusedError (`too_many`) after so many from one network within the hour.
    """
    counted = counters.hit(unit, PER_NETWORK, counters.key(source.network), window=WINDOW)
    if counted.count > per_network:
        raise too_many(unit, counted.ends_at)
    made = Draft(ids.new_id(), digest(device), dict(entered), way, None, None, None)
    values = {
        "id": made.id,
        "device": made.device,
        "sealed": _sealed(ring, made.id, entered),
        "journey_id": way.journey_id,
        "journey_kind": way.journey_kind,
        "client_id": way.client_id,
        "court_id": way.court_id,
        "return_to": way.return_to,
        "created_at": unit.now,
        "expires_at": unit.now + LASTS,
    }
    unit.execute(insert(registrations), values)
    return made


def find(
    unit: Unit, ring: KeyRing, registration_id: str, device: str | None, *, locked: bool = False
) -> Draft | None:
    """The registration, if this browser began it."""
    draft = by_id(unit, ring, registration_id, locked=locked)
    return draft if draft and draft.is_of(device) else None


def by_id(unit: Unit, ring: KeyRing, registration_id: str, *, locked: bool = False) -> Draft | None:
    """The registration, whoever asks: for the mailed link. `locked`: until the unit's end."""
    statement = _FIND.with_for_update() if locked else _FIND
    values = {"id": registration_id, "now": unit.now}
    row = unit.execute(statement, values).mappings().one_or_none()
    return _draft(ring, row) if row else None


def own(unit: Unit, ring: KeyRing, device: str | None, email: str) -> Draft | None:
    """The newest registration with that address that this browser began and has confirmed."""
    if device is None:
        return None
    values = {"device": digest(device), "now": unit.now}
    for row in unit.execute(_CONFIRMED, values).mappings():
        draft = _draft(ring, row)
        if draft.is_at(email):
            return draft
    return None


def latest(unit: Unit, device: str | None) -> str | None:
    """The id of the registration that this browser has not finished yet."""
    if device is None:
        return None
    found: str | None = unit.scalar(_LATEST, {"device": digest(device), "now": unit.now})
    return found


def save(
    unit: Unit, ring: KeyRing, registration_id: str, device: str | None, changes: Entered
) -> Draft | None:
    """Keep what a step asked for beside what is there; None when there is nothing to go on with.

    The row is locked, so that two tabs do not lose each other's fields. A person's other name
    or address makes the password one to be chosen again, because it was compared with them.
    """
    draft = find(unit, ring, registration_id, device, locked=True)
    if draft is None or draft.completed_at:
        return None
    entered = {**draft.entered, **changes}
    if _words(entered) != _words(draft.entered) and "password_hash" not in changes:
        entered.pop("password_hash", None)
    values = {
        "of": draft.id,
        "data": _sealed(ring, draft.id, entered),
        "until": unit.now + LASTS,
    }
    unit.execute(_SAVE, values)
    return Draft(draft.id, draft.device, entered, draft.way, None, None, None)


def confirm(unit: Unit, draft: Draft) -> None:
    """The person said that everything is right."""
    unit.execute(_CONFIRM, {"of": draft.id, "at": unit.now, "until": unit.now + LASTS})


def complete(unit: Unit, draft: Draft, account_id: str | None) -> bool:
    """Forget what was entered; False when somebody else was faster."""
    values = {"of": draft.id, "at": unit.now, "account": account_id}
    return unit.execute(_COMPLETE, values).rowcount == 1


def give_up(unit: Unit, draft: Draft) -> None:
    """Remove the registration and everything that was entered."""
    unit.execute(_GIVE_UP, {"of": draft.id})


def too_many(unit: Unit, until: datetime | None) -> RefusedError:
    """One sentence for every limit; it says nothing of any account. The count stays."""
    minutes = 1 + int((until - unit.now).total_seconds() // 60) if until else 60
    wait = f"Wait {minutes} minutes" if minutes > 1 else "Wait a minute"
    return unit.keep(
        RefusedError(
            TOO_MANY,
            "There were too many attempts from here or for this address.",
            f"{wait}, then try again. What you entered is kept.",
        )
    )


def _words(entered: Entered) -> list[str | None]:
    return [entered.get(name) for name in ("first_name", "middle_name", "last_name", "email")]


def _sealed(ring: KeyRing, registration_id: str, entered: Entered) -> bytes:
    return ring.seal(json.dumps(dict(entered)).encode(), seal_context(registration_id))


def _draft(ring: KeyRing, row: Mapping[Any, Any]) -> Draft:
    sealed = row["sealed"]
    return Draft(
        row["id"],
        row["device"],
        json.loads(ring.open(sealed, seal_context(row["id"]))) if sealed else {},
        Way(
            row["journey_id"],
            row["journey_kind"],
            row["client_id"],
            row["court_id"],
            row["return_to"],
        ),
        row["account_id"],
        row["confirmed_at"],
        row["completed_at"],
    )


_FIND = select(*registrations.c).where(
    registrations.c.id == bindparam("id"), registrations.c.expires_at > bindparam("now")
)
_LATEST = (
    select(registrations.c.id)
    .where(
        registrations.c.device == bindparam("device"),
        registrations.c.completed_at.is_(None),
        registrations.c.expires_at > bindparam("now"),
    )
    .order_by(registrations.c.created_at.desc())
    .limit(1)
)
_CONFIRMED = (
    select(*registrations.c)
    .where(
        registrations.c.device == bindparam("device"),
        registrations.c.confirmed_at.is_not(None),
        registrations.c.completed_at.is_(None),
        registrations.c.expires_at > bindparam("now"),
    )
    .order_by(registrations.c.created_at.desc(), registrations.c.id)
)
_OPEN = (registrations.c.id == bindparam("of"), registrations.c.completed_at.is_(None))
_SAVE = (
    update(registrations)
    .where(*_OPEN)
    .values(sealed=bindparam("data"), confirmed_at=None, expires_at=bindparam("until"))
)
_CONFIRM = (
    update(registrations)
    .where(*_OPEN)
    .values(confirmed_at=bindparam("at"), expires_at=bindparam("until"))
)
_COMPLETE = (
    update(registrations)
    .where(*_OPEN, registrations.c.confirmed_at.is_not(None))
    .values(completed_at=bindparam("at"), account_id=bindparam("account"), sealed=None)
)
_GIVE_UP = delete(registrations).where(*_OPEN)
