"""What was entered so far: sealed, one row for each account, and so the same in every browser."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Delete, Insert, Select, Update, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.crypto import KeyRing
from signon.db import Unit
from signon.prepared import change, one
from signon.upgrade.models import upgrades

Values = Mapping[str, Any]


class Step(StrEnum):
    """A page of the upgrade, and its part of what was entered; `confirm` has none."""

    PERSON = "person"
    ADDRESS = "address"
    FIRM = "firm"
    SECURITY = "security"
    CONFIRM = "confirm"


STEPS: Mapping[AccountKind, tuple[Step, ...]] = {
    AccountKind.INDIVIDUAL: (Step.PERSON, Step.ADDRESS, Step.SECURITY, Step.CONFIRM),
    AccountKind.FIRM: (Step.FIRM, Step.SECURITY, Step.CONFIRM),
}
"""The pages of each kind of legacy account, in their order (domain facts 1.6)."""


@dataclass(frozen=True, slots=True)
class Entered:
    """The parts by their steps, and the journey that the person was last on."""

    parts: Mapping[Step, Values] = field(default_factory=dict)
    journey_id: str | None = None

    def next_step(self, kind: AccountKind) -> Step:
        """The first step that is still to be taken."""
        return next(step for step in STEPS[kind] if step not in self.parts)

    def with_part(self, step: Step, values: Values) -> "Entered":
        """The same with one step taken, or taken anew.

        Under another name or address a password is another: it must be typed again.
        """
        parts = {**self.parts, step: values}
        if step is Step.PERSON and _names(values) != _names(self.parts.get(step, {})):
            parts.pop(Step.SECURITY, None)
        return replace(self, parts=parts)


NOTHING = Entered()


def find(unit: Unit, ring: KeyRing, account: Account) -> Entered | None:
    """What was entered, or None when there is nothing that counts.

    It counts until it is too old, or the account is signed out everywhere: whoever takes an
    account back must not finish what somebody else has begun in it.
    """
    return _opened(ring, account, _find(unit, account.id, unit.now, account.valid_from))


def hold(unit: Unit, ring: KeyRing, account: Account) -> Entered | None:
    """The same, and until commit nobody else can change it or finish the upgrade."""
    return _opened(ring, account, _hold(unit, account.id, unit.now, account.valid_from))


def begin(unit: Unit, account: Account, *, lasts: timedelta) -> None:
    """Make the account's row, unless it has one that still counts."""
    _drop_old(unit, account.id, unit.now, account.valid_from)
    _begin(unit, account.id, unit.now, unit.now + lasts)


def store(
    unit: Unit, ring: KeyRing, account_id: str, entered: Entered, step: Step, *, lasts: timedelta
) -> None:
    """Keep it; `step` is the one that comes next."""
    plain = json.dumps(entered.parts).encode()
    sealed = ring.seal(plain, seal_context(account_id))
    _store(unit, account_id, sealed, step, entered.journey_id, unit.now, unit.now + lasts)


def drop(unit: Unit, account_id: str) -> None:
    """The upgrade is done."""
    _drop(unit, account_id)


def seal_context(account_id: str) -> str:
    """What an account's row is sealed for."""
    return f"upgrade:{account_id}"


class _Found(NamedTuple):
    entered: bytes | None
    journey_id: str | None


def _opened(ring: KeyRing, account: Account, found: _Found | None) -> Entered | None:
    if found is None:
        return None
    if found.entered is None:
        return NOTHING
    parts = json.loads(ring.open(found.entered, seal_context(account.id)))
    return Entered({Step(name): values for name, values in parts.items()}, found.journey_id)


def _names(person: Values) -> list[Any]:
    return [person.get(name) for name in ("first_name", "middle_name", "last_name", "email")]


def _of(account_id: str, now: datetime, valid_from: datetime) -> Select[bytes | None, str | None]:
    return select(upgrades.c.entered, upgrades.c.journey_id).where(
        upgrades.c.account_id == account_id,
        upgrades.c.expires_at > now,
        upgrades.c.started_at >= valid_from,
    )


@one(_Found)
def _find(account_id: str, now: datetime, valid_from: datetime) -> Select[bytes | None, str | None]:
    return _of(account_id, now, valid_from)


@one(_Found)
def _hold(account_id: str, now: datetime, valid_from: datetime) -> Select[bytes | None, str | None]:
    return _of(account_id, now, valid_from).with_for_update()


@change
def _begin(account_id: str, now: datetime, until: datetime) -> Insert:
    return (
        insert(upgrades)
        .values(account_id=account_id, step="", started_at=now, updated_at=now, expires_at=until)
        .on_conflict_do_nothing()
    )


@change
def _store(
    account_id: str,
    sealed: bytes,
    step: str,
    journey_id: str | None,
    now: datetime,
    until: datetime,
) -> Update:
    return (
        update(upgrades)
        .where(upgrades.c.account_id == account_id)
        .values(entered=sealed, step=step, journey_id=journey_id, updated_at=now, expires_at=until)
    )


@change
def _drop(account_id: str) -> Delete:
    return delete(upgrades).where(upgrades.c.account_id == account_id)


@change
def _drop_old(account_id: str, now: datetime, valid_from: datetime) -> Delete:
    return delete(upgrades).where(
        upgrades.c.account_id == account_id,
        or_(upgrades.c.expires_at <= now, upgrades.c.started_at < valid_from),
    )
