"""The rows of waves: what is planned, what is under way, and whom it went to."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Delete,
    Insert,
    Select,
    Update,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon.accounts.models import unreachable_addresses
from signon.courts.models import courts
from signon.db import Unit
from signon.errors import NotFoundError
from signon.filing.cutover.states import OF_ACCOUNTS
from signon.filing.cutover.waves.models import unsubscribed, wave_mails, waves
from signon.filing.models import legacy_logins
from signon.prepared import change, every, one, value, values
from signon.web import preconditions


class Wave(NamedTuple):
    """One of a court's, as it stands (`models.waves`)."""

    id: str
    court_id: str
    days_before: int
    states: Sequence[str]
    opening: str
    closing: str
    planned_at: datetime
    tried_at: datetime | None
    begun_at: datetime | None
    begun_on: date | None
    chosen: Sequence[str] | None
    stopped_at: datetime | None
    finished_at: datetime | None

    @property
    def is_before(self) -> bool:
        """Whether it goes out before the day."""
        return self.days_before > 0

    @property
    def is_open(self) -> bool:
        """Whether anything of it is still to be sent."""
        return self.stopped_at is None and self.finished_at is None

    @property
    def has_words(self) -> bool:
        """Whether the court says anything of its own."""
        return bool(self.opening or self.closing)

    @property
    def by_account(self) -> bool:
        """Whether it chooses by what is known of accounts: then nobody learns any number."""
        return not set(self.states).isdisjoint(OF_ACCOUNTS)

    @property
    def etag(self) -> str:
        """Another one whenever it changes."""
        return preconditions.etag_of(*self)

    @property
    def lane(self) -> str:
        """Of its mails in the outbox."""
        return f"wave:{self.id}"


class Numbers(NamedTuple):
    """How far a wave is: addresses in all, settled ones, those of them with a mail, and of these
    the ones that mail did not reach.
    """

    chosen: int
    settled: int
    mailed: int
    bounced: int


class ToDo(NamedTuple):
    """What became of an address, to be written down."""

    address: str
    mail_id: str | None = None
    digest: bytes | None = None


_READ = select(*(waves.c[name] for name in Wave._fields))
_PLANNED = waves.c.begun_at.is_(None)
_OPEN = waves.c.stopped_at.is_(None) & waves.c.finished_at.is_(None)


@every(Wave)
def of_court(court_id: str) -> Select[*tuple[Any, ...]]:
    """All of a court's, the earliest day first."""
    order = waves.c.days_before.desc(), waves.c.planned_at, waves.c.id
    return _READ.where(waves.c.court_id == court_id).order_by(*order)


@every(Wave)
def unfinished() -> Select[*tuple[Any, ...]]:
    """Of all courts, what may still be sent."""
    return _READ.where(_OPEN).order_by(waves.c.court_id, waves.c.days_before)


def find(unit: Unit, court_id: str, wave_id: str) -> Wave:
    """One of a court's. Raises NotFoundError."""
    found = _by_id(unit, wave_id, court_id)
    if found is None:
        raise NotFoundError("The court has no such wave.")
    return found


