"""Who works for a court: upgraded individuals with one role each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningDelete

from signon.accounts import telling
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of, by_username
from signon.accounts.models import AccountKind, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.models import staff
from signon.courts.registry import read_one
from signon.db import Unit
from signon.errors import NotFoundError, RefusedError
from signon.prepared import change, every, one, value, values


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
    if _add(unit, court.id, account.id, role, unit.now) != 1:
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
    held = _remove(unit, court.id, account.id, *([role] if role else StaffRole))
    if held is None:
        what = f"{role} " if role else ""
        raise NotFoundError(f"{account.username} is not {what}staff of court {court.id}.")
    _record(unit, Event.COURT_STAFF_REMOVED, court.id, account.id, role=held, actor=actor)
    return StaffRole(held)


def _member(role: str, *account: Any) -> Member:
    return Member(account_of(*account), StaffRole(role))


@every(_member)
def members(court_id: str) -> Select[Any]:
    """A court's staff in the order of their usernames."""
    found: Select[Any] = select(staff.c.role, *ACCOUNT_COLUMNS)
    return (
        found.join_from(staff, accounts, staff.c.account_id == accounts.c.id)
        .where(staff.c.court_id == court_id)
        .order_by(accounts.c.username_key)
    )


@one(StaffRole)
def role_of(court_id: str, account_id: str) -> Select[str]:
    """What somebody may do for a court; None: they do not work for it."""
    return select(staff.c.role).where(*_is_of(court_id, account_id))


@values
def courts_of(account_id: str) -> Select[str]:
    """The ids of the courts that somebody works for."""
    held = select(staff.c.court_id).where(staff.c.account_id == account_id)
    return held.order_by(staff.c.court_id)


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


def _is_of(court_id: str, account_id: str) -> tuple[ColumnElement[bool], ...]:
    return staff.c.court_id == court_id, staff.c.account_id == account_id


@change
def _add(court_id: str, account_id: str, role: StaffRole, now: datetime) -> Insert:
    new = insert(staff).values(court_id=court_id, account_id=account_id, role=role, added_at=now)
    return new.on_conflict_do_update(
        index_elements=["court_id", "account_id"],
        set_={"role": new.excluded.role, "added_at": new.excluded.added_at},
        where=staff.c.role != new.excluded.role,
    )


@value
def _remove(court_id: str, account_id: str, *roles: StaffRole) -> ReturningDelete[str]:
    held = delete(staff).where(*_is_of(court_id, account_id), staff.c.role.in_(roles))
    return held.returning(staff.c.role)
