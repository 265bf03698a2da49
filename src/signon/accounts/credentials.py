"""An account's password: how it is kept, changed, and how often it was guessed wrong."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Update, func, null, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon.accounts import history, password_work, sign_outs
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of, username_key
from signon.accounts.history import NO_PROOF, Proof
from signon.accounts.models import AccountStatus, accounts
from signon.accounts.passwords import SKIPS
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Unit
from signon.limits import counters
from signon.prepared import change, given, one, value, values
from signon.words.language import spoken_tag

PASSWORD = "password"
"""Subject of the history."""
FAILURES = "password_failures"
"""Bucket: wrong guesses at one account's password since its last right one."""
FOREVER = timedelta(days=36_525)
"""SP 800-63B section 3.2.2 bounds consecutive failures, however long they take."""
WAITS = "password_waits"
"""Bucket: the same for the waits, by name, so that unknown names behave like known ones."""


# ── How it is kept ───────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Credential:
    """An account and its password as stored: an Argon2id hash, sealed with the key ring."""

    account: Account
    sealed: bytes | None


def find(unit: Unit, username: str) -> Credential | None:
    """The account of that name with its password."""
    return _find(unit, username_key(username))


def credential_of(*columns: Any) -> Credential:
    """What is in the columns `CREDENTIAL`, in their order."""
    return Credential(account_of(*columns[:-1]), columns[-1])


def note_signed_in(unit: Unit, ring: KeyRing, credential: Credential) -> Account | None:
    """The account if it is still active and its password still the same; true until commit.

    If so, this moment is its last sign-in. The row stays locked, so that disabling the account
    or changing its password comes either before this unit, which then sees it, or after it, and
    ends what this unit begins. The same hash under another seal is no change: somebody moves
    it to the ring's new key.
    """
    account_id = credential.account.id
    if credential.sealed is None:
        return None
    if account := _note_signed_in(unit, account_id, credential.sealed, unit.now, spoken_tag()):
        return account
    sealed = _lock_active(unit, account_id)
    if sealed is None:
        return None
    resealed = replace(credential, sealed=sealed)
    if unseal(ring, resealed) != unseal(ring, credential):
        return None
    return _note_signed_in(unit, account_id, sealed, unit.now, spoken_tag())


def seal(ring: KeyRing, account_id: str, password_hash: str) -> bytes:
    """What is stored of a password's hash; it opens for this account only."""
    return ring.seal(password_hash.encode(), seal_context(account_id))


class Kept(NamedTuple):
    """What is stored of a password's hash: sealed, and what looking at it computes."""

    password: bytes | None = None
    password_work: str = password_work.NOTHING


def columns(ring: KeyRing, account_id: str, password_hash: str | None) -> Kept:
    """What is stored of a password's hash, or of none."""
    if not password_hash:
        return Kept()
    return Kept(seal(ring, account_id, password_hash), password_work.of(password_hash))


def works_in_use(unit: Unit) -> frozenset[str]:
    """The works of all accounts' passwords."""
    return frozenset(_works(unit))


def unseal(ring: KeyRing, credential: Credential) -> str | None:
    """The encoded hash, or None when the account has no password."""
    if credential.sealed is None:
        return None
    return ring.open(credential.sealed, seal_context(credential.account.id)).decode()


def store_rehashed(unit: Unit, ring: KeyRing, account_id: str, password_hash: str) -> None:
    """Keep the same password under today's parameters; for its owner nothing changes."""
    _rehash(unit, account_id, columns(ring, account_id, password_hash))


def replace_password(
    unit: Unit,
    ring: KeyRing,
    account: Account,
    password_hash: str,
    *,
    actor: str,
    proof: Proof = NO_PROOF,
    keep_session: str | None = None,
) -> None:
    """Give the account another password, and end every session and grant that it has.

    `keep_session` is the session in which the person just did that; it goes on when its caller
    begins it anew (`signin.session.start`), but its grants end too.
    """
    _replace(unit, account.id, columns(ring, account.id, password_hash), unit.now)
    sign_outs.sign_out_everywhere(unit, account.id, keep_session=keep_session)
    forgive(unit, ring, account)
    history.record(unit, account.id, PASSWORD, Event.PASSWORD_CHANGED, actor=actor, proof=proof)


