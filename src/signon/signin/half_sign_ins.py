"""Half a sign-in: the password was right, the second factor is still to come.

It is bound to the browser, good for ten minutes, and no session: nothing but the page that asks
for the factor knows it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from signon import ids, opaque_tokens
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, from_row
from signon.accounts.models import AccountStatus, accounts
from signon.db import Unit
from signon.prepared import Prepared
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


def begin(
    unit: Unit, account: Account, *, device: str, client_code: str | None, journey_id: str | None
) -> str:
    """Keep the right password until the factor comes; answers the half's id, for the URL."""
    half_id = ids.new_id()
    unit.execute(
        insert(half_sign_ins),
        {
            "id": half_id,
            "account_id": account.id,
            "device": opaque_tokens.digest(device),
            "client_code": client_code,
            "journey_id": journey_id,
            "created_at": unit.now,
            "expires_at": unit.now + LASTS,
        },
    )
    return half_id


def find(unit: Unit, half_id: str | None, device: str | None) -> HalfSignIn | None:
    """The half that this browser may complete; None when it took too long or is not its own.

    In a writing unit the account stays locked, so that disabling it or changing its password
    comes either before, which is seen here, or after, and ends what this unit begins.
    """
    if not half_id or not device:
        return None
    digest = opaque_tokens.digest(device)
    values = {"id": half_id, "device": digest, "now": unit.now}
    row = unit.row(_LOCK if unit.writes else _FIND, values)
    if row is None:
        return None
    return HalfSignIn(
        id=row["half_id"],
        account=from_row(row),
        client_code=row["client_code"],
        created_at=row["half_created_at"],
        device=digest,
        known=known_devices.from_row(row, digest),
    )


def use(unit: Unit, half: HalfSignIn) -> bool:
    """Use it up; of any number at the same moment one gets it."""
    return unit.change(_USE, {"of": half.id, "now": unit.now}) == 1


def use_all(unit: Unit, account_id: str) -> None:
    """Let none of the account's halves be completed."""
    unit.execute(_USE_ALL, {"account": account_id, "now": unit.now})


_OPEN = (half_sign_ins.c.used_at.is_(None), half_sign_ins.c.expires_at > bindparam("now"))
_OPEN_HALF: Any = (
    select(
        half_sign_ins.c.id.label("half_id"),
        half_sign_ins.c.client_code,
        half_sign_ins.c.created_at.label("half_created_at"),
        *known_devices.DEVICE_COLUMNS,
        *ACCOUNT_COLUMNS,
    )
    .join(accounts, accounts.c.id == half_sign_ins.c.account_id)
    .outerjoin(known_devices_, known_devices.is_known(half_sign_ins.c.device))
    .where(
        half_sign_ins.c.id == bindparam("id"),
        half_sign_ins.c.device == bindparam("device"),
        *_OPEN,
        accounts.c.status == AccountStatus.ACTIVE.value,
        half_sign_ins.c.created_at >= accounts.c.valid_from,
    )
)
_FIND = Prepared(_OPEN_HALF)
_LOCK = Prepared(_OPEN_HALF.with_for_update(of=accounts, key_share=True))
_USE = Prepared(
    update(half_sign_ins)
    .where(half_sign_ins.c.id == bindparam("of"), *_OPEN)
    .values(used_at=bindparam("now"))
)
_USE_ALL = (
    update(half_sign_ins)
    .where(half_sign_ins.c.account_id == bindparam("account"), *_OPEN)
    .values(used_at=bindparam("now"))
)
