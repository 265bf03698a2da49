"""Answering what was asked for: looks for accounts, and mails them at their own addresses.

**How often.** A mail address gets two mails with links at once and then one in twenty minutes,
and its usernames once an hour: five mails an hour at most. Links live for thirty minutes
and no request makes an older one worthless. So whoever asks in another's name cannot keep the
owner out: when no further mail goes, one with links that still work is in the mailbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from signon.accounts import directory, mailed_links, recovery_wanted, repudiation
from signon.accounts.directory import Account
from signon.accounts.mailed_links import Purpose
from signon.accounts.models import AccountStatus
from signon.accounts.recovery_wanted import Wanted
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.limits import counters
from signon.notices import mail
from signon.notices.password_links import PasswordLinks
from signon.notices.usernames import Usernames
from signon.outbox.events import Due, Handler
from signon.words.sentences import _, together

PATH = "/recover"
AT_ONCE = 2
"""Mails with links that follow one another without a pause."""
PAUSE = timedelta(minutes=20)
"""Between further ones; shorter than a link lives."""
LINK_MAILS = "recovery_mails"
"""Bucket: mails with links to one address."""
USERNAME_MAILS = "recovery_username_mails"
"""Bucket: mails with usernames to one address."""
HOUR = timedelta(hours=1)
MOST = 20
"""Accounts in one mail."""
CALL = _("Call the PACER Service Center at (800) 676-6856.")


class Answering:
    """The outbox's handler for what was asked."""

    def __init__(self, settings: Settings, ring: KeyRing, database: Database) -> None:
        self._settings = settings
        self._ring = ring
        self._database = database

    def handlers(self) -> dict[str, Handler]:
        """By kind of outbox event."""
        return {recovery_wanted.KIND: self.answer}

    async def answer(self, due: Due) -> None:
        """Look and mail, in one unit; done twice, it mails twice."""
        await self._database.write(answer, self._settings, self._ring, due.payload)


def answer(unit: Unit, settings: Settings, ring: KeyRing, payload: Mapping[str, Any]) -> None:
    """Mail what was asked for to whoever it belongs to; nobody, and nothing goes out."""
    typed = ring.open(bytes.fromhex(payload["typed"]), recovery_wanted.TYPED).decode()
    if payload["wanted"] == Wanted.USERNAMES:
        _mail_usernames(unit, ring, typed)
        return
    named = directory.by_username(unit, typed)
    addresses = {named.email.casefold(): named.email} if named else {}
    if "@" in typed:
        addresses.setdefault(typed.casefold(), typed)
    for address in addresses.values():
        _mail_links(unit, settings, ring, address, first=named, asked=payload["asked"])


def why_no_link(account: Account) -> str | None:
    """What an account's owner is told instead of getting a link."""
    if account.status is AccountStatus.DISABLED:
        return together(_("This account is disabled, so its password cannot be changed."), CALL)
    if account.status is AccountStatus.HELD:
        return _("This account waits for its review; nobody can sign in to it before.")
    frozen = repudiation.refuse_frozen(account)
    return together(frozen.sentence, CALL) if frozen else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One account in a mail: its link, or the reason why it has none."""

    username: str
    number: str
    url: str
    note: str


def _mail_links(
    unit: Unit,
    settings: Settings,
    ring: KeyRing,
    address: str,
    *,
    first: Account | None,
    asked: str,
) -> None:
    """One mail with a link for each account of that address, the one that was named first."""
    people = directory.at_email(unit, address)
    people.sort(key=lambda one: (first is None or one.id != first.id, one.number))
    if not people or not _may_mail_links(unit, ring, address):
        return
    entries = [_entry(unit, settings, one, asked) for one in people[:MOST]]
    letter = PasswordLinks(
        accounts=[[one.username, one.number, one.url, one.note] for one in entries],
        further=len(people[MOST:]),
        minutes=settings.recovery_link_seconds // 60,
    )
    mail.send(unit, letter, to=people[0].email, language=people[0].language)


def _entry(unit: Unit, settings: Settings, account: Account, asked: str) -> Entry:
    note = why_no_link(account)
    if note:
        return Entry(account.username, account.number, "", note)
    lasts = timedelta(seconds=settings.recovery_link_seconds)
    url = link_address(unit, settings.issuer, account, lasts)
    trail.record(
        unit, Event.RECOVERY_MAILED, actor=trail.SYSTEM, account_id=account.id, asked=asked
    )
    return Entry(account.username, account.number, url, "")


def link_address(unit: Unit, issuer: str, account: Account, lasts: timedelta) -> str:
    """The address of a new link; it may be told to nobody but the account's mail address."""
    token = mailed_links.issue(
        unit, Purpose.CHOOSE_PASSWORD, email=account.email, lasts=lasts, account_id=account.id
    )
    return f"{issuer}{PATH}?token={token}"


def _mail_usernames(unit: Unit, ring: KeyRing, address: str) -> None:
    people = directory.at_email(unit, address)
    if not people:
        return
    sent = counters.hit(unit, USERNAME_MAILS, _key(ring, address), window=HOUR)
    if sent.count > 1:
        return
    listed = [[one.username, one.number, why_no_link(one) or ""] for one in people]
    letter = Usernames(
        accounts=listed[:MOST],
        further=len(listed[MOST:]),
    )
    mail.send(unit, letter, to=people[0].email, language=people[0].language)


def _may_mail_links(unit: Unit, ring: KeyRing, address: str) -> bool:
    key = _key(ring, address)
    sent = counters.hit(unit, LINK_MAILS, key, window=HOUR)
    if sent.blocked_until:
        counters.take_back(unit, LINK_MAILS, key)
        return False
    if sent.count >= AT_ONCE:
        counters.block(unit, LINK_MAILS, key, until=unit.now + PAUSE)
    return True


def _key(ring: KeyRing, address: str) -> bytes:
    return ring.mac(LINK_MAILS, address.casefold().encode())
