"""Disabling an account, and enabling it again without reviving anything."""

from sqlalchemy import bindparam, update

from signon.accounts import credentials
from signon.accounts.directory import Account, by_number, unknown_account
from signon.accounts.models import AccountStatus, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.outbox import events

LONGEST_REASON = 300
DISABLED = "account:disabled"
"""Kind of the outbox event that tells whoever has the person signed in."""


def disable(unit: Unit, number: str, *, reason: str, actor: str) -> Account:
    """Close the account; its sessions, grants and tokens are worth nothing from now on.

    `valid_from` moves, and whoever uses a session or a token joins it, so this one statement
    ends them all. Raises InputError for the reason, RefusedError (`already_disabled`),
    NotFoundError.
    """
    tidy = " ".join(reason.split())
    if not 0 < len(tidy) <= LONGEST_REASON:
        raise InputError(f"Say why in 1 to {LONGEST_REASON} characters.", field="reason")
    account = _change(unit, number, AccountStatus.ACTIVE, AccountStatus.DISABLED, tidy)
    if account is None:
        raise RefusedError("already_disabled", f"Account {number} is disabled already.")
    events.put(unit, DISABLED, {"account": account.id})
    trail.record(unit, Event.ACCOUNT_DISABLED, actor=actor, account_id=account.id, reason=tidy)
    return account


def enable(unit: Unit, ring: KeyRing, number: str, *, actor: str) -> Account:
    """Open the account again, and its password too if it was guessed at too often.

    `valid_from` moves once more: what was ended stays ended. An account that was not disabled
    only has its failed attempts forgotten; nobody is signed out. Raises NotFoundError.
    """
    was_disabled = _change(unit, number, AccountStatus.DISABLED, AccountStatus.ACTIVE, None)
    account = was_disabled or by_number(unit, number)
    assert account is not None
    credentials.forgive(unit, ring, account)
    trail.record(
        unit,
        Event.ACCOUNT_ENABLED,
        actor=actor,
        account_id=account.id,
        was_disabled=was_disabled is not None,
    )
    return account


def _change(
    unit: Unit, number: str, before: AccountStatus, after: AccountStatus, reason: str | None
) -> Account | None:
    """The changed account, or None when it did not stand at `before`. Raises NotFoundError."""
    values = {"of": number, "before": before.value, "after": after.value, "reason": reason}
    changed = unit.execute(_CHANGE, {**values, "now": unit.now})
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    return account if changed.rowcount == 1 else None


_CHANGE = (
    update(accounts)
    .where(accounts.c.number == bindparam("of"), accounts.c.status == bindparam("before"))
    .values(
        status=bindparam("after"),
        status_reason=bindparam("reason"),
        valid_from=bindparam("now"),
        updated_at=bindparam("now"),
    )
)
