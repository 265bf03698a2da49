"""A whole sign-in makes its browser a known device, and the first one in it is told to the owner.

Not the very first one of an account: then every browser is new. The mail carries "this was not
me" like that of every sensitive change (ASVS 6.3.5).
"""

from dataclasses import dataclass
from datetime import datetime

from signon.accounts import repudiation
from signon.accounts.directory import Account
from signon.accounts.history import Proof
from signon.audit import activity
from signon.config import Settings
from signon.db import Unit
from signon.limits import counters
from signon.notices import mail
from signon.notices.new_device import NewDevice
from signon.notices.program_signed_in import ProgramSignedIn
from signon.signin import attempts, known_devices
from signon.signin.known_devices import KnownDevice
from signon.web.browsers import known_name_of
from signon.web.visitor import Source
from signon.words.sentences import _

MAILS = "new_device_mails"
"""Bucket: mails to one account within a day."""
MOST_MAILS = 5


@dataclass(frozen=True, slots=True)
class Where:
    """The browser of a sign-in: its cookie's digest, and what the account knew when it began.

    `begun_at` is when its first step was done, None when there was but one; `factor_since` when
    the second factor was added that was shown. Of a program the address stands for the browser
    (`signon.signin.programs`).
    """

    device: bytes
    known: KnownDevice | None
    source: Source
    begun_at: datetime | None = None
    factor_since: datetime | None = None
    is_program: bool = False


def note_sign_in(
    unit: Unit, account: Account, where: Where, settings: Settings, *, with_factor: bool
) -> None:
    """Know the browser from now on, and tell the owner of one that was not known before."""
    if known_devices.is_fresh(unit, where.known, with_factor=with_factor):
        return
    is_new = known_devices.remember(
        unit, account.id, where.device, settings, with_factor=with_factor
    )
    before = where.begun_at or unit.now
    completed = attempts.COMPLETED
    if not is_new or not (
        # a password in a program is news from the first sign-in on
        where.is_program or activity.has_happened(unit, account.id, completed, before=before)
    ):
        return
    # programs that sign in have a new browser each time
    key = counters.key(account.id)
    if counters.hit(unit, MAILS, key, window=attempts.DAY).count <= MOST_MAILS:
        _tell(unit, account, where, settings.issuer)


def _tell(unit: Unit, account: Account, where: Where, issuer: str) -> None:
    source, proof = where.source, Proof(factor_since=where.factor_since)
    address, signed_in_at = source.address or "unknown", repudiation.in_words(unit.now)
    not_me_url = repudiation.not_me_url(unit, issuer, account, proof)
    if where.is_program:
        program = ProgramSignedIn(account.number, address, signed_in_at, not_me_url)
        mail.send(unit, program, to=account.email, language=account.language)
        return
    browser = known_name_of(source.user_agent) or _("A browser that we do not know")
    letter = NewDevice(account.number, browser, address, signed_in_at, not_me_url)
    mail.send(unit, letter, to=account.email, language=account.language)
