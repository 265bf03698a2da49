"""The one place where a filing right is made, changed and ended, with its history and audit.

`status` is never set by itself: it follows from what suspends the right and what it waits for.
Whatever leaves the filer with less is told to the court's clients in the same transaction;
whatever gives more never is. A right that has ended stays: its history is the court's memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Delete, Insert, Select, Update, delete, exists, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from signon import ids
from signon.accounts import found_by
from signon.accounts import history as account_history
from signon.accounts.history import NO_PROOF, Proof
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.filing.models import folded_logins, rights, rights_history
from signon.filing.rights import reductions, training
from signon.filing.rights.filing_status import RightStatus, status_of
from signon.filing.rights.training import Certified
from signon.prepared import change as changes
from signon.prepared import every, one, value
from signon.web.visitor import Source

COURT, IMPORT, LAST_DAY = "court", "import", "last_day"
"""What suspends a right beside a missing certificate: a decision of the court's staff, the status
in the court's imported list, and its last day, which is over. All must be gone before it is in
force again."""
LINK = "link"
"""Subject of the account's own history: what the person themselves linked or undid."""
FOLD = "fold"
"""The same: a further login that they proved or took back."""
FOLDS = (Event.LOGIN_FOLDED, Event.LOGIN_UNFOLDED)
REVIEW = "review"
"""What a right waits for beside a certificate: the court's look at a link under another name."""


class Told(NamedTuple):
    """What of a right may change, as columns: the history keeps it before and after."""

    status: str
    roles: list[str]
    cases: list[str] | None
    admission: str | None
    pending_for: list[str] | None
    suspended_by: list[str]
    suspension_reason: str | None
    conditions: str | None
    other_logins: list[str] | None
    ended_at: datetime | None
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Right:
    """A row of `filing_rights`; `cases` of None: not limited to cases."""

    id: str
    account_id: str
    court_id: str
    legacy_login_id: str | None
    login: str | None
    roles: tuple[str, ...]
    cases: tuple[str, ...] | None
    admission: str | None
    registration_id: str | None
    conditions: str | None
    pending_for: tuple[str, ...]
    suspended_by: tuple[str, ...]
    suspension_reason: str | None
    certified: Certified | None
    created_at: datetime
    ended_at: datetime | None = None
    last_day: date | None = None
    other_logins: tuple[str, ...] = ()

    @property
    def status(self) -> RightStatus:
        """Active, pending or suspended; of a right that has ended: as it was."""
        return status_of(self.suspended_by, self.pending_for)

    @property
    def is_in_force(self) -> bool:
        """Whether it gives anything."""
        return self.ended_at is None and self.status is RightStatus.ACTIVE

    def changeable(self) -> Told:
        """Its columns that may change."""
        return Told(
            status=self.status.value,
            roles=list(self.roles),
            cases=None if self.cases is None else list(self.cases),
            admission=self.admission,
            pending_for=list(self.pending_for) or None,
            suspended_by=list(self.suspended_by),
            suspension_reason=self.suspension_reason,
            conditions=self.conditions,
            other_logins=list(self.other_logins) or None,
            ended_at=self.ended_at,
            last_day=self.last_day,
        )

    def told(self) -> dict[str, Any]:
        """What the history keeps of it."""
        shown = self.changeable()._asdict()
        if self.ended_at:
            shown["ended_at"] = self.ended_at.isoformat()
        if self.last_day:
            shown["last_day"] = self.last_day.isoformat()
        return shown


def make(unit: Unit, right: Right, event: Event, *, actor: str, **noted: Any) -> bool:
    """Write a new right down; False when the account has one there, or somebody this login.

    `noted` goes into the audit trail: `origin`, `reason` and details without personal data;
    `proof` is what the person proved it with, whose own act it is.
    """
    kept = _Kept(*(getattr(right, name) for name in _Kept._fields))
    if _make(unit, kept, right.changeable()) is None:
        return False
    found_by.known_at(unit, right.account_id, right.court_id)
    _note(unit, None, right, event, actor=actor, **noted)
    return True