def void_password(unit: Unit, account_id: str) -> None:
    """Let no password sign in until its owner has chosen another by a mailed link."""
    _void(unit, account_id)


def put_off_change(unit: Unit, account_id: str) -> bool:
    """Count that a due change was put off; False when that was done as often as it may be."""
    return _put_off(unit, account_id) == 1


def seal_context(account_id: str) -> str:
    """What an account's password is sealed for."""
    return f"password:{account_id}"


# ── How often it was guessed wrong ───────────────────────────────────────────


def failures_key(account_id: str) -> bytes:
    """The counter's key in the bucket `FAILURES`."""
    return counters.key(account_id)


def waits_key(ring: KeyRing, username: str) -> bytes:
    """The counter's key in the bucket `WAITS`; keyed, because people mistype passwords there."""
    return ring.mac(WAITS, username_key(username).encode())


def guesses_left(unit: Unit, account_id: str, cap: int) -> int:
    """How many wrong guesses remain until the password no longer counts; 0 means it is off."""
    return max(0, cap - counters.look(unit, FAILURES, failures_key(account_id)).count)


def forgive(unit: Unit, ring: KeyRing, account: Account) -> None:
    """Forget every wrong guess at this account's password."""
    counters.forgive(unit, WAITS, waits_key(ring, account.username))
    counters.forgive(unit, FAILURES, failures_key(account.id))


CREDENTIAL: tuple[ColumnElement[Any], ...] = (*ACCOUNT_COLUMNS, accounts.c.password)
"""What `credential_of` needs; a hot statement of a higher feature may select it in a join, as the
last of its columns."""


@values
def _works() -> Select[str]:
    return password_work.every(accounts.c.password_work)


@one(credential_of)
def _find(key: str) -> Select[Any]:
    return select(*CREDENTIAL).where(accounts.c.username_key == key)


def _is_active(account_id: str) -> tuple[ColumnElement[bool], ...]:
    return accounts.c.id == account_id, accounts.c.status == AccountStatus.ACTIVE.value


@value
def _lock_active(account_id: str) -> Select[bytes | None]:
    found = select(accounts.c.password).where(*_is_active(account_id))
    return found.with_for_update(key_share=True)


@one(account_of)
def _note_signed_in(
    account_id: str, was: bytes, now: datetime, locale: str | None
) -> ReturningUpdate[*tuple[Any, ...]]:
    return noting_signed_in(account_id, was, now, locale)


def noting_signed_in(
    account_id: str, was: bytes, now: datetime, locale: str | None
) -> ReturningUpdate[*tuple[Any, ...]]:
    """`note_signed_in` as a part of a hot statement of a higher feature, without its second look."""
    same = update(accounts).where(*_is_active(account_id), accounts.c.password == was)
    spoken = func.coalesce(given(locale), accounts.c.locale)
    return same.values(last_signed_in_at=now, locale=spoken).returning(*ACCOUNT_COLUMNS)


@change
def _rehash(account_id: str, kept: Kept) -> Update:
    return update(accounts).where(accounts.c.id == account_id).values(**kept._asdict())


@change
def _void(account_id: str) -> Update:
    return update(accounts).where(accounts.c.id == account_id).values(password=null())


@change
def _put_off(account_id: str) -> Update:
    skips = accounts.c.password_skips
    some_left = update(accounts).where(accounts.c.id == account_id, skips < SKIPS)
    return some_left.values(password_skips=skips + 1)


@change
def _replace(account_id: str, kept: Kept, now: datetime) -> Update:
    return (
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(**kept._asdict(), password_changed_at=now, password_skips=0, updated_at=now)
    )
