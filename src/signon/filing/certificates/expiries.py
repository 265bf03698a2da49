"""The looks at certificates: who is told that one runs out, whose rights rest, whose go on.

That nobody files on one that has run out is said at each use (`training.has_lapsed`); the look of
every hour writes it down and lets the court sign the filer out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, select, update

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

Rule = Callable[[Unit, Settings, Mapping[str, Court], str], tuple[int, str | None]]
BATCH = 100
"""Rights or certificates in one unit."""


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
    values = {"after": after, "today": unit.now.date() + timedelta(days=1), "limit": BATCH}
    return _reconsider(unit, settings, courts, list(unit.execute(_LAPSED, values)))


def let_go_on(
    unit: Unit, settings: Settings, courts: Mapping[str, Court], after: str
) -> tuple[int, str | None]:
    """Rights that are not in force: a court may ask for less training than it did."""
    rows = list(unit.execute(_NOT_IN_FORCE, {"after": after, "limit": BATCH}))
    return _reconsider(unit, settings, courts, rows)


def _reconsider(
    unit: Unit, settings: Settings, courts: Mapping[str, Court], rows: Sequence[Any]
) -> tuple[int, str | None]:
    changed = 0
    for row in rows:
        account = directory.by_id(unit, row.account_id)
        assert account is not None
        court = courts[row.court_id]
        after = certification.reconsider(unit, settings, court, account, actor=trail.SYSTEM)
        changed += after is not None and after.status.value != row.status
    return changed, rows[-1].id if len(rows) == BATCH else None


def give_notice(
    unit: Unit, settings: Settings, courts: Mapping[str, Court], after: str
) -> tuple[int, str | None]:
    """Mail whoever's certificate runs out within the days of either notice, once for each."""
    told = 0
    longest = max(settings.certificate_notice_days, settings.certificate_last_notice_days)
    values = {
        "after": after,
        "today": unit.now.date(),
        "until": unit.now.date() + timedelta(days=longest),
        "limit": BATCH,
    }
    rows = list(unit.execute(_RUNNING_OUT, values))
    for row in rows:
        court = courts[row.court_id]
        if _is_due(unit, settings, court, row) and _take(unit, row):
            _tell(unit, court, row)
            told += 1
    return told, rows[-1].id if len(rows) == BATCH else None


def _is_due(unit: Unit, settings: Settings, court: Court, row: Any) -> bool:
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


def _take(unit: Unit, row: Any) -> bool:
    """Of two processes one mails it."""
    values = {"of": row.id, "before": row.notified_at, "now": unit.now}
    return unit.execute(_NOTIFY, values).rowcount == 1


def _tell(unit: Unit, court: Court, row: Any) -> None:
    account = directory.by_id(unit, row.account_id)
    assert account is not None
    letter = CertificateExpires(
        account_number=account.number,
        court=court.name,
        court_id=court.id,
        role=ROLES[Role(row.role)].label,
        expires_on=f"{row.expires_on:%B} {row.expires_on.day}, {row.expires_on.year}",
        training_url=court.policy.training_url or "",
    )
    mail.send(unit, letter, to=account.email)


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
_LAPSED = (
    select(rights.c.id, rights.c.account_id, rights.c.court_id, rights.c.status)
    .select_from(certifications.join(rights, _OF_RIGHT))
    .where(
        # the courts' calendars are behind ours or beside it: each is looked at by its own
        certifications.c.expires_on < bindparam("today"),
        certifications.c.withdrawn_at.is_(None),
        _NO_LATER,
        rights.c.id > bindparam("after"),
    )
    .distinct()
    .order_by(rights.c.id)
    .limit(bindparam("limit"))
)
_NOT_IN_FORCE = (
    select(rights.c.id, rights.c.account_id, rights.c.court_id, rights.c.status)
    .where(
        rights.c.status != RightStatus.ACTIVE.value,
        rights.c.ended_at.is_(None),
        rights.c.id > bindparam("after"),
    )
    .order_by(rights.c.id)
    .limit(bindparam("limit"))
)
_RUNNING_OUT = (
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
        certifications.c.expires_on.between(bindparam("today"), bindparam("until")),
        certifications.c.withdrawn_at.is_(None),
        _NO_LATER,
        certifications.c.id > bindparam("after"),
    )
    .order_by(certifications.c.id)
    .limit(bindparam("limit"))
)
_BEFORE = bindparam("before", type_=certifications.c.notified_at.type)
_NOTIFY = (
    update(certifications)
    .where(
        certifications.c.id == bindparam("of"),
        certifications.c.notified_at.is_not_distinct_from(_BEFORE),
    )
    .values(notified_at=bindparam("now"))
)
