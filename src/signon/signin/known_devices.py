"""Browsers that an account's owner has signed in with: strangers' guesses do not hold them up.

Each is bound to the browser's own cookie, kept as its digest for one account, and known after a
whole sign-in, so with its second factor where there is one, or after choosing a password by a
mailed link. Whoever copies the cookie gains little (OWASP's device cookies): a known device has
`TRIES` wrong passwords of its own, and as many wrong codes if a second factor was ever shown in
it. Then it is one like any other until the next right one.

Whatever moves the account's `valid_from` forgets every known device of it: a new password,
"this was not me", signing out everywhere, disabling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, Select, and_, case, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon import opaque_tokens
from signon.accounts.credentials import CREDENTIAL, Credential, credential_of
from signon.accounts.directory import username_key
from signon.accounts.models import accounts
from signon.config import Settings
from signon.db import Unit
from signon.limits import counters
from signon.limits.counters import Place
from signon.prepared import change, given, one, value
from signon.signin.models import known_devices

TRIES = 10
"""Wrong passwords, and wrong codes, that a known device has before it is like any other."""
NOTE_AFTER = timedelta(days=1)
"""How stale `seen_at` may be: a bound of months needs no write at every sign-in."""


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A browser that is known for one account now; `device` is its cookie's digest.

    `with_factor`: the owner has shown a second factor in it.
    """

    account_id: str
    device: bytes
    with_factor: bool
    seen_at: datetime

    @property
    def key(self) -> bytes:
        """What its own failures are counted by."""
        return counters.key(f"{self.account_id}:{self.device.hex()}")


def is_known(device: ColumnElement[bytes], now: datetime) -> ColumnElement[bool]:
    """The condition under which a row of `known_devices` makes that device known to `accounts`.

    For the outer joins of those who ask for an account anyway.
    """
    return and_(
        known_devices.c.account_id == accounts.c.id,
        known_devices.c.device == device,
        known_devices.c.expires_at > now,
        known_devices.c.seen_at >= accounts.c.valid_from,
    )


def with_credential(
    unit: Unit, username: str, device: str
) -> tuple[Credential | None, KnownDevice | None]:
    """The account of that name with its password, and this browser if the account knows it.

    One statement for both: an unknown name takes the same as a known one.
    """
    digest = opaque_tokens.digest(device)
    return _with_credential(unit, username_key(username), digest, unit.now) or (None, None)


def find(unit: Unit, account_id: str, device: str) -> KnownDevice | None:
    """This browser, if the account knows it."""
    return _find(unit, account_id, opaque_tokens.digest(device), unit.now)


def count_try(
    unit: Unit,
    bucket: str,
    known: KnownDevice | None,
    settings: Settings,
    *,
    waits_for_disk: bool = True,
) -> tuple[tuple[Place, ...], bool]:
    """Count a try for the device, before it is looked at: where, and whether it had one left."""
    if known is None:
        return (), False
    wanted = [(bucket, known.key, timedelta(seconds=settings.known_device_seconds))]
    counts = counters.hit_each(unit, wanted, waits_for_disk=waits_for_disk)
    return counters.places(wanted, counts), counts[0].count <= TRIES


def is_fresh(unit: Unit, known: KnownDevice | None, *, with_factor: bool) -> bool:
    """Whether there is nothing to write down about another sign-in in it."""
    if known is None or (with_factor and not known.with_factor):
        return False
    return unit.now - known.seen_at < NOTE_AFTER


def remember(
    unit: Unit, account_id: str, device: bytes, settings: Settings, *, with_factor: bool
) -> bool:
    """Know the browser from now on; answers whether the account did not know it before.

    `with_factor`: a second factor was just shown in it.
    """
    until = unit.now + timedelta(seconds=settings.known_device_seconds)
    return _remember(unit, account_id, device, with_factor, unit.now, until) == unit.now


def forget_others(unit: Unit, account_id: str, device: str) -> None:
    """Forget every browser of the account but this one."""
    _forget_others(unit, account_id, opaque_tokens.digest(device))


DEVICE_COLUMNS = (
    known_devices.c.account_id.label("device_account_id"),
    known_devices.c.with_factor.label("device_with_factor"),
    known_devices.c.seen_at.label("device_seen_at"),
)
"""What an outer join by `is_known` finds; the first is None where it finds nothing."""
_CREDENTIAL: Sequence[ColumnElement[Any]] = (
    known_devices.c.device,
    *DEVICE_COLUMNS,
    *CREDENTIAL,
)


def _found(
    device: bytes, known_for: str | None, with_factor: bool, seen_at: datetime, *credential: Any
) -> tuple[Credential, KnownDevice | None]:
    known = KnownDevice(known_for, device, with_factor, seen_at) if known_for else None
    return credential_of(*credential), known


@one(_found)
def _with_credential(key: str, device: bytes, now: datetime) -> Select[Any]:
    return (
        select(*_CREDENTIAL)
        .select_from(accounts.outerjoin(known_devices, is_known(given(device), now)))
        .where(accounts.c.username_key == key)
    )


@one(KnownDevice)
def _find(account_id: str, device: bytes, now: datetime) -> Select[str, bytes, bool, datetime]:
    return (
        select(
            known_devices.c.account_id,
            known_devices.c.device,
            known_devices.c.with_factor,
            known_devices.c.seen_at,
        )
        .select_from(accounts.join(known_devices, is_known(given(device), now)))
        .where(accounts.c.id == account_id)
    )


@value
def _remember(
    account_id: str, device: bytes, with_factor: bool, now: datetime, until: datetime
) -> ReturningInsert[datetime]:
    statement = insert(known_devices).values(
        account_id=account_id,
        device=device,
        with_factor=with_factor,
        created_at=now,
        seen_at=now,
        expires_at=until,
    )
    new = statement.excluded
    valid_from = select(accounts.c.valid_from).where(accounts.c.id == account_id).scalar_subquery()
    was_forgotten = or_(
        known_devices.c.expires_at <= new.seen_at, known_devices.c.seen_at < valid_from
    )
    return statement.on_conflict_do_update(
        index_elements=["account_id", "device"],
        set_={
            "with_factor": case(
                (was_forgotten, new.with_factor),
                else_=or_(known_devices.c.with_factor, new.with_factor),
            ),
            "created_at": case((was_forgotten, new.created_at), else_=known_devices.c.created_at),
            "seen_at": new.seen_at,
            "expires_at": new.expires_at,
        },
    ).returning(known_devices.c.created_at)


@change
def _forget_others(account_id: str, keep: bytes) -> Delete:
    return delete(known_devices).where(
        known_devices.c.account_id == account_id, known_devices.c.device != keep
    )
