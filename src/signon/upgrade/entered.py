"""What was entered so far: sealed, one row for each account, and so the same in every browser."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.crypto import KeyRing
from signon.db import Unit, insert_for
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
    return _opened(unit, ring, account, _FIND)


def hold(unit: Unit, ring: KeyRing, account: Account) -> Entered | None:
    """The same, and until commit nobody else can change it or finish the upgrade."""
    return _opened(unit, ring, account, _HOLD)


def begin(unit: Unit, account: Account, *, lasts: timedelta) -> None:
    """Make the account's row, unless it has one that still counts."""
    unit.execute(_DROP_OLD, _values(unit, account))
    unit.execute(
        insert_for(unit)(upgrades).on_conflict_do_nothing(),
        {
            "account_id": account.id,
            "step": "",
            "started_at": unit.now,
            "updated_at": unit.now,
            "expires_at": unit.now + lasts,
        },
    )


def store(
    unit: Unit, ring: KeyRing, account_id: str, entered: Entered, step: Step, *, lasts: timedelta
) -> None:
    """Keep it; `step` is the one that comes next."""
    plain = json.dumps(entered.parts).encode()
    unit.execute(
        _STORE,
        {
            "account": account_id,
            "sealed": ring.seal(plain, seal_context(account_id)),
            "next": step.value,
            "journey": entered.journey_id,
            "now": unit.now,
            "until": unit.now + lasts,
        },
    )


def drop(unit: Unit, account_id: str) -> None:
    """The upgrade is done."""
    unit.execute(_DROP, {"account": account_id})


def seal_context(account_id: str) -> str:
    """What an account's row is sealed for."""
    return f"upgrade:{account_id}"


def _values(unit: Unit, account: Account) -> dict[str, Any]:
    return {"account": account.id, "now": unit.now, "valid_from": account.valid_from}


def _opened(unit: Unit, ring: KeyRing, account: Account, statement: Any) -> Entered | None:
    row = unit.execute(statement, _values(unit, account)).one_or_none()
    if row is None:
        return None
    if row.entered is None:
        return NOTHING
    parts = json.loads(ring.open(row.entered, seal_context(account.id)))
    return Entered({Step(name): values for name, values in parts.items()}, row.journey_id)


def _names(person: Values) -> list[Any]:
    return [person.get(name) for name in ("first_name", "middle_name", "last_name", "email")]


_OWN = upgrades.c.account_id == bindparam("account")
_FIND = select(upgrades.c.entered, upgrades.c.journey_id).where(
    _OWN,
    upgrades.c.expires_at > bindparam("now"),
    upgrades.c.started_at >= bindparam("valid_from"),
)
_HOLD = _FIND.with_for_update()
_DROP = delete(upgrades).where(_OWN)
_DROP_OLD = _DROP.where(
    or_(
        upgrades.c.expires_at <= bindparam("now"),
        upgrades.c.started_at < bindparam("valid_from"),
    )
)
_STORE = (
    update(upgrades)
    .where(_OWN)
    .values(
        entered=bindparam("sealed"),
        step=bindparam("next"),
        journey_id=bindparam("journey"),
        updated_at=bindparam("now"),
        expires_at=bindparam("until"),
    )
)
