"""The looks at certificates: who is told that one runs out, whose rights rest, whose go on.

That nobody files on one that has run out is said at each use (`training.has_lapsed`); the look of
every hour writes it down and lets the court sign the filer out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, Update, and_, exists, literal_column, select, tuple_, update

from signon.accounts import directory
from signon.audit import trail
from signon.config import Settings
from signon.courts.registry import Court, read_all
from signon.db import Database, Unit
from signon.filing.certificates import certification
from signon.filing.models import certifications, rights
from signon.filing.rights import training
from signon.filing.rights.filing_status import RightStatus
from signon.filing.roles import ROLES, Role
from signon.notices import mail
from signon.notices.certificate_expires import CertificateExpires
from signon.prepared import change, every, given
from signon.web.dates import day_in_words

Rule = Callable[[Unit, Settings, Mapping[str, Court], str], tuple[int, str | None]]
BATCH = 100
"""Rights or certificates in one unit."""


class _Right(NamedTuple):
    id: str
    account_id: str
    court_id: str
    status: str


class _Certificate(NamedTuple):
    id: str
    account_id: str
    court_id: str
    role: str
    expires_on: date
    notified_at: datetime | None
    roles: list[str]


async def look(database: Database, settings: Settings) -> int:
    """Reconsider whoever a day may have changed, and mail notices; answers how many of both."""
    return await _run(database, settings, rest_lapsed, let_go_on, give_notice)


async def look_for_lapsed(database: Database, settings: Settings) -> int:
    """What every hour may change: it is midnight somewhere. Answers how many rights rest."""
    return await _run(database, settings, rest_lapsed)


async def _run(database: Database, settings: Settings, *rules: Rule) -> int:
    courts = await database.read(read_all)
    done = 0
    for rule in rules:
        after: str | None = ""
        while after is not None:
            some, after = await database.write(rule, settings, courts, after)
            done += some
    return done


def rest_lapsed(
    unit: Unit, settings: Settings, courts: Mapping[str, Court], after: str
) -> tuple[int, str | None]:
    """Rights in force with a certificate that has expired and no later one for its role."""
    rows = _lapsed(unit, *_place(after), unit.now.date() + timedelta(days=1), BATCH)
    changed = _reconsider(unit, settings, courts, [row.right for row in rows])
    return changed, f"{rows[-1].expires_on} {rows[-1].id}" if len(rows) == BATCH else None


def let_go_on(
    unit: Unit, settings: Settings, courts: Mapping[str, Court], after: str
) -> tuple[int, str | None]:
    """Rights that are not in force: a court may ask for less training than it did."""
    court_id, _, right_id = after.partition(" ")
    rows = _not_in_force(unit, court_id, right_id, BATCH)
    changed = _reconsider(unit, settings, courts, rows)
    return changed, f"{rows[-1].court_id} {rows[-1].id}" if len(rows) == BATCH else None


def _reconsider(
    unit: Unit, settings: Settings, courts: Mapping[str, Court], rows: Sequence[_Right]
) -> int:
    changed = 0
    for row in rows:
        account = directory.by_id(unit, row.account_id)
        assert account is not None
        court = courts[row.court_id]
        after = certification.reconsider(unit, settings, court, account, actor=trail.SYSTEM)
        changed += after is not None and after.status.value != row.status
    return changed


def _place(after: str) -> tuple[date, str]:
    """The day and the id after which a batch goes on: with the id alone, each would walk them all."""
    day, _, certificate_id = after.partition(" ")
    return date.fromisoformat(day) if day else date.min, certificate_id


def give_notice(
    unit: Unit, settings: Settings, courts: Mapping[str, Court], after: str
) -> tuple[int, str | None]:
    """Mail whoever's certificate runs out within the days of either notice, once for each."""
    told = 0
    longest = max(settings.certificate_notice_days, settings.certificate_last_notice_days)
    today = unit.now.date()
    rows = _running_out(unit, *_place(after), today, today + timedelta(days=longest), BATCH)
    for row in rows:
        court = courts[row.court_id]
        if _is_due(unit, settings, court, row) and _take(unit, row):
            _tell(unit, court, row)
            told += 1
    return told, f"{rows[-1].expires_on} {rows[-1].id}" if len(rows) == BATCH else None


