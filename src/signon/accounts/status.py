"""Disabling an account, enabling it without reviving anything, and ending a review hold."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Update, update

from signon.accounts import credentials, history, sign_outs
from signon.accounts.directory import Account, by_number, unknown_account
from signon.accounts.models import AccountStatus, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.notices import mail
from signon.notices.account_released import AccountReleased
from signon.outbox import events
from signon.prepared import change

SUBJECT = "status"
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
    before = by_number(unit, number)
    account = _change(unit, number, _OPEN, AccountStatus.DISABLED, tidy)
    if account is None or before is None:
        raise RefusedError("already_disabled", f"Account {number} is disabled already.")
    events.put(unit, DISABLED, {"account": account.id})
    history.record(
        unit,
        account.id,
        SUBJECT,
        Event.ACCOUNT_DISABLED,
        actor=actor,
        before={SUBJECT: before.status.value},
        after={SUBJECT: account.status.value, "reason": tidy},
        reason=tidy,
    )
    return account


def enable(unit: Unit, ring: KeyRing, number: str, *, actor: str) -> Account:
    """Open the account again, and its password too if it was guessed at too often.

    `valid_from` moves once more: what was ended stays ended. An account that was not disabled
    only has its failed attempts forgotten; nobody is signed out. Raises NotFoundError.
    """
    was_disabled = _change(unit, number, _CLOSED, AccountStatus.ACTIVE, None)
    account = was_disabled or by_number(unit, number)
    assert account is not None
    credentials.forgive(unit, ring, account)
    if was_disabled:
        _note_active(unit, account, Event.ACCOUNT_ENABLED, AccountStatus.DISABLED, actor)
    else:
        trail.record(
            unit, Event.ACCOUNT_ENABLED, actor=actor, account_id=account.id, was_disabled=False
        )
    return account


def release(unit: Unit, number: str, *, actor: str) -> Account:
    """End the review hold of a new account, and tell its holder.

    Raises NotFoundError, RefusedError (`not_held`).
    """
    account = _change(unit, number, _WAITING, AccountStatus.ACTIVE, None)
    if account is None:
        raise RefusedError("not_held", f"Account {number} is not on review hold.")
    _note_active(unit, account, Event.ACCOUNT_RELEASED, AccountStatus.HELD, actor)
    letter = AccountReleased(
        username=account.username,
        account_number=account.number,
    )
    mail.send(unit, letter, to=account.email, language=account.language)
    return account


def sign_out(unit: Unit, number: str, *, actor: str) -> Account:
    """End every session and grant of the account; it may sign in again at once.

    Raises NotFoundError.
    """
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    sign_outs.sign_out_everywhere(unit, account.id)
    trail.record(unit, Event.ACCOUNT_SIGNED_OUT, actor=actor, account_id=account.id)
    return account


def _note_active(
    unit: Unit, account: Account, event: Event, before: AccountStatus, actor: str
) -> None:
    history.record(
        unit,
        account.id,
        SUBJECT,
        event,
        actor=actor,
        before={SUBJECT: before.value},
        after={SUBJECT: account.status.value},
    )


def _change(
    unit: Unit,
    number: str,
    before: Sequence[AccountStatus],
    after: AccountStatus,
    reason: str | None,
) -> Account | None:
    """The changed account, or None when it did not stand at `before`. Raises NotFoundError."""
    changed = _set(unit, number, after, reason, unit.now, *before)
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    return account if changed == 1 else None


_OPEN = (AccountStatus.ACTIVE, AccountStatus.HELD)
_CLOSED = (AccountStatus.DISABLED,)
_WAITING = (AccountStatus.HELD,)


@change
def _set(
    number: str,
    after: AccountStatus,
    reason: str | None,
    now: datetime,
    *before: AccountStatus,
) -> Update:
    return (
        update(accounts)
        .where(accounts.c.number == number, accounts.c.status.in_(before))
        .values(status=after, status_reason=reason, valid_from=now, updated_at=now)
    )