@one(Wave)
def _by_id(wave_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    return _READ.where(waves.c.id == wave_id, waves.c.court_id == court_id)


@one(Wave)
def hold(wave_id: str) -> Select[*tuple[Any, ...]]:
    """One that nobody else changes, sends or stops until the unit ends."""
    return _READ.where(waves.c.id == wave_id).with_for_update()


@value
def add(new: Wave) -> ReturningInsert[str]:
    """Plan one; None when one is planned for that day."""
    made = insert(waves).values(**new._asdict())
    return made.on_conflict_do_nothing().returning(waves.c.id)


@change
def rewrite(
    wave_id: str,
    days_before: int,
    states: Sequence[str],
    opening: str,
    closing: str,
    tried_at: datetime | None,
) -> Update:
    """Change one that has not begun."""
    given = {"days_before": days_before, "states": states, "tried_at": tried_at}
    planned = update(waves).where(waves.c.id == wave_id, _PLANNED)
    return planned.values(**given, opening=opening, closing=closing)


@value
def is_planned(court_id: str, days_before: int, other_than: str) -> Select[str]:
    """Whether another wave is planned for that day."""
    return select(waves.c.id).where(
        waves.c.court_id == court_id,
        waves.c.days_before == days_before,
        waves.c.id != other_than,
        _PLANNED,
    )


@change
def note_trial(court_id: str, opening: str, closing: str, now: datetime) -> Update:
    """These words were sent to whoever wrote them, in whichever wave they stand."""
    same = waves.c.opening == opening, waves.c.closing == closing
    return update(waves).where(waves.c.court_id == court_id, *same).values(tried_at=now)


@change
def remove(wave_id: str) -> Delete:
    """Take away one that has not begun."""
    return delete(waves).where(waves.c.id == wave_id, _PLANNED)


@change
def begin(wave_id: str, chosen: Sequence[str], today: date, now: datetime) -> Update:
    """It goes out from now on; of two that begin on one day the constraint lets one."""
    due = update(waves).where(waves.c.id == wave_id, _PLANNED, _OPEN)
    return due.values(begun_at=now, begun_on=today, chosen=chosen)


@change
def stop(wave_id: str, now: datetime) -> Update:
    """Nothing more of it is sent."""
    return update(waves).where(waves.c.id == wave_id, ~_PLANNED, _OPEN).values(stopped_at=now)


@change
def finish(wave_id: str, now: datetime) -> Update:
    """All of it is settled."""
    return update(waves).where(waves.c.id == wave_id, _OPEN).values(finished_at=now)


# ── Whom it goes to ──────────────────────────────────────────────────────────


@values
def to_do(wave_id: str, limit: int) -> Select[str]:
    """The next addresses that are not settled."""
    open_ = wave_mails.c.wave_id == wave_id, wave_mails.c.settled_at.is_(None)
    return select(wave_mails.c.address).where(*open_).order_by(wave_mails.c.address).limit(limit)


def settle(unit: Unit, wave_id: str, told_day: datetime | None, done: Sequence[ToDo]) -> None:
    """Write down what became of addresses, each once."""
    own = (
        update(wave_mails)
        .where(
            wave_mails.c.wave_id == wave_id,
            wave_mails.c.address == bindparam("of_address"),
            wave_mails.c.settled_at.is_(None),
        )
        .values(
            settled_at=unit.now,
            told_day=told_day,
            mail_id=bindparam("new_mail_id"),
            digest=bindparam("new_digest"),
        )
    )
    rows = [
        {"of_address": each.address, "new_mail_id": each.mail_id, "new_digest": each.digest}
        for each in done
    ]
    unit.execute(own, rows)


@change
def unsettle(wave_id: str, mail_id: str) -> Update:
    """A mail was taken back before anybody had tried to deliver it."""
    own = update(wave_mails).where(wave_mails.c.wave_id == wave_id, wave_mails.c.mail_id == mail_id)
    return own.values(settled_at=None, mail_id=None)


class Outdated(NamedTuple):
    """A wave whose readers were told another day than its court has now."""

    id: str
    court_id: str


@every(Outdated)
def outdated(now: datetime) -> Select[str, str]:
    """Of courts that are not live yet."""
    ahead = courts.c.go_live.is_(None) | (courts.c.go_live > now)
    found = select(waves.c.id, waves.c.court_id).join(courts, courts.c.id == waves.c.court_id)
    other = courts.c.go_live.is_distinct_from(waves.c.told_day)
    return found.where(~_PLANNED, waves.c.days_before > 0, ahead, other).order_by(waves.c.id)


@values
def told_another(wave_id: str, day: datetime | None, limit: int) -> Select[str]:
    """Addresses to which a mail of the wave told another day."""
    mailed = wave_mails.c.wave_id == wave_id, wave_mails.c.mail_id.is_not(None)
    other = wave_mails.c.told_day.is_distinct_from(day)
    return (
        select(wave_mails.c.address)
        .where(*mailed, other)
        .order_by(wave_mails.c.address)
        .limit(limit)
    )


def tell(
    unit: Unit, court_id: str, day: datetime | None, addresses: Sequence[str]
) -> Sequence[str]:
    """Note the day that addresses are told, in all of the court's waves; answers those who did not
    know it: of two processes one mails it.
    """
    own = select(waves.c.id).where(waves.c.court_id == court_id)
    told = (
        update(wave_mails)
        .where(
            wave_mails.c.wave_id.in_(own),
            wave_mails.c.address.in_(addresses),
            wave_mails.c.told_day.is_distinct_from(day),
        )
        .values(told_day=day)
        .returning(wave_mails.c.address)
    )
    # a list of any length
    return sorted(set(unit.execute(told).scalars()))


@change
def all_told(wave_id: str, day: datetime | None) -> Update:
    """Everybody whom the wave told of a day knows this one."""
    return update(waves).where(waves.c.id == wave_id).values(told_day=day)


@one(Numbers)
def numbers(wave_id: str, since: datetime) -> Select[int, int, int, int]:
    """How far it is; `since` it began, an address that mail does not reach was refused then."""
    marked = unreachable_addresses
    failed = exists().where(
        marked.c.address == wave_mails.c.address,
        marked.c.works_since.is_(None),
        marked.c.since >= since,
    )
    mailed = wave_mails.c.mail_id.is_not(None)
    return select(
        func.count().label("chosen"),
        func.count(wave_mails.c.settled_at).label("settled"),
        func.count(wave_mails.c.mail_id).label("mailed"),
        func.count().filter(mailed, failed).label("bounced"),
    ).where(wave_mails.c.wave_id == wave_id)


class Followed(NamedTuple):
    """Whose link it is: an address that a court reminded."""

    court_id: str
    address: str


@one(Followed)
def followed(digest: bytes) -> Select[str, str]:
    """Of the token in a mail's links."""
    found = select(waves.c.court_id, wave_mails.c.address)
    return found.join(wave_mails, wave_mails.c.wave_id == waves.c.id).where(
        wave_mails.c.digest == digest
    )


@change
def unsubscribe(court_id: str, address: str, now: datetime) -> Insert:
    """The address wants no more of the court's reminders."""
    new = insert(unsubscribed).values(court_id=court_id, address=address, since=now)
    return new.on_conflict_do_nothing()


@value
def number_unsubscribed(court_id: str) -> Select[int]:
    """How many addresses want no more."""
    return select(func.count()).where(unsubscribed.c.court_id == court_id)


@values
def logins_at(court_id: str, address: str) -> Select[str]:
    """A court's logins with that address."""
    at = legacy_logins.c.court_id == court_id, legacy_logins.c.email_key == address
    return select(legacy_logins.c.login).where(*at).order_by(legacy_logins.c.login_key)
