"""Proving that the account's own address works after all: a link goes there and comes back."""

from datetime import timedelta

from signon.accounts import mailed_links
from signon.accounts.directory import Account
from signon.accounts.mailed_links import Purpose
from signon.config import Settings
from signon.db import Unit
from signon.errors import BusyError
from signon.limits import counters
from signon.notices import mail
from signon.notices.address_check import AddressCheck
from signon.signin import reachable_address
from signon.signin.session import Session
from signon.words.sentences import _

WORKS_PATH = "/account/email/works"
LASTS = timedelta(hours=24)
MAILS, MAILS_AN_HOUR = "address_checks", 5


def ask(unit: Unit, session: Session, settings: Settings) -> None:
    """Mail the link, and go on meanwhile. Raises BusyError after five within an hour."""
    account = session.account
    found = counters.hit(unit, MAILS, counters.key(account.id), window=timedelta(hours=1))
    if found.count > MAILS_AN_HOUR:
        assert found.ends_at is not None
        seconds = max(1, round((found.ends_at - unit.now).total_seconds()))
        told = _("We have sent several mails there already. Try again in an hour.")
        raise BusyError(told, retry_after=seconds)
    _send(unit, account, settings.issuer)
    reachable_address.note_told(unit, session)


def _send(unit: Unit, account: Account, issuer: str) -> None:
    token = mailed_links.issue(
        unit, Purpose.KEEP_EMAIL, email=account.email, lasts=LASTS, account_id=account.id
    )
    letter = AddressCheck(
        account_number=account.number, works_url=f"{issuer}{WORKS_PATH}?token={token}"
    )
    mail.send(unit, letter, to=account.email)
