"""Mail to a court's staff for what waits: at once, or once a day with ages, as the court chose.

Of applicants the number stands there, never a name: what strangers write does not travel.
"""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from signon.courts import staff
from signon.courts.registry import Court, read_all
from signon.db import Database, Unit
from signon.filing.court import waiting
from signon.filing.court.ages import age
from signon.filing.court.desk import POWERS, Power
from signon.filing.registrations import backlog, queue
from signon.filing.registrations.answers import AskedFor
from signon.filing.registrations.registrations import Registration
from signon.limits import counters
from signon.notices import mail
from signon.notices.staff_intake import StaffIntake

EACH, DAILY = "each", "daily"
BEGINS = 7
"""The hour of the court's own morning at which the daily mail goes."""
SENT = "intake_mails"
"""Bucket: the daily mail of a court on a day."""
MOST = 20


def chosen(court: Court) -> str:
    """How the court wants it."""
    return court.policy.intake_mail or DAILY


def tell_at_once(unit: Unit, court: Court, there: Registration, number: str) -> None:
    """A registration was sent: let the staff know, if the court wants that at once."""
    if chosen(court) == EACH:
        line = f"Account {number} registers as {_asked(there)}."
        _mail(unit, court, "A registration waits for you", [line], 0)


async def tell_daily(database: Database) -> int:
    """Mail every court whose morning it is what waits there; answers at how many something did."""
    courts = await database.read(read_all)
    waits = {one.court_id for one in await database.read(backlog.of_courts)}
    told = 0
    for court in courts.values():
        if chosen(court) == DAILY:
            told += await database.write(_daily, court, has_registrations=court.id in waits)
    return told


def _daily(unit: Unit, court: Court, *, has_registrations: bool) -> bool:
    here = unit.now.astimezone(ZoneInfo(court.time_zone))
    if here.hour < BEGINS:
        return False
    found = waiting.at(unit, court.id)
    if not any(found):
        return False
    key = counters.key(f"{court.id}:{here.date().isoformat()}")
    if counters.hit(unit, SENT, key, window=timedelta(days=2)).count > 1:
        return False
    rows = queue.oldest(unit, court.id, MOST) if has_registrations else []
    lines = [
        f"Account {one.applicant.number} registers as {_asked(one.registration)} and has waited "
        f"{age(one.registration.submitted_at or unit.now, unit.now)}."
        for one in rows
    ]
    lines += _others(found)
    together = found.registrations + found.filers + found.requests
    what = f"{together} {'thing waits' if together == 1 else 'things wait'} for you"
    _mail(unit, court, what, lines, found.registrations - len(rows))
    return True


def _others(found: waiting.Waiting) -> Sequence[str]:
    named = (
        (found.filers, "under another name wait for your look"),
        (found.requests, "of colleagues wait for a second member of the staff"),
    )
    things = ("Links", "Requests")
    return [
        f"{thing} that {words}: {number}."
        for thing, (number, words) in zip(things, named, strict=True)
        if number
    ]


def _asked(there: Registration) -> str:
    return AskedFor(there.type, there.roles[0]).label


def _mail(unit: Unit, court: Court, what: str, lines: list[str], more: int) -> None:
    letter = StaffIntake(court.name, court.id, what, lines, max(0, more))
    mail.send_many(
        unit,
        [
            (member.account.email, letter)
            for member in staff.members(unit, court.id)
            if Power.DECIDE in POWERS[member.role]
            and member.account.is_active
            and member.account.frozen_at is None
        ],
    )
