"""Who works for a court: upgraded individuals with one role each."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, delete, select

from signon.accounts import telling
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, by_username, from_row
from signon.accounts.models import AccountKind, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.models import staff
from signon.courts.registry import read_one
from signon.db import Unit, insert_for
from signon.errors import NotFoundError, RefusedError
from signon.prepared import Prepared


class StaffRole(StrEnum):
    """What someone may do for a court."""

    ADMINISTRATOR = "administrator"
    CLERK = "clerk"
    HELP_DESK = "help_desk"
    READ_ONLY = "read_only"


@dataclass(frozen=True, slots=True)
class Member:
    """One of a court's staff."""

    account: Account
    role: StaffRole


def add(unit: Unit, court_id: str, username: str, role: StaffRole, *, actor: str) -> bool:
    """Give someone a role at a court, in place of another one; False: that role was held already.

    Raises NotFoundError for the court or the account, RefusedError for an account that cannot
    be staff.
    """
    court = read_one(unit, court_id)
    account = _person(unit, username)
    _require_fit(account)
    added = insert_for(unit)(staff).values(
        court_id=court.id, account_id=account.id, role=role, added_at=unit.now
    )
    changed = unit.execute(
        added.on_conflict_do_update(
            index_elements=["court_id", "account_id"],
            set_={"role": added.excluded.role, "added_at": added.excluded.added_at},
            where=staff.c.role != added.excluded.role,
        ).returning(staff.c.role)
    ).one_or_none()
    if changed is None:
        return False
    _record(unit, Event.COURT_STAFF_ADDED, court.id, account.id, role=role, actor=actor)
    telling.tell_second_factor_is_due(unit, account, f"You work for {court.name} here.")
    return True


def remove(
    unit: Unit, court_id: str, username: str, role: StaffRole | None = None, *, actor: str
) -> StaffRole:
    """Take someone off a court's staff and answer the role; `role`: only if it is this one.

    Raises NotFoundError for the court, the account, or a role that is not held.
    """
    court = read_one(unit, court_id)
    account = _person(unit, username)
    statement = _REMOVE.where(staff.c.role == role) if role else _REMOVE
    held = unit.execute(statement, {"court": court.id, "account": account.id}).scalar_one_or_none()
    if held is None:
        what = f"{role} " if role else ""
        raise NotFoundError(f"{account.username} is not {what}staff of court {court.id}.")
    _record(unit, Event.COURT_STAFF_REMOVED, court.id, account.id, role=held, actor=actor)
    return StaffRole(held)


def members(unit: Unit, court_id: str) -> Sequence[Member]:
    """A court's staff in the order of their usernames."""
    rows = unit.execute(_MEMBERS, {"court": court_id}).mappings()
    return [Member(from_row(row), StaffRole(row["role"])) for row in rows]


def role_of(unit: Unit, court_id: str, account_id: str) -> StaffRole | None:
    """What somebody may do for a court; None: they do not work for it."""
    held = unit.row(_ROLE, {"court": court_id, "account": account_id})
    return StaffRole(held["role"]) if held else None


def courts_of(unit: Unit, account_id: str) -> list[str]:
    """The ids of the courts that somebody works for."""
    return list(unit.execute(_COURTS, {"account": account_id}).scalars())


def _person(unit: Unit, username: str) -> Account:
    account = by_username(unit, username)
    if account is None:
        raise NotFoundError(
            f"There is no account with the username {username[:64]!r}: "
            "`signon accounts list` shows them."
        )
    return account


def _require_fit(account: Account) -> None:
    if account.kind is not AccountKind.INDIVIDUAL:
        raise RefusedError(
            "not_individual",
            f"{account.username} is a {account.kind} account: staff need an individual one each.",
        )
    if not account.is_upgraded:
        raise RefusedError(
            "not_upgraded",
            f"{account.username} is a legacy account: its holder must upgrade it first.",
        )
    if not account.is_active:
        raise RefusedError("disabled", f"{account.username} is disabled: enable the account first.")


def _record(
    unit: Unit, event: Event, court_id: str, account_id: str, *, role: str, actor: str
) -> None:
    trail.record(unit, event, actor=actor, court_id=court_id, account_id=account_id, role=role)


_COURTS = (
    select(staff.c.court_id)
    .where(staff.c.account_id == bindparam("account"))
    .order_by(staff.c.court_id)
)
_ROLE = Prepared(
    select(staff.c.role).where(
        staff.c.court_id == bindparam("court"), staff.c.account_id == bindparam("account")
    )
)
_REMOVE = (
    delete(staff)
    .where(staff.c.court_id == bindparam("court"), staff.c.account_id == bindparam("account"))
    .returning(staff.c.role)
)
_MEMBERS = (
    select(*ACCOUNT_COLUMNS, staff.c.role)
    .join_from(staff, accounts, staff.c.account_id == accounts.c.id)
    .where(staff.c.court_id == bindparam("court"))
    .order_by(accounts.c.username_key)
)
