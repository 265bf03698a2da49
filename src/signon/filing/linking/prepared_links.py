"""Links that were prepared before the day: the rows, and what still holds of them.

A row is good as long as it has not ended and the login is the one that was proved. What makes it
and ends it, with a mail, is `preparing`.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Update, and_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from signon.accounts.history import Proof
from signon.courts.models import courts
from signon.filing.linking.models import prepared_links as table
from signon.filing.models import legacy_logins
from signon.prepared import change, every, one, value, values

LINKED, UNDONE, CHANGED, TAKEN_BACK = "linked", "undone", "login_changed", "taken_back"
"""How it ended, beside the reason for which no right came of it."""


class Prepared(NamedTuple):
    """A login that an account has proved for the day, as it was in that version."""

    id: str
    account_id: str
    court_id: str
    legacy_login_id: str
    login_version: int
    prepared_at: datetime
    session_id: str | None
    factor_since: datetime | None
    login_mac: bytes
    told_day: datetime | None
    login: str

    @property
    def proof(self) -> Proof:
        """What the person proved it with."""
        return Proof(self.session_id, self.factor_since)


class New(NamedTuple):
    """What is written down of it."""

    id: str
    account_id: str
    court_id: str
    legacy_login_id: str
    login_version: int
    prepared_at: datetime
    session_id: str | None
    factor_since: datetime | None
    login_mac: bytes
    told_day: datetime | None
    password: bytes | None


def seal_context(prepared_id: str) -> str:
    """What the password of a prepared link is sealed for."""
    return f"prepared-link:{prepared_id}"


def is_good() -> ColumnElement[bool]:
    """Whether it still proves the login that it is joined with."""
    return and_(
        table.c.ended_at.is_(None),
        table.c.legacy_login_id == legacy_logins.c.id,
        table.c.login_version == legacy_logins.c.proof_version,
    )


READ = select(*(table.c[name] for name in New._fields[:-1]), legacy_logins.c.login).select_from(
    table.join(legacy_logins, legacy_logins.c.id == table.c.legacy_login_id)
)
_OPEN = table.c.ended_at.is_(None)


@value
def add(new: New) -> ReturningInsert[str]:
    """Write one down; None when the account has one there, or somebody this login."""
    made = insert(table).values(**new._asdict())
    return made.on_conflict_do_nothing().returning(table.c.id)


@one(Prepared)
def find(account_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    """The one that an account has at a court and that is still good."""
    return READ.where(table.c.account_id == account_id, table.c.court_id == court_id, is_good())


@one(Prepared)
def by_id(prepared_id: str) -> Select[*tuple[Any, ...]]:
    """One that has not ended."""
    return READ.where(table.c.id == prepared_id, _OPEN)


@value
def holder(login_id: str) -> Select[str]:
    """The account that has prepared a login."""
    return select(table.c.account_id).where(table.c.legacy_login_id == login_id, _OPEN)


@values
def due(now: datetime, after: str, limit: int) -> Select[str]:
    """Those of courts that are live, in the order of their ids."""
    live = table.join(courts, courts.c.id == table.c.court_id)
    return (
        select(table.c.id)
        .select_from(live)
        .where(_OPEN, courts.c.go_live <= now, table.c.id > after)
        .order_by(table.c.id)
        .limit(limit)
    )


@every(Prepared)
def outdated(after: str, limit: int) -> Select[*tuple[Any, ...]]:
    """Those whose login has changed, in the order of their ids."""
    changed = table.c.login_version != legacy_logins.c.proof_version
    return READ.where(_OPEN, changed, table.c.id > after).order_by(table.c.id).limit(limit)


@every(Prepared)
def moved(now: datetime, after: str, limit: int) -> Select[*tuple[Any, ...]]:
    """Those whose court has another day than their holders know, in the order of their ids."""
    other = courts.c.go_live.is_distinct_from(table.c.told_day)
    ahead = courts.c.go_live.is_(None) | (courts.c.go_live > now)
    found = READ.join(courts, courts.c.id == table.c.court_id)
    return found.where(_OPEN, other, ahead, table.c.id > after).order_by(table.c.id).limit(limit)


@change
def tell(prepared_id: str, before: datetime | None, day: datetime | None) -> Update:
    """Note the day that its holder is told; of two processes one mails it."""
    unchanged = table.c.told_day.is_not_distinct_from(before)
    told = update(table).where(table.c.id == prepared_id, _OPEN, unchanged)
    return told.values(told_day=day)


@every(Prepared)
def of_court(court_id: str, after: str, limit: int) -> Select[*tuple[Any, ...]]:
    """A court's, in the order of their ids."""
    found = READ.where(_OPEN, table.c.court_id == court_id, table.c.id > after)
    return found.order_by(table.c.id).limit(limit)


@every(Prepared)
def in_the_way(account_id: str, court_id: str, login_id: str) -> Select[*tuple[Any, ...]]:
    """Outdated ones that keep the account, or the login, from being prepared anew."""
    own = and_(table.c.account_id == account_id, table.c.court_id == court_id)
    changed = table.c.login_version != legacy_logins.c.proof_version
    return READ.where(_OPEN, changed, own | (table.c.legacy_login_id == login_id))


@value
def end(prepared_id: str, outcome: str, now: datetime) -> ReturningUpdate[str]:
    """End it, once: None when it has ended."""
    ended = update(table).where(table.c.id == prepared_id, _OPEN)
    return ended.values(ended_at=now, outcome=outcome, password=None).returning(table.c.id)


@value
def take(prepared_id: str, now: datetime) -> ReturningUpdate[str]:
    """End it because its right is made, once, and only where the court is live."""
    is_live = (
        select(courts.c.id).where(courts.c.id == table.c.court_id, courts.c.go_live <= now).exists()
    )
    taken = update(table).where(table.c.id == prepared_id, _OPEN, is_live)
    return taken.values(ended_at=now, outcome=LINKED, password=None).returning(table.c.id)


@change
def refuse(prepared_id: str, reason: str) -> Update:
    """Keep why no right came of one that was taken."""
    return update(table).where(table.c.id == prepared_id).values(outcome=reason)


@change
def close(account_id: str, court_id: str, outcome: str, now: datetime) -> Update:
    """End what the account has prepared at a court."""
    own = update(table).where(table.c.account_id == account_id, table.c.court_id == court_id, _OPEN)
    return own.values(ended_at=now, outcome=outcome, password=None)


@change
def close_all(account_id: str, outcome: str, now: datetime) -> Update:
    """End what the account has prepared anywhere."""
    own = update(table).where(table.c.account_id == account_id, _OPEN)
    return own.values(ended_at=now, outcome=outcome, password=None)


@value
def password(prepared_id: str) -> Select[bytes | None]:
    """What proved one that has not ended, sealed."""
    return select(table.c.password).where(table.c.id == prepared_id, _OPEN)


@change
def renew(prepared_id: str, before: int, version: int) -> Update:
    """Let one that still proves its login go on, with the login as it is in that version."""
    unchanged = table.c.login_version == before
    return (
        update(table)
        .where(table.c.id == prepared_id, _OPEN, unchanged)
        .values(login_version=version)
    )