def new(
    unit: Unit,
    account_id: str,
    court_id: str,
    *,
    roles: tuple[str, ...],
    cases: tuple[str, ...] | None,
    admission: str | None,
    **given: Any,
) -> Right:
    """A right that is not written down yet; `given` are further fields."""
    fields: dict[str, Any] = {
        "legacy_login_id": None,
        "login": None,
        "registration_id": None,
        "conditions": None,
        "pending_for": (),
        "suspended_by": (),
        "suspension_reason": None,
        "certified": training.certified(unit, court_id, account_id),
        **given,
    }
    return Right(
        id=ids.new_id(),
        account_id=account_id,
        court_id=court_id,
        roles=roles,
        cases=cases,
        admission=admission,
        created_at=unit.now,
        **fields,
    )


def held(unit: Unit, account_id: str, court_id: str) -> Right | None:
    """The right of an account at a court; nobody else changes it until the unit ends."""
    return _held(unit, account_id, court_id)


def of_account(unit: Unit, account_id: str, court_id: str) -> Right | None:
    """The same, only to be looked at."""
    return _of_account(unit, account_id, court_id)


def change(
    unit: Unit, right: Right, event: Event, *, actor: str, noted: Mapping[str, Any] = {}, **to: Any
) -> Right:
    """Give a right that is `held` other values, and tell whoever must know.

    `noted` as in `make`; nothing is written when nothing is different.
    """
    changed = replace(right, **to)
    if changed == right:
        return right
    _change(unit, right.id, changed.changeable())
    _note(unit, right, changed, event, actor=actor, **noted)
    if shrinks(right, changed):
        reductions.announce(unit, right.court_id, [right.account_id])
    return changed


def keep_certified(unit: Unit, right: Right) -> Right:
    """Let a right that is `held` know the account's certificates as they are now."""
    found = training.certified(unit, right.court_id, right.account_id)
    if found == right.certified:
        return right
    _certify(unit, right.id, found)
    return replace(right, certified=found)


def end(unit: Unit, right: Right, event: Event, *, actor: str, noted: Mapping[str, Any]) -> Right:
    """End a right that is `held`; its legacy logins can be proved again."""
    _unfold(unit, right.id)
    return change(unit, right, event, actor=actor, noted=noted, ended_at=unit.now, other_logins=())


def release_registration(unit: Unit, right_id: str) -> None:
    """Let another right come of the registration that an ended one came of; the trail names both."""
    _release(unit, right_id)


def reopen(unit: Unit, right_id: str, *, actor: str, reason: str) -> bool:
    """Let a right go on that its holder did not end; False when its place was taken meanwhile."""
    again = _reopen(unit, right_id)
    if again is None:
        return False
    _note(
        unit, replace(again, ended_at=unit.now), again, Event.LINK_MADE, actor=actor, reason=reason
    )
    return True


def shrinks(before: Right, after: Right) -> bool:
    """Whether the filer may do less afterwards."""
    if not before.is_in_force:
        return False
    if not after.is_in_force:
        return True
    narrower = after.cases is not None and (
        before.cases is None or not set(before.cases) <= set(after.cases)
    )
    return narrower or not set(before.roles) <= set(after.roles)


def history(unit: Unit, account_id: str, court_id: str) -> list[Mapping[str, Any]]:
    """Every change of the account's rights at a court, newest first; ended ones too."""
    return [row._asdict() for row in _history(unit, account_id, court_id)]