def _is_due(unit: Unit, settings: Settings, court: Court, row: _Certificate) -> bool:
    """Whether one of the two notices has not gone yet, to somebody who needs the certificate."""
    days = (row.expires_on - training.today(court, unit.now)).days
    if row.role not in training.wanted(court, row.roles):
        return False
    for notice in (settings.certificate_last_notice_days, settings.certificate_notice_days):
        if days <= notice:
            begins = row.expires_on - timedelta(days=notice)
            before = row.notified_at and training.today(court, row.notified_at)
            return before is None or before < begins
    return False


def _take(unit: Unit, row: _Certificate) -> bool:
    """Of two processes one mails it."""
    return _notify(unit, row.id, row.notified_at, unit.now) == 1


def _tell(unit: Unit, court: Court, row: _Certificate) -> None:
    account = directory.by_id(unit, row.account_id)
    assert account is not None
    letter = CertificateExpires(
        account_number=account.number,
        court=court.name,
        court_id=court.id,
        role=ROLES[Role(row.role)].label,
        expires_on=day_in_words(row.expires_on),
        training_url=court.policy.training_url or "",
    )
    mail.send(unit, letter, to=account.email, language=account.language)


_LATER = certifications.alias("later")
_NO_LATER = ~exists().where(
    _LATER.c.account_id == certifications.c.account_id,
    _LATER.c.court_id == certifications.c.court_id,
    _LATER.c.role == certifications.c.role,
    _LATER.c.withdrawn_at.is_(None),
    _LATER.c.expires_on.is_(None) | (_LATER.c.expires_on > certifications.c.expires_on),
)
_OF_RIGHT = and_(
    rights.c.account_id == certifications.c.account_id,
    rights.c.court_id == certifications.c.court_id,
    rights.c.ended_at.is_(None),
    rights.c.status == RightStatus.ACTIVE.value,
)
_RIGHT = (rights.c.id, rights.c.account_id, rights.c.court_id, rights.c.status)


class _Lapsed(NamedTuple):
    id: str
    expires_on: date
    right: _Right


def _lapsed_row(certificate_id: str, expires_on: date, *right: str) -> _Lapsed:
    return _Lapsed(certificate_id, expires_on, _Right(*right))


_PLACE = tuple_(certifications.c.expires_on, certifications.c.id)


@every(_lapsed_row)
def _lapsed(day: date, after: str, today: date, limit: int) -> Select[*tuple[Any, ...]]:
    right = (column.label(f"right_{column.name}") for column in _RIGHT)
    return (
        select(certifications.c.id, certifications.c.expires_on, *right)
        .select_from(certifications.join(rights, _OF_RIGHT))
        .where(
            # the courts' calendars are behind ours or beside it: each is looked at by its own
            certifications.c.expires_on < today,
            certifications.c.withdrawn_at.is_(None),
            _NO_LATER,
            tuple_(given(day), given(after)) < _PLACE,
        )
        .order_by(certifications.c.expires_on, certifications.c.id)
        .limit(limit)
    )


@every(_Right)
def _not_in_force(court_id: str, after: str, limit: int) -> Select[str, str, str, str]:
    return (
        select(*_RIGHT)
        .where(
            # written out, so that the index of these few is walked, once
            rights.c.status != literal_column("'active'"),
            rights.c.ended_at.is_(None),
            tuple_(rights.c.court_id, rights.c.id) > tuple_(given(court_id), given(after)),
        )
        .order_by(rights.c.court_id, rights.c.id)
        .limit(limit)
    )


@every(_Certificate)
def _running_out(
    day: date, after: str, today: date, until: date, limit: int
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            certifications.c.id,
            certifications.c.account_id,
            certifications.c.court_id,
            certifications.c.role,
            certifications.c.expires_on,
            certifications.c.notified_at,
            rights.c.roles,
        )
        .select_from(certifications.join(rights, _OF_RIGHT))
        .where(
            certifications.c.expires_on.between(today, until),
            certifications.c.withdrawn_at.is_(None),
            _NO_LATER,
            tuple_(given(day), given(after)) < _PLACE,
        )
        .order_by(certifications.c.expires_on, certifications.c.id)
        .limit(limit)
    )


@change
def _notify(certificate_id: str, before: datetime | None, now: datetime) -> Update:
    return (
        update(certifications)
        .where(
            certifications.c.id == certificate_id,
            certifications.c.notified_at.is_not_distinct_from(before),
        )
        .values(notified_at=now)
    )
