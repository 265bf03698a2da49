"""Telling of guesses at a legacy login: its holder's address on file, and the court's desk.

What was typed waits, sealed, in the outbox, and a login is looked up after the answer is given, so
that nothing tells whether there is one. Everybody hears of each kind once a day at most; the
court's activity has a line for each login.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from signon.accounts import directory
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.courts import staff
from signon.courts.registry import Court, read_one
from signon.courts.staff import StaffRole
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.filing.court import court_policy
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin, email_key
from signon.filing.linking.guesses import Counted, Guesses
from signon.limits import counters
from signon.notices import mail
from signon.notices.login_attempts import LoginAttempts
from signon.outbox import events
from signon.outbox.events import Due, Handler

KIND = "legacy_login:guessed"
"""Kind of the outbox event for a login that somebody goes on guessing at."""
REPORTED = "link_guess_reports"
"""Bucket: reports of guesses at one login, known or not, within a day."""
TOLD = "link_guess_notices"
"""Bucket: notices to one address, or to one court's desk, within a day."""
DAY = timedelta(days=1)
TYPED = "guessed_login"
"""What the login is sealed for while it waits: people type passwords there."""
LONGEST = 65
"""Characters of it that are kept: no login has so many."""
GUESSED, TAKEN = "guessed", "right_password"
"""What is told: wrong passwords, or the right one of a login that is linked elsewhere."""
HEAR = (frozenset({StaffRole.ADMINISTRATOR, StaffRole.HELP_DESK}), frozenset({StaffRole.CLERK}))
"""Who of a court's staff is told: the first group that has anybody."""


def report(
    unit: Unit,
    ring: KeyRing,
    settings: Settings,
    court: Court,
    typed: str,
    counted: Counted,
) -> None:
    """Another wrong password: from the fifth on, let those know whom it concerns."""
    if counted.guesses < settings.link_failures:
        return
    key = Guesses(ring, settings).key_of(court, typed)
    if counters.hit(unit, REPORTED, key, window=DAY).count == 1:
        sealed = ring.seal(typed[:LONGEST].encode("utf-8", "surrogatepass"), TYPED).hex()
        payload = {"court": court.id, "typed": sealed, "guesses": counted.guesses}
        events.put(unit, KIND, payload | {"is_own": counted.is_own})


class GuessNotices:
    """The outbox's handler for logins that are guessed at."""

    def __init__(self, ring: KeyRing, database: Database) -> None:
        self._ring = ring
        self._database = database

    def handlers(self) -> dict[str, Handler]:
        """By kind of outbox event."""
        return {KIND: self.tell}

    async def tell(self, due: Due) -> None:
        """Mail whom it concerns, if there is such a login."""
        await self._database.write(tell, self._ring, due.payload)


def tell(unit: Unit, ring: KeyRing, payload: Mapping[str, Any]) -> None:
    """Tell of wrong passwords for a login, if the court has it; of its owner's the owner only."""
    typed = ring.open(bytes.fromhex(payload["typed"]), TYPED).decode("utf-8", "surrogatepass")
    court = read_one(unit, payload["court"])
    login = legacy_logins.by_login(unit, court.id, typed)
    if login is None:
        return
    addresses = [login.email]
    if not payload["is_own"]:
        _record(unit, court, login, GUESSED)
        addresses += _desk(unit, ring, court, GUESSED)
    _mail(unit, ring, court, login, GUESSED, addresses, guesses=payload["guesses"])


def tell_taken(unit: Unit, ring: KeyRing, court: Court, login: LegacyLogin, by: str) -> None:
    """Somebody (the account number `by`) knows the password of a login that is linked elsewhere."""
    _record(unit, court, login, TAKEN)
    holder = directory.by_id(unit, login.holder or "")
    addresses = [login.email, *([holder.email] if holder else [])]
    addresses += _desk(unit, ring, court, TAKEN)
    _mail(unit, ring, court, login, TAKEN, addresses, by=by)


def _record(unit: Unit, court: Court, login: LegacyLogin, what: str) -> None:
    trail.record(
        unit,
        Event.LEGACY_LOGIN_SUSPECTED,
        actor=trail.SYSTEM,
        court_id=court.id,
        reason=what,
        legacy_login=login.id,
    )


def _desk(unit: Unit, ring: KeyRing, court: Court, what: str) -> list[str]:
    """The court's staff who hear of it, else its help desk; nobody for the rest of the day."""
    if not _is_first(unit, ring, f"{what} {court.id}"):
        return []
    active = [one for one in staff.members(unit, court.id) if one.account.is_active]
    for roles in HEAR:
        if some := [one.account.email for one in active if one.role in roles]:
            return some
    return [court.policy.help_email] if court.policy.help_email else []


def _mail(
    unit: Unit,
    ring: KeyRing,
    court: Court,
    login: LegacyLogin,
    what: str,
    addresses: list[str],
    *,
    guesses: int = 0,
    by: str = "",
) -> None:
    letter = LoginAttempts(
        court=court.name,
        court_id=court.id,
        login=login.login,
        guesses=guesses,
        knows_password=int(what == TAKEN),
        account_number=by,
        help_desk=court_policy.help_desk(court),
    )
    each = {email_key(one): one for one in addresses if one}
    letters = [
        (address, letter) for key, address in each.items() if _is_first(unit, ring, f"{what} {key}")
    ]
    mail.send_many(unit, letters)


def _is_first(unit: Unit, ring: KeyRing, counted: str) -> bool:
    return counters.hit(unit, TOLD, ring.mac(TOLD, counted.encode()), window=DAY).count == 1
