"""Cost centres: the parts of a firm that its members are counted for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import bindparam, delete, func, select, update

from signon import ids
from signon.accounts import checks
from signon.accounts.models import SearchStatus, accounts
from signon.audit.events import Event
from signon.db import Unit, insert_for
from signon.errors import InputError, NotFoundError, RefusedError
from signon.firms import changes
from signon.firms.access import Authority
from signon.firms.changes import Change
from signon.firms.models import cost_centers
from signon.web.acts import Act
from signon.web.json_bodies import Body
from signon.web.preconditions import etag_of

LONGEST_CODE = 32
LONGEST_NAME = 100
MOST = 1000
"""Cost centres of a firm: they stand on one page."""
SUBJECT = "cost_center"


class CostCenterBody(Body):
    """A code without spaces, and a name for people."""

    code: str = Field(examples=["LIT-2"])
    """A code without spaces."""
    name: str = Field(examples=["Litigation, second floor"])
    """A name for people."""


@dataclass(frozen=True, slots=True)
class CostCenter:
    """A cost centre; `members` and `searching` are counts, where they were asked for."""

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
        raise InputError("This word means members without a cost centre.", field="code")
    return code


def checked_name(text: str) -> str:
    """A name for people. Raises InputError."""
    name = checks.name(text, "name", LONGEST_NAME)
    if not name:
        raise InputError("Enter a name.", field="name")
    return name


def listed(unit: Unit, authority: Authority) -> list[CostCenter]:
    """All of the firm's by their codes, each with how many members it has."""
    values = {"firm": authority.firm.id, "number": authority.firm.number}
    return [_center(row) for row in unit.execute(_COUNTED, values).mappings()]


def codes(unit: Unit, authority: Authority) -> dict[str, str]:
    """The ids by code."""
    rows = unit.execute(_CODES, {"firm": authority.firm.id})
    return {row.code: row.id for row in rows}


def one(unit: Unit, authority: Authority, code: str, *, locked: bool = False) -> CostCenter:
    """One of the firm's. Raises NotFoundError."""
    statement = _LOCK if locked else _ONE
    values = {"firm": authority.firm.id, "code": code}
    row = unit.execute(statement, values).mappings().one_or_none()
    if row is None:
        raise NotFoundError("The firm has no such cost centre.")
    return _center(row)


def version(unit: Unit, authority: Authority, code: str) -> str:
    """Of one as it is. Raises NotFoundError."""
    return one(unit, authority, code).version


def add(unit: Unit, authority: Authority, wanted: CostCenterBody) -> CostCenter:
    """A new one. Raises InputError, RefusedError (`code_taken`)."""
    values = {
        "id": ids.new_id(),
        "firm_id": authority.firm.id,
        "code": checked_code(wanted.code),
        "name": checked_name(wanted.name),
        "created_at": unit.now,
    }
    if (unit.scalar(_HOW_MANY, {"firm": authority.firm.id}) or 0) >= MOST:
        raise RefusedError("too_many", f"A firm has {MOST} cost centres at most.")
    statement = insert_for(unit)(cost_centers).on_conflict_do_nothing()
    if unit.execute(statement.returning(cost_centers.c.id), values).first() is None:
        raise code_taken()
    told = {"code": values["code"], "name": values["name"]}
    _note(unit, authority, str(values["code"]), {}, told)
    return CostCenter(str(values["id"]), str(values["code"]), str(values["name"]), unit.now)


def change(unit: Unit, authority: Authority, code: str, wanted: CostCenterBody) -> CostCenter:
    """Another code or name; its members stay in it. Raises as `one` and `add` do."""
    before = one(unit, authority, code, locked=True)
    new_code, new_name = checked_code(wanted.code), checked_name(wanted.name)
    after = CostCenter(before.id, new_code, new_name, before.created_at)
    if (after.code, after.name) == (before.code, before.name):
        return before
    if after.code != before.code and after.code in codes(unit, authority):
        raise code_taken()
    unit.execute(_CHANGE, {"of": before.id, "new_code": after.code, "new_name": after.name})
    old, new = ({"code": each.code, "name": each.name} for each in (before, after))
    _note(unit, authority, before.code, old, new)
    return after


def remove(unit: Unit, authority: Authority, code: str) -> None:
    """Remove an empty one. Raises NotFoundError, RefusedError (`cost_center_in_use`)."""
    before = one(unit, authority, code, locked=True)
    values = {"of": before.id, "number": authority.firm.number}
    if unit.scalar(_IN_USE, values) is not None:
        raise RefusedError(
            "cost_center_in_use", "Members are in this cost centre: put them into another first."
        )
    unit.execute(_REMOVE, {"of": before.id})
    _note(unit, authority, before.code, {"code": before.code, "name": before.name}, {})


ADD = Act("added", add, done="The cost centre is there.")
CHANGE = Act("changed", change, done="The cost centre is changed.")
REMOVE = Act("removed", remove, done="The cost centre is removed.")


def code_taken() -> RefusedError:
    """What is said of a code that the firm has already."""
    return RefusedError("code_taken", "The firm has a cost centre of this code already.")


def _note(
    unit: Unit,
    authority: Authority,
    about: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    change = Change(SUBJECT, about, before=before, after=after)
    changes.record(unit, authority, Event.FIRM_COST_CENTER_CHANGED, change)


def _center(row: Mapping[Any, Any]) -> CostCenter:
    return CostCenter(
        **{name: row[name] for name in CostCenter.__dataclass_fields__ if name in row}
    )


_OF = (cost_centers.c.firm_id == bindparam("firm"), cost_centers.c.code == bindparam("code"))
_COUNTS = (
    select(
        accounts.c.cost_center_id,
        func.count().label("members"),
        func.count()
        .filter(accounts.c.search_status == SearchStatus.ACTIVE.value)
        .label("searching"),
    )
    .where(accounts.c.firm_number == bindparam("number"), accounts.c.cost_center_id.is_not(None))
    .group_by(accounts.c.cost_center_id)
    .subquery()
)
_COUNTED = (
    select(
        *cost_centers.c,
        func.coalesce(_COUNTS.c.members, 0).label("members"),
        func.coalesce(_COUNTS.c.searching, 0).label("searching"),
    )
    .select_from(cost_centers.outerjoin(_COUNTS, _COUNTS.c.cost_center_id == cost_centers.c.id))
    .where(cost_centers.c.firm_id == bindparam("firm"))
    .order_by(cost_centers.c.code)
)
_CODES = select(cost_centers.c.id, cost_centers.c.code).where(
    cost_centers.c.firm_id == bindparam("firm")
)
_HOW_MANY = select(func.count()).where(cost_centers.c.firm_id == bindparam("firm"))
_ONE = select(*cost_centers.c).where(*_OF)
_LOCK = _ONE.with_for_update()
_CHANGE = (
    update(cost_centers)
    .where(cost_centers.c.id == bindparam("of"))
    .values(code=bindparam("new_code"), name=bindparam("new_name"))
)
_REMOVE = delete(cost_centers).where(cost_centers.c.id == bindparam("of"))
_IN_USE = (
    select(accounts.c.id)
    .where(
        accounts.c.firm_number == bindparam("number"),
        accounts.c.cost_center_id == bindparam("of"),
    )
    .limit(1)
)
