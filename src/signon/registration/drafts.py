"""A registration that is under way: kept by the server, bound to the browser that began it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Delete, Insert, Select, Update, delete, insert, select, update

from signon import ids, metrics
from signon.accounts.entries import Entered
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.limits import counters
from signon.opaque_tokens import digest
from signon.prepared import change, every, one, value
from signon.registration.models import registrations, seal_context
from signon.registration.onward import Way
from signon.web.visitor import Source
from signon.words.sentences import _, plural

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
    new = _New(
        made.id,
        made.device,
        _sealed(ring, made.id, entered),
        way.journey_id,
        way.journey_kind,
        way.client_id,
        way.court_id,
        way.return_to,
        unit.now,
        unit.now + LASTS,
    )
    _begin(unit, new)
    return made


def find(
    unit: Unit, ring: KeyRing, registration_id: str, device: str | None, *, locked: bool = False
) -> Draft | None:
    """The registration, if this browser began it."""
    draft = by_id(unit, ring, registration_id, locked=locked)
    return draft if draft and draft.is_of(device) else None


def by_id(unit: Unit, ring: KeyRing, registration_id: str, *, locked: bool = False) -> Draft | None:
    """The registration, whoever asks: for the mailed link. `locked`: until the unit's end."""
    found = (_lock if locked else _find)(unit, registration_id, unit.now)
    return _draft(ring, found) if found else None


def own(unit: Unit, ring: KeyRing, device: str | None, email: str) -> Draft | None:
    """The newest registration with that address that this browser began and has confirmed."""
    if device is None:
        return None
    for found in _confirmed(unit, digest(device), unit.now):
        draft = _draft(ring, found)
        if draft.is_at(email):
            return draft
    return None


def latest(unit: Unit, device: str | None) -> str | None:
    """The id of the registration that this browser has not finished yet."""
    return _latest(unit, digest(device), unit.now) if device is not None else None


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
    _save(unit, draft.id, _sealed(ring, draft.id, entered), unit.now + LASTS)
    return Draft(draft.id, draft.device, entered, draft.way, None, None, None)


def confirm(unit: Unit, draft: Draft) -> None:
    """The person said that everything is right."""
    _confirm(unit, draft.id, unit.now, unit.now + LASTS)


def complete(unit: Unit, draft: Draft, account_id: str | None) -> bool:
    """Forget what was entered; False when somebody else was faster."""
    return _complete(unit, draft.id, account_id, unit.now) == 1


def give_up(unit: Unit, draft: Draft) -> None:
    """Remove the registration and everything that was entered."""
    _give_up(unit, draft.id)


def too_many(unit: Unit, until: datetime | None) -> RefusedError:
    """One sentence for every limit; it says nothing of any account. The count stays."""
    metrics.throttled.labels("registration").inc()
    minutes = 1 + int((until - unit.now).total_seconds() // 60) if until else 60
    return unit.keep(
        RefusedError(
            TOO_MANY,
            _("There were too many attempts from here or for this address."),
            plural(
                "Wait a minute, then try again. What you entered is kept.",
                "Wait {number} minutes, then try again. What you entered is kept.",
                minutes,
            ),
        )
    )


def _words(entered: Entered) -> list[str | None]:
    return [entered.get(name) for name in ("first_name", "middle_name", "last_name", "email")]


def _sealed(ring: KeyRing, registration_id: str, entered: Entered) -> bytes:
    return ring.seal(json.dumps(dict(entered)).encode(), seal_context(registration_id))


class _New(NamedTuple):
    id: str
    device: bytes
    sealed: bytes
    journey_id: str | None
    journey_kind: str | None
    client_id: str | None
    court_id: str | None
    return_to: str | None
    created_at: datetime
    expires_at: datetime


class _Found(NamedTuple):
    id: str
    device: bytes
    sealed: bytes | None
    journey_id: str | None
    journey_kind: str | None
    client_id: str | None
    court_id: str | None
    return_to: str | None
    account_id: str | None
    confirmed_at: datetime | None
    completed_at: datetime | None


def _draft(ring: KeyRing, found: _Found) -> Draft:
    sealed = found.sealed
    return Draft(
        found.id,
        found.device,
        json.loads(ring.open(sealed, seal_context(found.id))) if sealed else {},
        Way(
            found.journey_id,
            found.journey_kind,
            found.client_id,
            found.court_id,
            found.return_to,
        ),
        found.account_id,
        found.confirmed_at,
        found.completed_at,
    )


_COLUMNS = [registrations.c[name] for name in _Found._fields]


def _of(registration_id: str, now: datetime) -> Select[Any]:
    return select(*_COLUMNS).where(
        registrations.c.id == registration_id, registrations.c.expires_at > now
    )


def _is_open(registration_id: str) -> Sequence[ColumnElement[bool]]:
    return (registrations.c.id == registration_id, registrations.c.completed_at.is_(None))


@one(_Found)
def _find(registration_id: str, now: datetime) -> Select[Any]:
    return _of(registration_id, now)


@one(_Found)
def _lock(registration_id: str, now: datetime) -> Select[Any]:
    return _of(registration_id, now).with_for_update()


@value
def _latest(device: bytes, now: datetime) -> Select[str]:
    return (
        select(registrations.c.id)
        .where(
            registrations.c.device == device,
            registrations.c.completed_at.is_(None),
            registrations.c.expires_at > now,
        )
        .order_by(registrations.c.created_at.desc())
        .limit(1)
    )


@every(_Found)
def _confirmed(device: bytes, now: datetime) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .where(
            registrations.c.device == device,
            registrations.c.confirmed_at.is_not(None),
            registrations.c.completed_at.is_(None),
            registrations.c.expires_at > now,
        )
        .order_by(registrations.c.created_at.desc(), registrations.c.id)
    )


@change
def _begin(new: _New) -> Insert:
    return insert(registrations).values(**new._asdict())


@change
def _save(registration_id: str, sealed: bytes, until: datetime) -> Update:
    found = update(registrations).where(*_is_open(registration_id))
    return found.values(sealed=sealed, confirmed_at=None, expires_at=until)


@change
def _confirm(registration_id: str, now: datetime, until: datetime) -> Update:
    found = update(registrations).where(*_is_open(registration_id))
    return found.values(confirmed_at=now, expires_at=until)


@change
def _complete(registration_id: str, account_id: str | None, now: datetime) -> Update:
    is_confirmed = registrations.c.confirmed_at.is_not(None)
    found = update(registrations).where(*_is_open(registration_id), is_confirmed)
    return found.values(completed_at=now, account_id=account_id, sealed=None)


@change
def _give_up(registration_id: str) -> Delete:
    return delete(registrations).where(*_is_open(registration_id))
