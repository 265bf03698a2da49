"""Cost centers: the parts of a firm that its members are counted for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import Field
from sqlalchemy import Delete, Select, Update, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon import ids, prepared
from signon.accounts import checks
from signon.accounts.models import SearchStatus, accounts
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.firms import changes
from signon.firms.access import Authority
from signon.firms.changes import Change
from signon.firms.models import cost_centers
from signon.prepared import every, value
from signon.web.acts import Act
from signon.web.json_bodies import Body
from signon.web.preconditions import etag_of

LONGEST_CODE = 32
LONGEST_NAME = 100
MOST = 1000
"""Cost centers of a firm: they stand on one page."""
SUBJECT = "cost_center"


class CostCenterBody(Body):
    """A code without spaces, and a name for people."""

    code: str = Field(examples=["LIT-2"])
    """A code without spaces."""
    name: str = Field(examples=["Litigation, second floor"])
    """A name for people."""


@dataclass(frozen=True, slots=True)
class CostCenter:
    """A cost center; `members` and `searching` are counts, where they were asked for."""

    id: str
    code: str
    name: str
    created_at: datetime
    members: int = 0
    searching: int = 0

    @property
    def version(self) -> str:
        """Its entity tag."""
        return etag_of(self.id, self.code, self.name)


def checked_code(text: str) -> str:
    """A code without spaces. Raises InputError."""
    code = text.strip()
    if not 0 < len(code) <= LONGEST_CODE or not code.isprintable() or set(code) & set(" /,?#%"):
        raise InputError(
            f"A code has 1 to {LONGEST_CODE} characters, without spaces and without / , ? # %.",
            field="code",
        )
    if code == "none":
        raise InputError("This word means members without a cost center.", field="code")
    return code


def checked_name(text: str) -> str:
    """A name for people. Raises InputError."""
    name = checks.name(text, "name", LONGEST_NAME)
    if not name:
        raise InputError("Enter a name.", field="name")
    return name


def listed(unit: Unit, authority: Authority) -> list[CostCenter]:
    """All of the firm's by their codes, each with how many members it has."""
    return _counted(unit, authority.firm.id, authority.firm.number)


def codes(unit: Unit, authority: Authority) -> dict[str, str]:
    """The ids by code."""
    return {found.code: found.id for found in _codes(unit, authority.firm.id)}


def one(unit: Unit, authority: Authority, code: str, *, locked: bool = False) -> CostCenter:
    """One of the firm's. Raises NotFoundError."""
    found = (_lock if locked else _find)(unit, authority.firm.id, code)
    if found is None:
        raise NotFoundError("The firm has no such cost center.")
    return found


def version(unit: Unit, authority: Authority, code: str) -> str:
    """Of one as it is. Raises NotFoundError."""
    return one(unit, authority, code).version


def add(unit: Unit, authority: Authority, wanted: CostCenterBody) -> CostCenter:
    """A new one. Raises InputError, RefusedError (`code_taken`)."""
    made = CostCenter(ids.new_id(), checked_code(wanted.code), checked_name(wanted.name), unit.now)
    if (_how_many(unit, authority.firm.id) or 0) >= MOST:
        raise RefusedError("too_many", f"A firm has {MOST} cost centers at most.")
    if _add(unit, made.id, authority.firm.id, made.code, made.name, unit.now) is None:
        raise code_taken()
    _note(unit, authority, made.code, {}, {"code": made.code, "name": made.name})
    return made


def change(unit: Unit, authority: Authority, code: str, wanted: CostCenterBody) -> CostCenter:
    """Another code or name; its members stay in it. Raises as `one` and `add` do."""
    before = one(unit, authority, code, locked=True)
    new_code, new_name = checked_code(wanted.code), checked_name(wanted.name)
    after = CostCenter(before.id, new_code, new_name, before.created_at)
    if (after.code, after.name) == (before.code, before.name):
        return before
    if after.code != before.code and after.code in codes(unit, authority):
        raise code_taken()
    _change(unit, before.id, after.code, after.name)
    old, new = ({"code": each.code, "name": each.name} for each in (before, after))
    _note(unit, authority, before.code, old, new)
    return after


