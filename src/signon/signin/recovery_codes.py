"""Recovery codes: ten of eighty bits, shown once, each good once (SP 800-63B section 3.1.2).

Eighty bits are fewer than 112, so they are kept as a slow hash: Argon2id with one salt for the
whole set, so that a guess costs one hash and not ten. Hash in the gate, with no connection held.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import bindparam, delete, func, insert, select, update

from signon.config import Settings
from signon.db import Unit
from signon.signin.models import recovery_codes

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
    unit.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    unit.execute(insert(recovery_codes), _rows(unit, account_id, new))


def salt_of(unit: Unit, account_id: str) -> bytes | None:
    """The salt of the account's set, or None when it has none."""
    return unit.scalar(_SALT, {"account": account_id})


def left(unit: Unit, account_id: str) -> int:
    """How many codes can still be used."""
    return unit.scalar(_LEFT, {"account": account_id}) or 0


def spend(unit: Unit, account_id: str, hashed: bytes) -> bool:
    """Use the code up; of any number at the same moment one gets it."""
    values = {"of": account_id, "hashed": hashed, "now": unit.now}
    return unit.execute(_SPEND, values).rowcount == 1


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
)
