"""Which second factors an account has, by name; proving with them is in the modules of each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Delete,
    Insert,
    Select,
    Update,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningDelete

from signon.accounts import second_factors
from signon.accounts.checks import name
from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import InputError, NotFoundError
from signon.prepared import change, every, given, one, value, values
from signon.signin import recovery_codes
from signon.signin.models import AuthenticatorKind, authenticators
from signon.signin.models import recovery_codes as code_table
from signon.signin.models import removed_authenticators as removed
from signon.words.sentences import _

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
    return Factors(tuple(_listed(unit, account_id)), recovery_codes.left(unit, account_id))


def count(unit: Unit, account_id: str, kind: AuthenticatorKind) -> int:
    """How many apps, or passkeys, the account has."""
    return _count(unit, account_id, kind) or 0


def note(unit: Unit, account_id: str) -> None:
    """Write down in the account whether it has a factor now; whatever changes one calls this.

    A sign-in, and every token with filing rights, read it there. With a factor nothing blocks.
    """
    _note(unit, account_id)


def nickname(text: str) -> str:
    """A name of one line. Raises InputError."""
    tidy = name(text, "nickname", LONGEST_NICKNAME)
    if not tidy:
        raise InputError(_("Give it a name by which you will know it."), field="nickname")
    return tidy


def rename(unit: Unit, account_id: str, authenticator_id: str, name: str) -> None:
    """Call it something else. Raises InputError, NotFoundError."""
    if _rename(unit, account_id, authenticator_id, nickname(name)) != 1:
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
    _set_aside(unit, account_id, authenticator_id, unit.now)
    was = _remove(unit, account_id, authenticator_id)
    if was is None:
        raise unknown()
    return was


def removed_since(unit: Unit, account_id: str, moment: datetime) -> list[str]:
    """The ids of those that the account had at that moment and was deprived of since."""
    return _removed_since(unit, account_id, moment)


def restore(unit: Unit, account_id: str, authenticator_id: str) -> None:
    """Put one back that was removed lately, unless the same passkey was added anew."""
    _put_back(unit, account_id, authenticator_id)
    _forget(unit, account_id, authenticator_id)


def remove_codes(unit: Unit, account_id: str) -> None:
    """Take the recovery codes away."""
    recovery_codes.remove(unit, account_id)


def remove_all(unit: Unit, account_id: str) -> list[Authenticator]:
    """Take everything away for good, and answer which apps and passkeys there were."""
    gone = _remove_all(unit, account_id)
    recovery_codes.remove_for_good(unit, account_id)
    note(unit, account_id)
    return gone


def unknown() -> NotFoundError:
    """There is no such factor, or it is somebody else's."""
    return NotFoundError(_("There is no such app or passkey in this account."))


def _authenticator(
    authenticator_id: str,
    kind: str,
    nickname: str,
    created_at: datetime,
    last_used_at: datetime | None,
) -> Authenticator:
    known = AuthenticatorKind(kind)
    return Authenticator(authenticator_id, known, nickname, created_at, last_used_at)


_COLUMNS = (
    authenticators.c.id,
    authenticators.c.kind,
    authenticators.c.nickname,
    authenticators.c.created_at,
    authenticators.c.last_used_at,
)
_NAMES = [column.name for column in authenticators.c]
_THERE = select(authenticators.c.credential_id).where(authenticators.c.credential_id.is_not(None))
_ANY = exists().where(authenticators.c.account_id == accounts.c.id) | exists().where(
    code_table.c.account_id == accounts.c.id, code_table.c.used_at.is_(None)
)


@every(_authenticator)
def _listed(account_id: str) -> Select[str, str, str, datetime, datetime | None]:
    return (
        select(*_COLUMNS)
        .where(authenticators.c.account_id == account_id)
        .order_by(authenticators.c.created_at, authenticators.c.id)
    )


@value
def _count(account_id: str, kind: str) -> Select[int]:
    return select(func.count()).where(
        authenticators.c.account_id == account_id, authenticators.c.kind == kind
    )


@change
def _note(account_id: str) -> Update:
    return second_factors.noted(account_id, _ANY)


@change
def _rename(account_id: str, authenticator_id: str, name: str) -> Update:
    return (
        update(authenticators)
        .where(authenticators.c.id == authenticator_id, authenticators.c.account_id == account_id)
        .values(nickname=name)
    )


@one(_authenticator)
def _remove(
    account_id: str, authenticator_id: str
) -> ReturningDelete[str, str, str, datetime, datetime | None]:
    return (
        delete(authenticators)
        .where(authenticators.c.id == authenticator_id, authenticators.c.account_id == account_id)
        .returning(*_COLUMNS)
    )


@every(_authenticator)
def _remove_all(account_id: str) -> ReturningDelete[str, str, str, datetime, datetime | None]:
    own = delete(authenticators).where(authenticators.c.account_id == account_id)
    return own.returning(*_COLUMNS)


@change
def _set_aside(account_id: str, authenticator_id: str, now: datetime) -> Insert:
    return insert(removed).from_select(
        [*_NAMES, "removed_at"],
        select(*authenticators.c, given(now)).where(
            authenticators.c.id == authenticator_id, authenticators.c.account_id == account_id
        ),
    )


@values
def _removed_since(account_id: str, moment: datetime) -> Select[str]:
    return select(removed.c.id).where(
        removed.c.account_id == account_id,
        removed.c.created_at < moment,
        removed.c.removed_at >= moment,
    )


@change
def _put_back(account_id: str, authenticator_id: str) -> Insert:
    return insert(authenticators).from_select(
        _NAMES,
        select(*(removed.c[name] for name in _NAMES)).where(
            removed.c.id == authenticator_id,
            removed.c.account_id == account_id,
            or_(removed.c.credential_id.is_(None), removed.c.credential_id.not_in(_THERE)),
        ),
    )


@change
def _forget(account_id: str, authenticator_id: str) -> Delete:
    return delete(removed).where(
        removed.c.id == authenticator_id, removed.c.account_id == account_id
    )
