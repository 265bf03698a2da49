"""A right's last day, by the court's calendar: pro hac vice ends, and the filer is told in time.

That nobody files after it is said at each use (`filing_status`); the look of every hour writes it
down and lets the court sign the filer out.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, Update, select, tuple_, update

from signon.accounts import directory
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court, read_all
from signon.db import Database, Unit
from signon.errors import InputError
from signon.filing.court.desk import Desk, Power
from signon.filing.models import rights as table
from signon.filing.rights import filers, rights, training
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import LAST_DAY
from signon.filing.roles import Admission, admission_of
from signon.prepared import change, every, given
from signon.web.acts import Act
from signon.web.dates import day_in_words
from signon.words.sentences import _, together

NOTICES = (7, 30)
"""Days before the last day on which the filer is told, the last notice first."""
BATCH = 100


class Terms(NamedTuple):
    """What a clerk sets: `admission` of an attorney (empty: as it is), `last_day` as YYYY-MM-DD, or
    empty for none.
    """

    admission: str = ""
    last_day: str = ""


def is_over(court: Court, last_day: date | None, now: datetime) -> bool:
    """Whether that day is past, by the court's calendar."""
    return last_day is not None and last_day < training.today(court, now)


def set_terms(unit: Unit, desk: Desk, number: str, wanted: Terms) -> Filer:
    """Set how an attorney is admitted, and the last day.

    Raises InputError, NotFoundError, RefusedError (`own_account`, `frozen`).
    """
    filer = filers.held(unit, desk, number)
    filers.require_unfrozen(filer.account)
    before = filer.right
    last_day = chosen(unit, desk, wanted.last_day, before.last_day)
    over = is_over(desk.court, last_day, unit.now)
    after = rights.change(
        unit,
        before,
        Event.RIGHT_CHANGED,
        actor=desk.actor,
        admission=_admission(before, wanted.admission),
        last_day=last_day,
        suspended_by=tuple(one for one in before.suspended_by if one != LAST_DAY or over),
    )
    if after == before:
        return filer
    if after.last_day != before.last_day:
        note_told(unit, before.id)
    filers.tell(unit, desk.court, filer.account, _sentence(after))
    return Filer(filer.account, after)


SET = Act(
    "terms",
    set_terms,
    needs=Power.FILERS,
    done="Admission and last day are as they stand here now. The filer is told by mail.",
)


def note_told(unit: Unit, right_id: str) -> None:
    """The mail that says what the last day is was the first notice."""
    _set(unit, right_id, unit.now)


def chosen(unit: Unit, desk: Desk, typed: str, before: date | None = None) -> date | None:
    """The day that was typed as YYYY-MM-DD, or None. Raises InputError: it is none, or over and not
    the one from `before`.
    """
    if not typed.strip():
        return None
    try:
        found = date.fromisoformat(typed.strip())
    except ValueError:
        raise InputError("Write the day as YYYY-MM-DD.", field="last_day") from None
    if found != before and is_over(desk.court, found, unit.now):
        raise InputError(
            "That day is past: choose a later one. To end rights now, suspend them or end them.",
            field="last_day",
        )
    return found


def _admission(right: rights.Right, wanted: str) -> str | None:
    usual = admission_of(right.roles, right.cases)
    if not wanted or usual is None:
        return right.admission
    if usual is Admission.PRO_HAC_VICE or wanted not in {
        Admission.FULL,
        Admission.FEDERAL_ATTORNEY,
    }:
        if wanted == right.admission:
            return wanted
        raise InputError(
            "Whoever is limited to cases is admitted pro hac vice: take the limit away first."
            if usual is Admission.PRO_HAC_VICE
            else "Choose full or federal attorney; pro hac vice comes with a limit to cases.",
            field="admission",
        )
    return wanted


ADMISSIONS: Mapping[str, str] = {
    Admission.FULL: _("full"),
    Admission.PRO_HAC_VICE: _("pro hac vice"),
    Admission.FEDERAL_ATTORNEY: _("federal attorney"),
}


def _sentence(right: rights.Right) -> str:
    known = right.admission
    admission = ADMISSIONS[known] if known else ""
    return together(
        _("The court has changed the terms of your filing rights there."),
        _("Admission: {admission}.", admission=admission) if admission else "",
        _("Their last day is {day}.", day=day_in_words(right.last_day))
        if right.last_day
        else _("They have no last day."),
    )


# ── What every hour does ─────────────────────────────────────────────────────


class _Ending(NamedTuple):
    id: str
    account_id: str
    court_id: str
    last_day: date
    last_day_told_at: datetime | None


async def look(database: Database) -> int:
    """Rest what is over, and tell whoever's last day comes; answers how many of both."""
    courts = await database.read(read_all)
    done, after = 0, (date.min, "")
    while True:
        rows = await database.write(_look, courts, *after)
        done += len(rows)
        if len(rows) < BATCH:
            return done
        after = rows[-1].last_day, rows[-1].id


def _look(unit: Unit, courts: Mapping[str, Court], day: date, after: str) -> list[_Ending]:
    until = unit.now.date() + timedelta(days=max(NOTICES) + 1)
    rows = _ending(unit, day, after, until, BATCH)
    for row in rows:
        court = courts[row.court_id]
        if is_over(court, row.last_day, unit.now):
            _rest(unit, row)
        elif _is_due(unit, court, row) and _told(unit, row.id, row.last_day_told_at, unit.now):
            _notify(unit, court, row)
    return rows


def _rest(unit: Unit, row: _Ending) -> None:
    right = rights.held(unit, row.account_id, row.court_id)
    if right is None or right.id != row.id or LAST_DAY in right.suspended_by:
        return
    rights.change(
        unit,
        right,
        Event.RIGHT_SUSPENDED,
        actor=trail.SYSTEM,
        suspended_by=(*right.suspended_by, LAST_DAY),
    )


def _is_due(unit: Unit, court: Court, row: _Ending) -> bool:
    """Whether one of the two notices has not gone yet."""
    days = (row.last_day - training.today(court, unit.now)).days
    for notice in NOTICES:
        if days <= notice:
            begins = row.last_day - timedelta(days=notice)
            before = row.last_day_told_at
            return before is None or training.today(court, before) < begins
    return False


def _notify(unit: Unit, court: Court, row: _Ending) -> None:
    account = directory.by_id(unit, row.account_id)
    assert account is not None
    day = day_in_words(row.last_day)
    told = _("Your filing rights there end: {day} is their last day.", day=day)
    step = _("If you need to file there longer, ask the court before then.")
    filers.tell(unit, court, account, told, next_step=step)


@every(_Ending)
def _ending(day: date, after: str, until: date, limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            table.c.id,
            table.c.account_id,
            table.c.court_id,
            table.c.last_day,
            table.c.last_day_told_at,
        )
        .where(
            table.c.last_day.is_not(None),
            table.c.ended_at.is_(None),
            table.c.last_day <= until,
            table.c.status == "active",
            # by the day first: with the id alone, each batch would walk them all
            tuple_(table.c.last_day, table.c.id) > tuple_(given(day), given(after)),
        )
        .order_by(table.c.last_day, table.c.id)
        .limit(limit)
    )


@change
def _told(right_id: str, before: datetime | None, now: datetime) -> Update:
    """Of two processes one mails it."""
    unchanged = table.c.last_day_told_at.is_not_distinct_from(before)
    return update(table).where(table.c.id == right_id, unchanged).values(last_day_told_at=now)


@change
def _set(right_id: str, now: datetime) -> Update:
    return update(table).where(table.c.id == right_id).values(last_day_told_at=now)
