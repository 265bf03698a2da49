"""A registration that a court has returned lapses, as a draft does that nobody touches.

It is kept for the days that the court's policy says since it was returned or worked on last; a week
before its last day the applicant is told. Then it counts as withdrawn: the applicant can begin
another one, and nothing open stands at the court for ever.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Update, literal_column, select, update

from signon.accounts import directory
from signon.accounts.directory import Account
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court, read_all
from signon.db import Database, Unit
from signon.filing.court import court_policy
from signon.filing.models import efile_registrations as table
from signon.filing.registrations import registrations, telling
from signon.filing.registrations.registrations import Registration, State
from signon.filing.rights import training
from signon.prepared import change, every
from signon.web.dates import day_in_words
from signon.words.sentences import _

NOTICE = timedelta(days=7)
BATCH = 100


class _Returned(NamedTuple):
    id: str
    account_id: str
    court_id: str
    updated_at: datetime
    lapse_told_at: datetime | None


def last_day(court: Court, updated_at: datetime) -> date:
    """Through which day one is kept that was returned or worked on then, by the court's calendar."""
    begun = updated_at.astimezone(ZoneInfo(court.time_zone)).date()
    return begun + timedelta(days=court_policy.returned_days(court))


async def look(database: Database, issuer: str) -> int:
    """End what is over and tell whoever's last day comes; answers how many were looked at."""
    courts = await database.read(read_all)
    done, after = 0, ""
    while True:
        rows = await database.write(partial(_look, issuer=issuer), courts, after)
        done += len(rows)
        if len(rows) < BATCH:
            return done
        after = rows[-1].id


def _look(unit: Unit, courts: Mapping[str, Court], after: str, *, issuer: str) -> list[_Returned]:
    soonest = timedelta(days=min(court_policy.RETURNED_DAYS)) - NOTICE - timedelta(days=1)
    rows = _returned(unit, after, unit.now - soonest, BATCH)
    for row in rows:
        court = courts[row.court_id]
        day, today = last_day(court, row.updated_at), training.today(court, unit.now)
        account = directory.by_id(unit, row.account_id)
        assert account is not None
        if day < today:
            _end(unit, court, account, row, issuer=issuer)
        elif _is_due(row, day - today) and _told(unit, row.id, row.lapse_told_at, unit.now):
            _tell(unit, court, account, day, issuer=issuer)
    return rows


def _is_due(row: _Returned, left: timedelta) -> bool:
    """Whether the notice has not gone since it was worked on last."""
    return left <= NOTICE and (row.lapse_told_at is None or row.lapse_told_at < row.updated_at)


def _end(unit: Unit, court: Court, account: Account, row: _Returned, *, issuer: str) -> None:
    """Unless it was sent again or worked on at this moment."""
    there: Registration = registrations.own(unit, account.id, row.id)
    if there.state is not State.RETURNED or there.updated_at != row.updated_at:
        return
    if not registrations.move(unit, there, State.WITHDRAWN, decided_at=unit.now):
        return
    registrations.note(unit, there, State.WITHDRAWN, Event.REGISTRATION_LAPSED, actor=trail.SYSTEM)
    telling.tell(
        unit,
        account,
        court,
        State.WITHDRAWN,
        issuer=issuer,
        headline=_("Your registration has ended"),
        what_next=_(
            "The court had returned it, and it was not sent again in time. You may register again at "
            "any time."
        ),
    )


def _tell(unit: Unit, court: Court, account: Account, day: date, *, issuer: str) -> None:
    telling.tell(
        unit,
        account,
        court,
        State.RETURNED,
        issuer=issuer,
        headline=_("Your registration ends soon"),
        what_next=_(
            "The court has returned it. Correct it and send it again by {day}, or it ends then.",
            day=day_in_words(day),
        ),
    )


@every(_Returned)
def _returned(after: str, until: datetime, limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(*(table.c[name] for name in _Returned._fields))
        .where(
            # written out, so that the index of these few rows is used
            table.c.state == literal_column("'returned'"),
            table.c.decided_at.is_(None),
            table.c.updated_at <= until,
            table.c.id > after,
        )
        .order_by(table.c.id)
        .limit(limit)
    )


@change
def _told(registration_id: str, before: datetime | None, now: datetime) -> Update:
    """Of two processes one mails it."""
    unchanged = table.c.lapse_told_at.is_not_distinct_from(before)
    return update(table).where(table.c.id == registration_id, unchanged).values(lapse_told_at=now)
