"""Starting a recovery for somebody: an operator has a link mailed, and never sees it.

ASVS 6.4.6: an administrator can start a reset and cannot set or learn the password.
"""

from datetime import timedelta

from signon.accounts.directory import Account, by_number, unknown_account
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Unit
from signon.errors import RefusedError
from signon.notices import mail
from signon.notices.choose_password import ChoosePassword
from signon.recovery import answering


def start(unit: Unit, settings: Settings, number: str, *, actor: str) -> Account:
    """Mail the account's address a link to choose a password.

    Raises NotFoundError, RefusedError (`not_recoverable`).
    """
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    if not account.is_active or account.frozen_at:
        state = "frozen: thaw" if account.is_active else f"{account.status}: enable or release"
        raise RefusedError("not_recoverable", f"Account {number} is {state} it first.")
    invite(unit, settings, account, actor=actor)
    return account


def invite(unit: Unit, settings: Settings, account: Account, *, actor: str) -> None:
    """Mail the link, also to an account that never had a password."""
    lasts = timedelta(seconds=settings.invitation_link_seconds)
    url = answering.link_address(unit, settings.issuer, account, lasts)
    letter = ChoosePassword(
        username=account.username,
        account_number=account.number,
        url=url,
        hours=settings.invitation_link_seconds // 3600,
    )
    mail.send(unit, letter, to=account.email, language=account.language)
    trail.record(unit, Event.RECOVERY_STARTED, actor=actor, account_id=account.id)
