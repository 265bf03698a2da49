"""Old logins of a court that may be an applicant's: by the address on file, the bar number, the name.

The clerk sees them beside the registration. The applicant never learns of them here, because bar
numbers and names are public: everybody reads the same hint to link what they have. Whoever reads
the address on file is mailed, after the answer, unless only the name is the same: many bear one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, or_, select

from signon.accounts import directory, own_data
from signon.accounts.directory import Account
from signon.courts.registry import Court, read_one
from signon.db import Database, Unit
from signon.filing.court import court_policy
from signon.filing.legacy_logins import bar_numbers, legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import names
from signon.filing.models import legacy_logins as table
from signon.filing.registrations import registrations
from signon.filing.registrations.registrations import Registration
from signon.limits import counters
from signon.notices import mail
from signon.notices.old_login_matched import OldLoginMatched
from signon.outbox import events
from signon.outbox.events import Due, Handler
from signon.prepared import values

KIND = "registration:sent"
MOST = 20
"""Logins that one registration is compared with."""
MOST_BARS = 10
TOLD, TOLD_A_DAY = "old_login_notices", 2
"""Bucket: mails to one address within a day; accounts are free, and mailboxes are not to be filled."""


class Because(StrEnum):
    """What is the same."""

    EMAIL = "email"
    BAR_NUMBER = "bar_number"
    NAME = "name"


WORDS: Mapping[Because, str] = {
    Because.EMAIL: "same address",
    Because.BAR_NUMBER: "same bar number",
    Because.NAME: "same name",
}


@dataclass(frozen=True, slots=True)
class Match:
    """An old login, and what it has in common with the applicant."""

    login: LegacyLogin
    because: tuple[Because, ...]

    @property
    def in_words(self) -> str:
        """Why it is shown."""
        return ", ".join(WORDS[one] for one in self.because)


def of_registration(unit: Unit, there: Registration, account: Account) -> list[Match]:
    """What a court's logins have in common with what was sent, the nearest first."""
    return of_account(unit, there.court_id, account, _bars(there.answers))


def of_account(
    unit: Unit, court_id: str, account: Account, bars: tuple[str, ...] = ()
) -> list[Match]:
    """The same for somebody, and the bar numbers that they have named."""
    # only an address that was proved says whose it is
    is_proved = own_data.find(unit, account.id).email_verified
    email = legacy_logins.email_key(account.email) if is_proved else ""
    keys = [bar_numbers.key(one) for one in bars]
    found = _like(unit, court_id, email, (account.last_name or "").lower(), *keys)
    logins = [legacy_logins.by_id(unit, login_id) for login_id in found]
    matches = [Match(one, tuple(_because(one, account, email, bars))) for one in logins if one]
    return sorted((one for one in matches if one.because), key=lambda one: -len(one.because))


def note_sent(unit: Unit, there: Registration) -> None:
    """Look after the answer: neither its words nor its time tell whether there is a login."""
    events.put(unit, KIND, {"registration": there.id, "account": there.account_id})


class OldLoginNotices:
    """The outbox's handler for registrations that were sent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def handlers(self) -> dict[str, Handler]:
        """By kind of outbox event."""
        return {KIND: self.tell}

    async def tell(self, due: Due) -> None:
        """Look and mail, in one unit."""
        await self._database.write(_tell, due.payload)


def _tell(unit: Unit, payload: Mapping[str, Any]) -> None:
    there = registrations.own(unit, payload["account"], payload["registration"])
    account = directory.by_id(unit, there.account_id)
    assert account is not None
    court = read_one(unit, there.court_id)
    for one in of_registration(unit, there, account):
        if one.login.email and one.because != (Because.NAME,) and _may_tell(unit, one.login):
            _mail(unit, court, one.login)


def _may_tell(unit: Unit, login: LegacyLogin) -> bool:
    key = unit.ring.mac(TOLD, login.email.casefold().encode())
    return counters.hit(unit, TOLD, key, window=timedelta(days=1)).count <= TOLD_A_DAY


def _mail(unit: Unit, court: Court, login: LegacyLogin) -> None:
    letter = OldLoginMatched(
        court=court.name,
        court_id=court.id,
        login=login.login,
        help_desk=court_policy.help_desk(court),
    )
    mail.send(unit, letter, to=login.email)


def _because(
    login: LegacyLogin, account: Account, email: str, bars: tuple[str, ...]
) -> Iterator[Because]:
    if email and legacy_logins.email_key(login.email) == email:
        yield Because.EMAIL
    if any(bar_numbers.are_alike(login.bar_id, one) for one in bars):
        yield Because.BAR_NUMBER
    if names.are_alike(account.first_name, account.last_name, login.first_name, login.last_name):
        yield Because.NAME


def _bars(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """What was written of bars, a number a line."""
    lines = str(answers.get("state_bars") or "").split("\n")
    return tuple(one for one in lines if bar_numbers.key(one))[:MOST_BARS]


@values
def _like(court_id: str, email: str, last_name: str, *keys: str) -> Select[str]:
    """Near enough to be looked at; `_because` decides."""
    # old lists leave addresses, names and numbers out: what is not there is not the same
    near = [
        (table.c.email_key == email) & (table.c.email_key != ""),
        (func.lower(table.c.last_name) == last_name) & (table.c.last_name != ""),
    ]
    is_near = or_(*near, bar_numbers.of_login.in_(keys)) if keys else or_(*near)
    found = select(table.c.id).where(table.c.court_id == court_id, is_near)
    return found.order_by(table.c.login_key).limit(MOST)
