"""Failed sign-ins, as the owner of the account learns of them.

Whoever signs in is told how many there were since the last time. Somebody who goes on guessing
is reported by mail, once a day at most. That is found out behind the outbox, for every name that
is hammered at, because the answer to a guess must not depend on whether the name is anybody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from signon.accounts.credentials import waits_key
from signon.accounts.directory import by_username
from signon.audit import activity
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.limits import counters
from signon.notices import mail
from signon.notices.sign_in_attempts import SignInAttempts
from signon.outbox import events
from signon.outbox.events import Due, Handler

KIND = "signin:hammered"
"""Kind of the outbox event for a name that somebody goes on guessing at."""
PASSWORDS = 10
"""Wrong passwords for one name within a day, after which its owner is told."""
CODES = 5
"""Wrong codes after the right password, which is worse."""
TOLD = "attempts_told"
"""Bucket: notices of wrong passwords about one name within a day."""
TOLD_OF_CODES = "attempts_told_codes"
"""Bucket: the same of wrong codes."""
DAY = timedelta(days=1)
TYPED = "hammered"
"""What the name is sealed for while it waits: people type passwords there."""
LONGEST = 65
"""Characters of it that are kept: nobody's name has so many."""
MOST = 200
"""So many are counted; more are told as so many "or more"."""
REFUSED = (Event.SIGN_IN_REFUSED, Event.FACTOR_REFUSED)
COMPLETED = (Event.SIGN_IN_SUCCEEDED, Event.FACTOR_ACCEPTED)


@dataclass(frozen=True, slots=True)
class FailedSignIns:
    """How many sign-ins failed since the owner's last one; `since` is None when it is the first."""

    count: int
    since: datetime | None

    @property
    def is_at_least(self) -> bool:
        """Whether there may be more of them than were counted."""
        return self.count >= MOST


def since_last_sign_in(unit: Unit, account_id: str, session_began: datetime) -> FailedSignIns:
    """What somebody is told whose session began then: all since the sign-in before that one."""
    count = 0
    for one in activity.of_kinds(unit, account_id, (*REFUSED, *COMPLETED), limit=MOST):
        if one.event in REFUSED:
            count += 1
        elif one.at < session_began and not one.detail.get("second_step"):
            return FailedSignIns(count, one.at)
    return FailedSignIns(count, None)


def report_passwords(unit: Unit, ring: KeyRing, username: str, attempts: int) -> None:
    """So many wrong passwords for a name within a day: let its owner know, if it has one."""
    if attempts >= PASSWORDS:
        _report(unit, ring, username, attempts, TOLD)


def report_codes(unit: Unit, ring: KeyRing, username: str, tries: int) -> None:
    """So many wrong codes after the right password, by strangers: let the owner know."""
    if tries >= CODES:
        _report(unit, ring, username, tries, TOLD_OF_CODES)


def _report(unit: Unit, ring: KeyRing, username: str, attempts: int, bucket: str) -> None:
    if counters.hit(unit, bucket, waits_key(ring, username), window=DAY).count == 1:
        sealed = ring.seal(username[:LONGEST].encode("utf-8", "surrogatepass"), TYPED).hex()
        knows = bucket == TOLD_OF_CODES
        events.put(unit, KIND, {"typed": sealed, "attempts": attempts, "knows_password": knows})


class Reporting:
    """The outbox's handler for names that are hammered at."""

    def __init__(self, ring: KeyRing, database: Database) -> None:
        self._ring = ring
        self._database = database

    def handlers(self) -> dict[str, Handler]:
        """By kind of outbox event."""
        return {KIND: self.tell}

    async def tell(self, due: Due) -> None:
        """Mail the owner, if there is one."""
        await self._database.write(tell, self._ring, due.payload)


def tell(unit: Unit, ring: KeyRing, payload: Mapping[str, Any]) -> None:
    """Mail the owner of the name, if it is somebody's who can sign in."""
    typed = ring.open(bytes.fromhex(payload["typed"]), TYPED).decode("utf-8", "surrogatepass")
    account = by_username(unit, typed)
    if account is None or not account.is_active:
        return
    letter = SignInAttempts(
        account_number=account.number,
        attempts=payload["attempts"],
        knows_password=int(payload["knows_password"]),
    )
    mail.send(unit, letter, to=account.email, language=account.language)