def _note(
    unit: Unit,
    before: Right | None,
    after: Right,
    event: Event,
    *,
    actor: str,
    source: Source | None = None,
    reason: str | None = None,
    proof: Proof = NO_PROOF,
    **detail: Any,
) -> None:
    event_id = trail.record(
        unit,
        event,
        actor=actor,
        account_id=after.account_id,
        court_id=after.court_id,
        source=source,
        reason=reason,
        right=after.id,
        **detail,
    )
    was, now = before.told() if before else None, after.told()
    if was is not None:
        changed = [name for name in Told._fields if was[name] != now[name]]
        was, now = ({name: told[name] for name in changed} for told in (was, now))
    _remember(unit, _Change(event_id, after.id, unit.now, was, now))
    if actor == after.account_id:
        # what was folded in is no link of its own: it is taken back without the whole right
        subject = FOLD if event in FOLDS else LINK
        this = {"right": after.id, "court": after.court_id}
        if subject == FOLD:
            this["legacy_login"] = detail["legacy_login"]
        side = "before" if after.ended_at or event is Event.LOGIN_UNFOLDED else "after"
        account_history.note(
            unit, after.account_id, subject, event_id, actor=actor, proof=proof, **{side: this}
        )


def of_columns(*values: Any) -> Right:
    """The right in the values of `COLUMNS`."""
    fields = dict(zip(Right.__slots__, values, strict=True))
    lists: dict[str, Any] = {name: tuple(fields[name] or ()) for name in _LISTS}
    lists["cases"] = None if fields["cases"] is None else lists["cases"]
    return Right(**{**fields, **lists})


COLUMNS = tuple(rights.c[name] for name in Right.__slots__)
LABELLED = tuple(column.label(f"right_{column.name}") for column in COLUMNS)
"""The same under names that no other table has."""
_LISTS = ("roles", "cases", "pending_for", "suspended_by", "other_logins")


class _Kept(NamedTuple):
    """The columns that stay."""

    id: str
    account_id: str
    court_id: str
    legacy_login_id: str | None
    login: str | None
    registration_id: str | None
    certified: Certified | None
    created_at: datetime


class _Change(NamedTuple):
    event_id: str
    right_id: str
    at: datetime
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@value
def _make(kept: _Kept, to: Told) -> ReturningInsert[str]:
    new = insert(rights).values(**kept._asdict(), **to._asdict())
    return new.on_conflict_do_nothing().returning(rights.c.id)


def _open(account_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    return select(*COLUMNS).where(
        rights.c.account_id == account_id,
        rights.c.court_id == court_id,
        rights.c.ended_at.is_(None),
    )


@one(of_columns)
def _of_account(account_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    return _open(account_id, court_id)


@one(of_columns)
def _held(account_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    return _open(account_id, court_id).with_for_update()


@changes
def _change(right_id: str, to: Told) -> Update:
    return update(rights).where(rights.c.id == right_id).values(**to._asdict())


@changes
def _certify(right_id: str, found: Certified | None) -> Update:
    return update(rights).where(rights.c.id == right_id).values(certified=found)


@changes
def _unfold(right_id: str) -> Delete:
    return delete(folded_logins).where(folded_logins.c.right_id == right_id)


@changes
def _release(right_id: str) -> Update:
    ended = update(rights).where(rights.c.id == right_id, rights.c.ended_at.is_not(None))
    return ended.values(registration_id=null())


@one(of_columns)
def _reopen(right_id: str) -> ReturningUpdate[*tuple[Any, ...]]:
    other = rights.alias()
    taken = exists().where(
        other.c.ended_at.is_(None),
        other.c.court_id == rights.c.court_id,
        or_(
            other.c.account_id == rights.c.account_id,
            other.c.legacy_login_id == rights.c.legacy_login_id,
        ),
    )
    ended = update(rights).where(rights.c.id == right_id, rights.c.ended_at.is_not(None), ~taken)
    return ended.values(ended_at=null()).returning(*COLUMNS)


@changes
def _remember(made: _Change) -> Insert:
    return insert(rights_history).values(**made._asdict())


@every(_Change)
def _history(account_id: str, court_id: str) -> Select[Any]:
    return (
        select(*(rights_history.c[name] for name in _Change._fields))
        .join(rights, rights.c.id == rights_history.c.right_id)
        .where(rights.c.account_id == account_id, rights.c.court_id == court_id)
        .order_by(rights_history.c.at.desc(), rights_history.c.event_id)
    )