def remove(unit: Unit, authority: Authority, code: str) -> None:
    """Remove an empty one. Raises NotFoundError, RefusedError (`cost_center_in_use`)."""
    before = one(unit, authority, code, locked=True)
    if _in_use(unit, before.id, authority.firm.number) is not None:
        raise RefusedError(
            "cost_center_in_use", "Members are in this cost center: put them into another first."
        )
    _remove(unit, before.id)
    _note(unit, authority, before.code, {"code": before.code, "name": before.name}, {})


ADD = Act("added", add, done="The cost center is there.")
CHANGE = Act("changed", change, done="The cost center is changed.")
REMOVE = Act("removed", remove, done="The cost center is removed.")


def code_taken() -> RefusedError:
    """What is said of a code that the firm has already."""
    return RefusedError("code_taken", "The firm has a cost center of this code already.")


def _note(
    unit: Unit,
    authority: Authority,
    about: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    change = Change(SUBJECT, about, before=before, after=after)
    changes.record(unit, authority, Event.FIRM_COST_CENTER_CHANGED, change)


class _Code(NamedTuple):
    id: str
    code: str


_COLUMNS = (
    cost_centers.c.id,
    cost_centers.c.code,
    cost_centers.c.name,
    cost_centers.c.created_at,
)


def _center(center_id: str, code: str, name: str, created_at: datetime) -> CostCenter:
    return CostCenter(center_id, code, name, created_at)


def _of(firm_id: str, code: str) -> Select[str, str, str, datetime]:
    return select(*_COLUMNS).where(cost_centers.c.firm_id == firm_id, cost_centers.c.code == code)


@prepared.one(_center)
def _find(firm_id: str, code: str) -> Select[str, str, str, datetime]:
    return _of(firm_id, code)


@prepared.one(_center)
def _lock(firm_id: str, code: str) -> Select[str, str, str, datetime]:
    return _of(firm_id, code).with_for_update()


@every(CostCenter)
def _counted(firm_id: str, number: str) -> Select[str, str, str, datetime, int, int]:
    is_searching = accounts.c.search_status == SearchStatus.ACTIVE.value
    counts = (
        select(
            accounts.c.cost_center_id,
            func.count().label("members"),
            func.count().filter(is_searching).label("searching"),
        )
        .where(accounts.c.firm_number == number, accounts.c.cost_center_id.is_not(None))
        .group_by(accounts.c.cost_center_id)
        .subquery()
    )
    return (
        select(
            *_COLUMNS,
            func.coalesce(counts.c.members, 0).label("members"),
            func.coalesce(counts.c.searching, 0).label("searching"),
        )
        .select_from(cost_centers.outerjoin(counts, counts.c.cost_center_id == cost_centers.c.id))
        .where(cost_centers.c.firm_id == firm_id)
        .order_by(cost_centers.c.code)
    )


@every(_Code)
def _codes(firm_id: str) -> Select[str, str]:
    return select(cost_centers.c.id, cost_centers.c.code).where(cost_centers.c.firm_id == firm_id)


@value
def _how_many(firm_id: str) -> Select[int]:
    return select(func.count()).where(cost_centers.c.firm_id == firm_id)


@value
def _in_use(center_id: str, number: str) -> Select[str]:
    return (
        select(accounts.c.id)
        .where(accounts.c.firm_number == number, accounts.c.cost_center_id == center_id)
        .limit(1)
    )


@value
def _add(center_id: str, firm_id: str, code: str, name: str, now: datetime) -> ReturningInsert[str]:
    return (
        insert(cost_centers)
        .values(id=center_id, firm_id=firm_id, code=code, name=name, created_at=now)
        .on_conflict_do_nothing()
        .returning(cost_centers.c.id)
    )


@prepared.change
def _change(center_id: str, code: str, name: str) -> Update:
    return update(cost_centers).where(cost_centers.c.id == center_id).values(code=code, name=name)


@prepared.change
def _remove(center_id: str) -> Delete:
    return delete(cost_centers).where(cost_centers.c.id == center_id)
