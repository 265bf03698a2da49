"""Half a sign-in: the password was right, the second factor is still to come.

It is bound to the browser, good for ten minutes, and no session: nothing but the page that asks
for the factor knows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Insert, Select, Update, insert, select, update

from signon import ids, opaque_tokens
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.models import AccountStatus, accounts
from signon.db import Unit
from signon.journeys.models import journeys
from signon.prepared import change, one
from signon.signin import known_devices
from signon.signin.known_devices import KnownDevice
from signon.signin.models import half_sign_ins
from signon.signin.models import known_devices as known_devices_

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class HalfSignIn:
    """A right password that waits for its second factor.

    `device` is the digest of the browser's cookie, `known` the same if the account knows it.
    """

    id: str
    account: Account
    client_code: str | None
    created_at: datetime
    device: bytes
    known: KnownDevice | None


class NewHalf(NamedTuple):
    """What is written of one."""

    id: str
    device: bytes
    client_code: str | None
    journey_id: str | None
    created_at: datetime
    expires_at: datetime


def draw(unit: Unit, *, device: str, client_code: str | None, journey_id: str | None) -> NewHalf:
    """One that is to begin; its id is for the URL."""
    digest = opaque_tokens.digest(device)
    return NewHalf(ids.new_id(), digest, client_code, journey_id, unit.now, unit.now + LASTS)


def begin(unit: Unit, account: Account, new: NewHalf) -> None:
    """Keep the right password until the factor comes."""
    _begin(unit, account.id, new)


def find(unit: Unit, half_id: str | None, device: str | None) -> HalfSignIn | None:
    """The half that this browser may complete; None when it took too long or is not its own.

    In a writing unit the account stays locked, so that disabling it or changing its password
    comes either before, which is seen here, or after, and ends what this unit begins.
    """
    if not half_id or not device:
        return None
    found = _lock if unit.writes else _find
    return found(unit, half_id, opaque_tokens.digest(device), unit.now)


class Came(NamedTuple):
    """Where somebody was going, by the journey that the half belongs to."""

    client_id: str | None
    court_id: str | None


@one(Came)
def came_by(half_id: str) -> Select[str | None, str | None]:
    """Which client and court a half is on its way to; None when nobody sent the person."""
    return (
        select(journeys.c.client_id, journeys.c.court_id)
        .join(half_sign_ins, half_sign_ins.c.journey_id == journeys.c.id)
        .where(half_sign_ins.c.id == half_id)
    )


def use(unit: Unit, half: HalfSignIn) -> bool:
    """Use it up; of any number at the same moment one gets it."""
    return _use(unit, half.id, unit.now) == 1


def use_all(unit: Unit, account_id: str) -> None:
    """Let none of the account's halves be completed."""
    _use_all(unit, account_id, unit.now)


def _half(
    half_id: str,
    device: bytes,
    client_code: str | None,
    created_at: datetime,
    known_for: str | None,
    with_factor: bool,
    seen_at: datetime,
    *account: Any,
) -> HalfSignIn:
    return HalfSignIn(
        half_id,
        account_of(*account),
        client_code,
        created_at,
        device,
        KnownDevice(known_for, device, with_factor, seen_at) if known_for else None,
    )


_COLUMNS: Sequence[ColumnElement[Any]] = (
    half_sign_ins.c.id.label("half_id"),
    half_sign_ins.c.device,
    half_sign_ins.c.client_code,
    half_sign_ins.c.created_at.label("half_created_at"),
    *known_devices.DEVICE_COLUMNS,
    *ACCOUNT_COLUMNS,
)


def _is_open(now: datetime) -> Sequence[ColumnElement[bool]]:
    return (half_sign_ins.c.used_at.is_(None), half_sign_ins.c.expires_at > now)


def _open_half(half_id: str, device: bytes, now: datetime) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(accounts, accounts.c.id == half_sign_ins.c.account_id)
        .outerjoin(known_devices_, known_devices.is_known(half_sign_ins.c.device, now))
        .where(
            half_sign_ins.c.id == half_id,
            half_sign_ins.c.device == device,
            *_is_open(now),
            accounts.c.status == AccountStatus.ACTIVE.value,
            half_sign_ins.c.created_at >= accounts.c.valid_from,
        )
    )


@one(_half)
def _find(half_id: str, device: bytes, now: datetime) -> Select[Any]:
    return _open_half(half_id, device, now)


@one(_half)
def _lock(half_id: str, device: bytes, now: datetime) -> Select[Any]:
    return _open_half(half_id, device, now).with_for_update(of=accounts, key_share=True)


@change
def _begin(account_id: str, new: NewHalf) -> Insert:
    return insert(half_sign_ins).values(account_id=account_id, **new._asdict())


@change
def _use(half_id: str, now: datetime) -> Update:
    return using(half_id, now)


def using(half_id: str, now: datetime) -> Update:
    """`use` as a part of a statement."""
    found = update(half_sign_ins).where(half_sign_ins.c.id == half_id, *_is_open(now))
    return found.values(used_at=now)


@change
def _use_all(account_id: str, now: datetime) -> Update:
    found = update(half_sign_ins).where(half_sign_ins.c.account_id == account_id, *_is_open(now))
    return found.values(used_at=now)
