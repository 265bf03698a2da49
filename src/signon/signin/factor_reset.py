"""Whoever has lost every second factor: an operator has them removed, after a delay.

The delay is the owner's chance to object. Every address that the account has, or had until
lately, is told at once, each with a link that stops it; it stands on the account's page; and
whoever signs in with a second factor has not lost them all, which stops it too. A recovered
password alone never gets here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from signon.accounts import history, mailed_links, repudiation, second_factors
from signon.accounts.directory import Account, by_id, by_number, unknown_account
from signon.accounts.history import Proof
from signon.accounts.mailed_links import Purpose
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.notices import mail
from signon.notices.factor_reset import FactorReset
from signon.web.visitor import Source

STOP_PATH = "/account/factors/keep"
LONGEST_REASON = 300
SUBJECT = "factor_reset"
STOPPED = "The removal of your second factors was stopped. They stay as they are."
STOPPED_BY_USE = (
    "Somebody signed in with a second factor, so the removal of your second factors was stopped. "
    "If you have lost them all, it was not you."
)


def ask(unit: Unit, settings: Settings, number: str, *, reason: str, actor: str) -> Account:
    """Have all second factors of an account removed when the delay is over; tell its owner.

    Raises NotFoundError, InputError for the reason, RefusedError (`reset_pending`, `no_factor`,
    `not_active`, `frozen`).
    """
    tidy = " ".join(reason.split())
    if not 0 < len(tidy) <= LONGEST_REASON:
        raise InputError(f"Say why in 1 to {LONGEST_REASON} characters.", field="reason")
    delay = timedelta(seconds=settings.factor_reset_delay_seconds)
    due_at = unit.now + delay
    asked = second_factors.ask_removal(unit, number, due_at)
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    if not asked:
        raise _why_not(account)
    _keep(unit, account, Event.FACTOR_RESET_ASKED, actor, {"due_at": due_at}, reason=tidy)
    for address in repudiation.addresses_of(unit, account):
        token = mailed_links.issue(
            unit, Purpose.KEEP_FACTORS, email=address, lasts=delay, account_id=account.id
        )
        letter = FactorReset(
            account_number=account.number,
            due_at=repudiation.in_words(due_at),
            stop_url=f"{settings.issuer}{STOP_PATH}?token={token}",
        )
        mail.send(unit, letter, to=address, language=account.language)
    return account


def stop(
    unit: Unit,
    issuer: str,
    account_id: str,
    *,
    actor: str,
    reason: str | None = None,
    source: Source | None = None,
    told: str = STOPPED,
) -> bool:
    """Let the account keep its factors, and tell its owner; False when nothing was pending.

    `reason` is for the audit trail: what stopped it.
    """
    if not second_factors.stop_removal(unit, account_id):
        return False
    account = by_id(unit, account_id)
    assert account is not None
    mailed_links.withdraw(unit, account_id, Purpose.KEEP_FACTORS)
    _keep(unit, account, Event.FACTOR_RESET_STOPPED, actor, {}, reason=reason, source=source)
    others = repudiation.addresses_of(unit, account)
    repudiation.tell(unit, issuer, account, told, addresses=others)
    return True


def stop_by_operator(unit: Unit, settings: Settings, number: str, *, actor: str) -> Account:
    """The same by an operator. Raises NotFoundError, RefusedError (`no_reset`)."""
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    if not stop(unit, settings.issuer, account.id, actor=actor):
        raise RefusedError("no_reset", f"No second factors of account {number} wait for removal.")
    return account


def stop_by_mail(unit: Unit, issuer: str, token: str | None, *, source: Source) -> Account:
    """Spend a mailed link: whoever reads the mail may stop it, signed in or not.

    Raises DeadLinkError.
    """
    link = mailed_links.spend(unit, Purpose.KEEP_FACTORS, token)
    account = by_id(unit, link.account_id or "")
    assert account is not None
    stop(unit, issuer, account.id, actor=account.id, reason="stopped_by_mail", source=source)
    return account


def stop_by_use(
    unit: Unit,
    settings: Settings,
    account: Account,
    factor_since: datetime | None,
    *,
    source: Source,
) -> None:
    """Somebody has just signed in with a second factor: they are not all lost.

    One that was new when the removal was asked for may be a thief's, and stops nothing.
    """
    if account.factor_reset_due_at is None:
        return
    delay = timedelta(seconds=settings.factor_reset_delay_seconds)
    asked_at = account.factor_reset_due_at - delay
    if Proof(factor_since=factor_since).has_settled_factor(asked_at, repudiation.SETTLES):
        stop(
            unit,
            settings.issuer,
            account.id,
            actor=account.id,
            reason="factor_used",
            source=source,
            told=STOPPED_BY_USE,
        )


def _keep(
    unit: Unit,
    account: Account,
    event: Event,
    actor: str,
    after: Mapping[str, object],
    *,
    reason: str | None,
    source: Source | None = None,
) -> None:
    history.record(
        unit,
        account.id,
        SUBJECT,
        event,
        actor=actor,
        after=after,
        source=source,
        reason=reason,
    )


def _why_not(account: Account) -> RefusedError:
    number = account.number
    if account.factor_reset_due_at is not None:
        return RefusedError(
            "reset_pending", f"The second factors of account {number} wait for removal already."
        )
    if account.frozen_at is not None:
        return RefusedError(
            "frozen",
            f"Changes to account {number} are stopped: talk to its holder and thaw it first.",
        )
    if not account.is_active:
        return RefusedError("not_active", f"Account {number} is {account.status}.")
    return RefusedError("no_factor", f"Account {number} has no second factor to remove.")
