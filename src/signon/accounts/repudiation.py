"""Every sensitive change is told to all addresses, each with a "this was not me" link.

The link freezes the account: nothing about it may be changed any more, it is
signed out everywhere, and the operators are told. Filing rights and sign-in go on, because
whoever can read the mail must not be able to keep a filer from a deadline.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update

from signon.accounts import mailed_links, sign_outs
from signon.accounts.directory import Account, by_id, by_number, unknown_account
from signon.accounts.mailed_links import Purpose
from signon.accounts.models import account_changes, accounts
from signon.accounts.telling import tell_operators
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import Refusal, RefusedError
from signon.notices import mail
from signon.web.visitor import Origin

LASTS = timedelta(hours=240)
"""How long a change can be repudiated (SP 800-63B section 4.6)."""
PATH = "/account/not-me"
FROZEN = "frozen"


def tell(
    unit: Unit, issuer: str, account: Account, change: str, *, addresses: Sequence[str] = ()
) -> None:
    """Mail what was changed to the account's address and to `addresses`, each with its link.

    `change` is a sentence without its subject's name: "The password was changed."
    """
    everywhere = {address.casefold(): address for address in (account.email, *addresses)}
    for address in everywhere.values():
        mail.send(
            unit,
            "account_changed",
            address,
            account_number=account.number,
            change=change,
            changed_at=in_words(unit.now),
            not_me_url=not_me_url(unit, issuer, account, address),
        )


def not_me_url(unit: Unit, issuer: str, account: Account, address: str) -> str:
    """The address of a new "this was not me" link, to be mailed to that address only."""
    token = mailed_links.issue(
        unit, Purpose.NOT_ME, email=address, lasts=LASTS, account_id=account.id
    )
    return f"{issuer}{PATH}?token={token}"


def in_words(at: datetime) -> str:
    """A moment as mails name it."""
    return f"{at:%B} {at.day}, {at:%Y, %H:%M} UTC"


def addresses_of(unit: Unit, account: Account) -> list[str]:
    """The account's address, and those that a change can still be taken back from."""
    values = {"account": account.id, "since": unit.now - LASTS}
    former = unit.execute(_FORMER, values).scalars()
    everywhere = {one["email"].casefold(): one["email"] for one in former if "email" in one}
    return list(({account.email.casefold(): account.email} | everywhere).values())


def repudiate(unit: Unit, token: str | None, *, origin: Origin) -> Account | Refusal:
    """Spend the link, freeze the account and tell the operators; again, it stays frozen."""
    link = mailed_links.spend(unit, Purpose.NOT_ME, token)
    if isinstance(link, Refusal):
        return link
    account = by_id(unit, link.account_id or "")
    assert account is not None
    unit.execute(_FREEZE, {"account": account.id, "at": unit.now})
    if account.factor_reset_due_at is not None:
        trail.record(
            unit,
            Event.FACTOR_RESET_STOPPED,
            actor=account.id,
            account_id=account.id,
            reason=FROZEN,
            origin=origin,
        )
    sign_outs.sign_out_everywhere(unit, account.id)
    trail.record(unit, Event.ACCOUNT_FROZEN, actor=account.id, account_id=account.id, origin=origin)
    tell_operators(unit, "account_frozen", account_number=account.number)
    return account


def thaw(unit: Unit, number: str, *, actor: str) -> Account:
    """Let the account be changed again. Raises NotFoundError, RefusedError (`not_frozen`)."""
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    if unit.execute(_THAW, {"account": account.id}).rowcount != 1:
        raise RefusedError("not_frozen", f"Account {number} is not frozen.")
    trail.record(unit, Event.ACCOUNT_THAWED, actor=actor, account_id=account.id)
    return account


def refuse_frozen(account: Account) -> Refusal | None:
    """Why nothing about this account may be changed now, or None."""
    if account.frozen_at is None:
        return None
    return Refusal(
        FROZEN,
        "Changes to your account are stopped, because someone told us that one was not made by "
        "its owner.",
        "An operator will look at it. Call the PACER Service Center at (800) 676-6856 to go on.",
    )


_FREEZE = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.frozen_at.is_(None))
    .values(frozen_at=bindparam("at"), factor_reset_due_at=None)
)
_THAW = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.frozen_at.is_not(None))
    .values(frozen_at=None)
)
_FORMER = select(account_changes.c.before).where(
    account_changes.c.account_id == bindparam("account"),
    account_changes.c.subject == "email",
    account_changes.c.at >= bindparam("since"),
)
