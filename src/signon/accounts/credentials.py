"""An account's password: how it is kept, changed, and how often it was guessed wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import LargeBinary, String, bindparam, select, update

from signon.accounts import history, password_work, sign_outs
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, from_row, username_key
from signon.accounts.history import NO_PROOF, Proof
from signon.accounts.models import AccountStatus, accounts
from signon.accounts.passwords import SKIPS
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Unit
from signon.limits import counters
from signon.prepared import Prepared

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
    row = unit.execute(_FIND, {"key": username_key(username)}).mappings().one_or_none()
    return credential_from(row) if row else None


def credential_from(row: Mapping[Any, Any]) -> Credential:
    """What is in a row that selected `CREDENTIAL`."""
    return Credential(from_row(row), row["password"])


def note_signed_in(unit: Unit, ring: KeyRing, credential: Credential) -> bool:
    """Whether the account is still active and its password still the same; true until commit.

    If so, this moment is its last sign-in. The row stays locked, so that disabling the account
    or changing its password comes either before this unit, which then sees it, or after it, and
    ends what this unit begins. The same hash under another seal is no change: somebody moves
    it to the ring's new key.
    """
    values = {"account": credential.account.id, "was": credential.sealed, "at": unit.now}
    if unit.change(_NOTE_SIGNED_IN, values) == 1:
        return True
    row = unit.execute(_LOCK_ACTIVE, {"id": credential.account.id}).one_or_none()
    if row is None or row.password is None or credential.sealed is None:
        return False
    resealed = replace(credential, sealed=row.password)
    if unseal(ring, resealed) != unseal(ring, credential):
        return False
    return unit.change(_NOTE_SIGNED_IN, values | {"was": row.password}) == 1


def seal(ring: KeyRing, account_id: str, password_hash: str) -> bytes:
    """What is stored of a password's hash; it opens for this account only."""
    return ring.seal(password_hash.encode(), seal_context(account_id))


def columns(ring: KeyRing, account_id: str, password_hash: str | None) -> dict[str, Any]:
    """What is stored of a password's hash: sealed, and what looking at it computes."""
    if not password_hash:
        return {"password": None, "password_work": password_work.NOTHING}
    return {
        "password": seal(ring, account_id, password_hash),
        "password_work": password_work.of(password_hash),
    }


def works_in_use(unit: Unit) -> frozenset[str]:
    """The works of all accounts' passwords."""
    return frozenset(unit.execute(_WORKS).scalars())


def unseal(ring: KeyRing, credential: Credential) -> str | None:
    """The encoded hash, or None when the account has no password."""
    if credential.sealed is None:
        return None
    return ring.open(credential.sealed, seal_context(credential.account.id)).decode()


def store_rehashed(unit: Unit, ring: KeyRing, account_id: str, password_hash: str) -> None:
    """Keep the same password under today's parameters; for its owner nothing changes."""
    unit.execute(_REHASH, _kept(ring, account_id, password_hash))


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
    unit.execute(_REPLACE, _kept(ring, account.id, password_hash) | {"at": unit.now})
    sign_outs.sign_out_everywhere(unit, account.id, keep_session=keep_session)
    forgive(unit, ring, account)
    history.record(unit, account.id, PASSWORD, Event.PASSWORD_CHANGED, actor=actor, proof=proof)


def void_password(unit: Unit, account_id: str) -> None:
    """Let no password sign in until its owner has chosen another by a mailed link."""
    unit.execute(_VOID, {"account": account_id})


def put_off_change(unit: Unit, account_id: str) -> bool:
    """Count that a due change was put off; False when that was done as often as it may be."""
    return unit.execute(_PUT_OFF, {"account": account_id}).rowcount == 1


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


def _kept(ring: KeyRing, account_id: str, password_hash: str) -> dict[str, Any]:
    row = columns(ring, account_id, password_hash)
    return {"account": account_id, "sealed": row["password"], "work": row["password_work"]}


_WORKS = password_work.every(accounts.c.password_work)
CREDENTIAL = (*ACCOUNT_COLUMNS, accounts.c.password)
"""What `credential_from` needs; a hot statement of a higher feature may select it in a join."""
_FIND = select(*CREDENTIAL).where(accounts.c.username_key == bindparam("key"))
_LOCK_ACTIVE = (
    select(accounts.c.password)
    .where(accounts.c.id == bindparam("id"), accounts.c.status == AccountStatus.ACTIVE.value)
    .with_for_update(key_share=True)
)
_NOTE_SIGNED_IN = Prepared(
    update(accounts)
    .where(
        accounts.c.id == bindparam("account"),
        accounts.c.status == AccountStatus.ACTIVE.value,
        accounts.c.password == bindparam("was", type_=LargeBinary),
    )
    .values(last_signed_in_at=bindparam("at"))
)
_REHASH = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"))
    .values(
        password=bindparam("sealed", type_=LargeBinary),
        password_work=bindparam("work", type_=String),
    )
)
_VOID = update(accounts).where(accounts.c.id == bindparam("account")).values(password=None)
_PUT_OFF = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.password_skips < SKIPS)
    .values(password_skips=accounts.c.password_skips + 1)
)
_REPLACE = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"))
    .values(
        password=bindparam("sealed", type_=LargeBinary),
        password_work=bindparam("work", type_=String),
        password_changed_at=bindparam("at"),
        password_skips=0,
        updated_at=bindparam("at"),
    )
)
