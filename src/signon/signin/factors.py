"""Which second factors an account has, by name; proving with them is in the modules of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, exists, insert, or_, select, update

from signon.accounts.checks import name
from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Moment, Unit
from signon.errors import InputError, NotFoundError
from signon.signin import recovery_codes
from signon.signin.models import AuthenticatorKind, authenticators
from signon.signin.models import recovery_codes as code_table
from signon.signin.models import removed_authenticators as removed

LONGEST_NICKNAME = 40


@dataclass(frozen=True, slots=True)
class Authenticator:
    """An app or a passkey, as its owner sees it."""

    id: str
    kind: AuthenticatorKind
    nickname: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """Everything that an account can answer the second step with."""

    authenticators: tuple[Authenticator, ...]
    recovery_codes_left: int

    @property
    def is_enrolled(self) -> bool:
        """Whether a sign-in asks for one. Recovery codes alone do too (domain facts 2)."""
        return bool(self.authenticators or self.recovery_codes_left)

    def has(self, kind: AuthenticatorKind) -> bool:
        """Whether there is one of that kind."""
        return any(one.kind is kind for one in self.authenticators)


def of(unit: Unit, account_id: str) -> Factors:
    """The account's factors, oldest first."""
    rows = unit.execute(_LISTED, {"account": account_id}).mappings()
    return Factors(tuple(_from(row) for row in rows), recovery_codes.left(unit, account_id))


def note(unit: Unit, account_id: str) -> None:
    """Write down in the account whether it has a factor now; whatever changes one calls this.

    A sign-in, and every token with filing rights, read it there. With a factor nothing blocks.
    """
    unit.execute(_NOTE, {"account": account_id})


def nickname(text: str) -> str:
    """A name of one line. Raises InputError."""
    tidy = name(text, "nickname", LONGEST_NICKNAME)
    if not tidy:
        raise InputError("Give it a name by which you will know it.", field="nickname")
    return tidy


def rename(unit: Unit, account_id: str, authenticator_id: str, name: str) -> None:
    """Call it something else. Raises InputError, NotFoundError."""
    values = {"of": authenticator_id, "account": account_id, "name": nickname(name)}
    if unit.execute(_RENAME, values).rowcount != 1:
        raise unknown()
    trail.record(
        unit,
        Event.FACTOR_RENAMED,
        actor=account_id,
        account_id=account_id,
        authenticator=authenticator_id,
    )


def remove(unit: Unit, account_id: str, authenticator_id: str) -> Authenticator:
    """Take one away and answer what it was. Raises NotFoundError."""
    values = {"of": authenticator_id, "account": account_id}
    unit.execute(_SET_ASIDE, values | {"now": unit.now})
    row = unit.execute(_REMOVE, values).mappings().one_or_none()
    if row is None:
        raise unknown()
    return _from(row)


def removed_since(unit: Unit, account_id: str, moment: datetime) -> list[str]:
    """The ids of those that the account had at that moment and was deprived of since."""
    values = {"account": account_id, "moment": moment}
    return list(unit.execute(_REMOVED_SINCE, values).scalars())


def restore(unit: Unit, account_id: str, authenticator_id: str) -> None:
    """Put one back that was removed lately, unless the same passkey was added anew."""
    values = {"of": authenticator_id, "account": account_id}
    unit.execute(_PUT_BACK, values)
    unit.execute(_FORGET, values)


def remove_codes(unit: Unit, account_id: str) -> None:
    """Take the recovery codes away."""
    recovery_codes.remove(unit, account_id)


def remove_all(unit: Unit, account_id: str) -> list[Authenticator]:
    """Take everything away for good, and answer which apps and passkeys there were."""
    gone = unit.execute(_REMOVE_ALL, {"account": account_id}).mappings().all()
    unit.execute(delete(code_table).where(code_table.c.account_id == account_id))
    note(unit, account_id)
    return [_from(row) for row in gone]


def unknown() -> NotFoundError:
    """There is no such factor, or it is somebody else's."""
    return NotFoundError("There is no such app or passkey in this account.")


def _from(row: Mapping[Any, Any]) -> Authenticator:
    return Authenticator(
        row["id"],
        AuthenticatorKind(row["kind"]),
        row["nickname"],
        row["created_at"],
        row["last_used_at"],
    )


_COLUMNS = (
    authenticators.c.id,
    authenticators.c.kind,
    authenticators.c.nickname,
    authenticators.c.created_at,
    authenticators.c.last_used_at,
)
_OWN = (authenticators.c.id == bindparam("of"), authenticators.c.account_id == bindparam("account"))
_LISTED = (
    select(*_COLUMNS)
    .where(authenticators.c.account_id == bindparam("account"))
    .order_by(authenticators.c.created_at, authenticators.c.id)
)
_RENAME = update(authenticators).where(*_OWN).values(nickname=bindparam("name"))
_REMOVE = delete(authenticators).where(*_OWN).returning(*_COLUMNS)
_REMOVE_ALL = (
    delete(authenticators)
    .where(authenticators.c.account_id == bindparam("account"))
    .returning(*_COLUMNS)
)

_NAMES = [column.name for column in authenticators.c]
_SET_ASIDE = insert(removed).from_select(
    [*_NAMES, "removed_at"],
    select(*authenticators.c, bindparam("now", type_=Moment)).where(*_OWN),
)
_REMOVED_SINCE = select(removed.c.id).where(
    removed.c.account_id == bindparam("account"),
    removed.c.created_at < bindparam("moment", type_=Moment),
    removed.c.removed_at >= bindparam("moment", type_=Moment),
)
_OWN_REMOVED = (removed.c.id == bindparam("of"), removed.c.account_id == bindparam("account"))
_THERE = select(authenticators.c.credential_id).where(authenticators.c.credential_id.is_not(None))
_PUT_BACK = insert(authenticators).from_select(
    _NAMES,
    select(*(removed.c[name] for name in _NAMES)).where(
        *_OWN_REMOVED,
        or_(removed.c.credential_id.is_(None), removed.c.credential_id.not_in(_THERE)),
    ),
)
_FORGET = delete(removed).where(*_OWN_REMOVED)
_ANY = exists().where(authenticators.c.account_id == accounts.c.id) | exists().where(
    code_table.c.account_id == accounts.c.id, code_table.c.used_at.is_(None)
)
_NOTE = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"))
    .values(
        has_factor=_ANY,
        filing_blocked_at=case((_ANY, None), else_=accounts.c.filing_blocked_at),
        factor_skips=case((_ANY, 0), else_=accounts.c.factor_skips),
    )
)
