"""Recovery codes: ten of eighty bits, shown once, each good once (SP 800-63B section 3.1.2).

Eighty bits are fewer than 112, so they are kept as a slow hash: Argon2id with one salt for the
whole set, so that a guess costs one hash and not ten. Hash in the gate, with no connection held.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import Delete, Insert, Select, delete, func, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon.config import Settings
from signon.db import Unit
from signon.prepared import change, given, value
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
    _keep(unit, *(_New(account_id, one, new.salt, unit.now) for one in new.digests))


def remove(unit: Unit, account_id: str) -> None:
    """Take the set away; it is kept for an owner who did not want that (`restore`)."""
    _set_aside(unit, account_id, unit.now)
    _remove(unit, account_id)


def remove_for_good(unit: Unit, account_id: str) -> None:
    """Take the set away, and keep nothing of it."""
    _remove(unit, account_id)


def made_at(unit: Unit, account_id: str) -> datetime | None:
    """When the present set was made, or None when there is none."""
    return _made_at(unit, account_id)


def set_at(unit: Unit, account_id: str, moment: datetime) -> datetime | None:
    """When the set was made that the account had at that moment and was deprived of since."""
    return _set_at(unit, account_id, moment)


def restore(unit: Unit, account_id: str, made: datetime) -> None:
    """Put the set back that was made then; codes that were used stay used."""
    _put_back(unit, account_id, made)
    _forget(unit, account_id, made)


def salt_of(unit: Unit, account_id: str) -> bytes | None:
    """The salt of the account's set, or None when it has none."""
    return _salt(unit, account_id)


def left(unit: Unit, account_id: str) -> int:
    """How many codes can still be used."""
    return _left(unit, account_id) or 0


def spend(unit: Unit, account_id: str, hashed: bytes) -> datetime | None:
    """Use the code up; of any number at the same moment one gets it: when its set was made."""
    return _spend(unit, account_id, hashed, unit.now)


def _code() -> str:
    text = base64.b32encode(secrets.token_bytes(_BYTES)).decode()
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


class _New(NamedTuple):
    account_id: str
    digest: bytes
    salt: bytes
    created_at: datetime


_COLUMNS = [column.name for column in recovery_codes.c]


@value
def _salt(account_id: str) -> Select[bytes]:
    return select(recovery_codes.c.salt).where(recovery_codes.c.account_id == account_id).limit(1)


@value
def _left(account_id: str) -> Select[int]:
    return select(func.count()).where(
        recovery_codes.c.account_id == account_id, recovery_codes.c.used_at.is_(None)
    )


@value
def _made_at(account_id: str) -> Select[datetime | None]:
    newest = select(func.max(recovery_codes.c.created_at))
    return newest.where(recovery_codes.c.account_id == account_id)


@value
def _set_at(account_id: str, moment: datetime) -> Select[datetime | None]:
    return select(func.max(removed.c.created_at)).where(
        removed.c.account_id == account_id,
        removed.c.created_at < moment,
        removed.c.removed_at >= moment,
    )


@value
def _spend(account_id: str, hashed: bytes, now: datetime) -> ReturningUpdate[datetime]:
    return (
        update(recovery_codes)
        .where(
            recovery_codes.c.account_id == account_id,
            recovery_codes.c.digest == hashed,
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(recovery_codes.c.created_at)
    )


@change
def _keep(*new: _New) -> Insert:
    return insert(recovery_codes).values([each._asdict() for each in new])


@change
def _remove(account_id: str) -> Delete:
    return delete(recovery_codes).where(recovery_codes.c.account_id == account_id)


@change
def _set_aside(account_id: str, now: datetime) -> Insert:
    return insert(removed).from_select(
        [*_COLUMNS, "removed_at"],
        select(*recovery_codes.c, given(now)).where(recovery_codes.c.account_id == account_id),
    )


@change
def _put_back(account_id: str, made: datetime) -> Insert:
    return insert(recovery_codes).from_select(
        _COLUMNS,
        select(*(removed.c[name] for name in _COLUMNS)).where(
            removed.c.account_id == account_id, removed.c.created_at == made
        ),
    )


@change
def _forget(account_id: str, made: datetime) -> Delete:
    return delete(removed).where(removed.c.account_id == account_id, removed.c.created_at == made)
