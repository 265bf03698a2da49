"""Recovery codes: ten of eighty bits, shown once, each good once (SP 800-63B section 3.1.2).

Eighty bits are fewer than 112, so they are kept as a slow hash: Argon2id with one salt for the
whole set, so that a guess costs one hash and not ten. Hash in the gate, with no connection held.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import bindparam, delete, func, insert, select, update

from signon.config import Settings
from signon.db import Moment, Unit
from signon.signin.models import recovery_codes
from signon.signin.models import removed_recovery_codes as removed

COUNT = 10
_BYTES = 10
_GROUP = 4


@dataclass(frozen=True, slots=True)
class NewCodes:
    """A set before it is kept: what the person is shown, and what of it is stored."""

    codes: tuple[str, ...]
    salt: bytes
    digests: tuple[bytes, ...]


def generate(settings: Settings) -> NewCodes:
    """Ten codes and their hashes; blocking, so call it through the gate."""
    codes = tuple(_code() for _ in range(COUNT))
    salt = secrets.token_bytes(16)
    return NewCodes(codes, salt, tuple(digest(settings, salt, code) for code in codes))


def digest(settings: Settings, salt: bytes, code: str) -> bytes:
    """What is stored of a code, however its groups were typed; blocking."""
    return hash_secret_raw(
        secret=tidy(code).encode(),
        salt=salt,
        time_cost=settings.argon2_time,
        memory_cost=settings.argon2_memory_kib,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )


def tidy(code: str) -> str:
    """Without the groups' separators, in capitals, with what is mistaken for letters set right."""
    kept = "".join(character for character in code.upper() if character.isalnum())
    return kept.translate(str.maketrans("018", "OIB"))


def looks_like_one(code: str) -> bool:
    """Whether it is worth a slow hash."""
    kept = tidy(code)
    return len(kept) == _BYTES * 8 // 5 and kept.isascii()


def keep(unit: Unit, account_id: str, new: NewCodes) -> None:
    """Replace the account's set: old codes are worth nothing from now on."""
    remove(unit, account_id)
    unit.execute(insert(recovery_codes), _rows(unit, account_id, new))


def remove(unit: Unit, account_id: str) -> None:
    """Take the set away; it is kept for an owner who did not want that (`restore`)."""
    values = {"account": account_id, "now": unit.now}
    unit.execute(_SET_ASIDE, values)
    unit.execute(_REMOVE, values)


def made_at(unit: Unit, account_id: str) -> datetime | None:
    """When the present set was made, or None when there is none."""
    return unit.scalar(_MADE_AT, {"account": account_id})


def set_at(unit: Unit, account_id: str, moment: datetime) -> datetime | None:
    """When the set was made that the account had at that moment and was deprived of since."""
    return unit.scalar(_SET_AT, {"account": account_id, "moment": moment})


def restore(unit: Unit, account_id: str, made: datetime) -> None:
    """Put the set back that was made then; codes that were used stay used."""
    values = {"account": account_id, "made": made}
    unit.execute(_PUT_BACK, values)
    unit.execute(_FORGET, values)


def salt_of(unit: Unit, account_id: str) -> bytes | None:
    """The salt of the account's set, or None when it has none."""
    return unit.scalar(_SALT, {"account": account_id})


def left(unit: Unit, account_id: str) -> int:
    """How many codes can still be used."""
    return unit.scalar(_LEFT, {"account": account_id}) or 0


def spend(unit: Unit, account_id: str, hashed: bytes) -> datetime | None:
    """Use the code up; of any number at the same moment one gets it: when its set was made."""
    return unit.scalar(_SPEND, {"of": account_id, "hashed": hashed, "now": unit.now})


def _rows(unit: Unit, account_id: str, new: NewCodes) -> Sequence[dict[str, object]]:
    return [
        {"account_id": account_id, "digest": one, "salt": new.salt, "created_at": unit.now}
        for one in new.digests
    ]


def _code() -> str:
    text = base64.b32encode(secrets.token_bytes(_BYTES)).decode()
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


_SALT = (
    select(recovery_codes.c.salt)
    .where(recovery_codes.c.account_id == bindparam("account"))
    .limit(1)
)
_LEFT = (
    select(func.count())
    .select_from(recovery_codes)
    .where(recovery_codes.c.account_id == bindparam("account"), recovery_codes.c.used_at.is_(None))
)
_SPEND = (
    update(recovery_codes)
    .where(
        recovery_codes.c.account_id == bindparam("of"),
        recovery_codes.c.digest == bindparam("hashed"),
        recovery_codes.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
    .returning(recovery_codes.c.created_at)
)
_COLUMNS = [column.name for column in recovery_codes.c]
_REMOVE = delete(recovery_codes).where(recovery_codes.c.account_id == bindparam("account"))
_SET_ASIDE = insert(removed).from_select(
    [*_COLUMNS, "removed_at"],
    select(*recovery_codes.c, bindparam("now", type_=Moment)).where(
        recovery_codes.c.account_id == bindparam("account")
    ),
)
_MADE_AT = select(func.max(recovery_codes.c.created_at)).where(
    recovery_codes.c.account_id == bindparam("account")
)
_SET_AT = select(func.max(removed.c.created_at)).where(
    removed.c.account_id == bindparam("account"),
    removed.c.created_at < bindparam("moment", type_=Moment),
    removed.c.removed_at >= bindparam("moment", type_=Moment),
)
_OF_SET = (
    removed.c.account_id == bindparam("account"),
    removed.c.created_at == bindparam("made", type_=Moment),
)
_PUT_BACK = insert(recovery_codes).from_select(
    _COLUMNS, select(*(removed.c[name] for name in _COLUMNS)).where(*_OF_SET)
)
_FORGET = delete(removed).where(*_OF_SET)
