"""Browsers that an account's owner has signed in with: strangers' guesses do not hold them up.

Each is bound to the browser's own cookie, kept as its digest for one account, and known after a
whole sign-in, so with its second factor where there is one, or after choosing a password by a
mailed link. Whoever copies the cookie gains little (OWASP's device cookies): a known device has
`TRIES` wrong passwords of its own, and as many wrong codes if a second factor was ever shown in
it. Then it is one like any other until the next right one.

Whatever moves the account's `valid_from` forgets every known device of it: a new password,
"this was not me", signing out everywhere, disabling.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, or_, select

from signon import opaque_tokens
from signon.accounts.credentials import CREDENTIAL, Credential, credential_from
from signon.accounts.directory import username_key
from signon.accounts.models import accounts
from signon.config import Settings
from signon.db import Unit, insert_for
from signon.limits import counters
from signon.prepared import Prepared
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


def is_known(device: ColumnElement[bytes]) -> ColumnElement[bool]:
    """The condition under which a row of `known_devices` makes that device known to `accounts`.

    It binds `now`. For the outer joins of those who ask for an account anyway.
    """
    return and_(
        known_devices.c.account_id == accounts.c.id,
        known_devices.c.device == device,
        known_devices.c.expires_at > bindparam("now"),
        known_devices.c.seen_at >= accounts.c.valid_from,
    )


def with_credential(
    unit: Unit, username: str, device: str
) -> tuple[Credential | None, KnownDevice | None]:
    """The account of that name with its password, and this browser if the account knows it.

    One statement for both: an unknown name takes the same as a known one.
    """
    digest = opaque_tokens.digest(device)
    values = {"key": username_key(username), "device": digest, "now": unit.now}
    row = unit.row(_WITH_CREDENTIAL, values)
    if row is None:
        return None, None
    return credential_from(row), from_row(row, digest)


def find(unit: Unit, account_id: str, device: str) -> KnownDevice | None:
    """This browser, if the account knows it."""
    digest = opaque_tokens.digest(device)
    row = unit.row(_FIND, {"account": account_id, "device": digest, "now": unit.now})
    return from_row(row, digest) if row else None


def from_row(row: Mapping[Any, Any], device: bytes) -> KnownDevice | None:
    """What an outer join by `is_known` has found, that selected `DEVICE_COLUMNS`; or nothing."""
    if row["device_account_id"] is None:
        return None
    return KnownDevice(
        row["device_account_id"], device, row["device_with_factor"], row["device_seen_at"]
    )


def has_tries(unit: Unit, bucket: str, known: KnownDevice, settings: Settings) -> bool:
    """Count a try for the device, before it is looked at; False when its own are used up."""
    window = timedelta(seconds=settings.known_device_seconds)
    return counters.hit(unit, bucket, known.key, window=window).count <= TRIES


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
    statement = insert_for(unit)(known_devices).values(
        account_id=account_id,
        device=device,
        with_factor=with_factor,
        created_at=unit.now,
        seen_at=unit.now,
        expires_at=unit.now + timedelta(seconds=settings.known_device_seconds),
    )
    new = statement.excluded
    valid_from = select(accounts.c.valid_from).where(accounts.c.id == account_id).scalar_subquery()
    was_forgotten = or_(
        known_devices.c.expires_at <= new.seen_at, known_devices.c.seen_at < valid_from
    )
    kept = statement.on_conflict_do_update(
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
    return bool(unit.scalar(kept) == unit.now)


def forget_others(unit: Unit, account_id: str, device: str) -> None:
    """Forget every browser of the account but this one."""
    values = {"account": account_id, "keep": opaque_tokens.digest(device)}
    unit.execute(_FORGET_OTHERS, values)


DEVICE_COLUMNS = (
    known_devices.c.account_id.label("device_account_id"),
    known_devices.c.with_factor.label("device_with_factor"),
    known_devices.c.seen_at.label("device_seen_at"),
)
"""What `from_row` needs."""
_THIS = is_known(bindparam("device", type_=known_devices.c.device.type))
_WITH_CREDENTIAL = Prepared(
    select(*CREDENTIAL, *DEVICE_COLUMNS)
    .select_from(accounts.outerjoin(known_devices, _THIS))
    .where(accounts.c.username_key == bindparam("key"))
)
_FIND = Prepared(
    select(*DEVICE_COLUMNS)
    .select_from(accounts.join(known_devices, _THIS))
    .where(accounts.c.id == bindparam("account"))
)
_FORGET_OTHERS = delete(known_devices).where(
    known_devices.c.account_id == bindparam("account"),
    known_devices.c.device != bindparam("keep"),
)
