"""Choosing a password by a mailed link. It signs nobody in and clears no second factor."""

from signon import opaque_tokens
from signon.accounts import addresses, credentials, directory, mailed_links, passwords, repudiation
from signon.accounts.directory import Account
from signon.accounts.history import Proof
from signon.accounts.mailed_links import MailedLink, Purpose
from signon.accounts.passwords import Words
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.signin import known_devices
from signon.web.visitor import Source
from signon.words.sentences import _

CHANGE = _("A new password was chosen by a mailed link.")


def look(unit: Unit, token: str | None) -> Account:
    """Whose password the link lets choose; nothing is used up. Raises RefusedError."""
    link = mailed_links.look(unit, Purpose.CHOOSE_PASSWORD, token)
    account = directory.by_id(unit, link.account_id or "")
    if refusal := _why_not(link, account):
        raise refusal
    assert account is not None
    return account


def words_of(account: Account) -> Words:
    """What stands near this account's password."""
    return passwords.words_of(
        username=account.username,
        email=account.email,
        names=(account.first_name, account.last_name, account.firm_name),
    )


def choose(
    unit: Unit,
    ring: KeyRing,
    settings: Settings,
    token: str,
    password_hash: str,
    *,
    device: str,
    source: Source,
) -> Account:
    """Use the link up and give its account the password. Raises RefusedError.

    Every session and grant of the account ends, its failed sign-ins are forgotten, its other
    links of this purpose end, and its address is told. The browser in which that happened is
    its only known device: whoever goes on guessing at the old password does not hold it up.
    """
    link = mailed_links.spend(unit, Purpose.CHOOSE_PASSWORD, token)
    account = directory.locked(unit, link.account_id or "")
    if refusal := _why_not(link, account):
        # whatever it is that does not fit, the link is spent
        raise unit.keep(refusal)
    assert account is not None
    proof = Proof(address=link.email)
    credentials.replace_password(unit, ring, account, password_hash, actor=account.id, proof=proof)
    mailed_links.withdraw(unit, account.id, Purpose.CHOOSE_PASSWORD)
    addresses.note_proved(unit, account.id, link.email)
    trail.record(
        unit, Event.PASSWORD_RECOVERED, actor=account.id, account_id=account.id, source=source
    )
    digest = opaque_tokens.digest(device)
    known_devices.remember(unit, account.id, digest, settings, with_factor=False)
    repudiation.tell(unit, settings.issuer, account, CHANGE)
    return account


def _why_not(link: MailedLink, account: Account | None) -> RefusedError | None:
    assert account is not None
    if account.email.casefold() != link.email.casefold():
        return RefusedError(
            "link_moved",
            _("This link was mailed to an address that the account no longer has."),
            _("Ask for a new link; it goes to the account’s present address."),
        )
    if not account.is_active:
        return RefusedError(
            "account_not_active",
            _("This account cannot be used at present, so its password stays as it is."),
            _("Call the PACER Service Center at (800) 676-6856."),
        )
    return repudiation.refuse_frozen(account)
