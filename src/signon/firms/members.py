"""A firm's members: listed, found, filtered and sorted, a page at a time.

Every order is an index of `accounts` that also holds what is filtered by, and a page goes on
after the last row of the one before: the hundred-thousandth member costs as much as the first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, Update, bindparam, null, select, tuple_

from signon import prepared
from signon.accounts import memberships, own_account
from signon.accounts.directory import list_name
from signon.accounts.models import AccountKind, SearchStatus, accounts
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import InputError
from signon.firms import changes
from signon.firms.access import Authority
from signon.firms.changes import Change
from signon.firms.entries import is_number
from signon.firms.membership import unknown_member
from signon.firms.models import cost_centers
from signon.prepared import change
from signon.web.acts import Act
from signon.web.paging import moment_in
from signon.web.preconditions import etag_of

NONE = "none"
"""As a cost center: members that are in none."""
LONGEST_WORDS = 100
LAST = "\U0010ffff"
"""Sorts after every character that a name may go on with."""


class Order(StrEnum):
    """What a list is sorted by; a minus turns it round."""

    NAME = "name"
    NAME_DOWN = "-name"
    NUMBER = "number"
    NUMBER_DOWN = "-number"
    JOINED = "joined"
    JOINED_DOWN = "-joined"


@dataclass(frozen=True, slots=True)
class MembersWanted:
    """What part of the members: `q` is the beginning of a number or of `last name, first name`.

    `cost_center` is a code, or `NONE`. `after` is the last member of the page before.
    """

    q: str = ""
    search_status: SearchStatus | None = None
    cost_center: str | None = None
    order: Order = Order.NAME
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the firm may see them: no address, no username, nothing of how they sign in."""

    account_id: str
    number: str
    kind: AccountKind
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    search_status: SearchStatus
    joined_at: datetime
    cost_center: str | None
    list_name: str

    @property
    def name(self) -> str:
        """In one line."""
        parts = (self.first_name, self.middle_name, self.last_name)
        return " ".join(part for part in parts if part)

    @property
    def version(self) -> str:
        """The entity tag of what the firm may change or see change."""
        return etag_of(self.number, self.name, self.search_status, self.joined_at, self.cost_center)


def listed(unit: Unit, authority: Authority, wanted: MembersWanted, limit: int) -> list[Member]:
    """One page. Raises InputError for words that are too long or a cursor of another list."""
    values = {"firm": authority.firm.number, "firm_id": authority.firm.id, "limit": limit}
    order, words = _order(wanted)
    if words is not None:
        values |= {"from": words, "to": words + LAST}
    if wanted.search_status:
        values["search_status"] = wanted.search_status.value
    if wanted.cost_center and wanted.cost_center != NONE:
        values["cost_center"] = wanted.cost_center
    if wanted.after is not None:
        values |= _place(order, wanted.after)
    statement = _statement(
        order,
        words is not None,
        wanted.search_status is not None,
        wanted.cost_center and (NONE if wanted.cost_center == NONE else "one"),
        wanted.after is not None,
    )
    # composed by what is looked for
    return [_member(*row) for row in unit.execute(statement, values)]


def cursor_of(wanted: MembersWanted, member: Member) -> str:
    """What `after` of the next page is."""
    order, _ = _order(wanted)
    match order.lstrip("-"):
        case Order.NAME:
            return f"{member.number} {member.list_name}"
        case Order.JOINED:
            return f"{member.number} {member.joined_at.isoformat()}"
        case _:
            return member.number


def all_of(
    unit: Unit, authority: Authority, wanted: MembersWanted, batch: int = 1000
) -> Iterator[Member]:
    """Everybody, page after page."""
    after = wanted.after
    while True:
        page = listed(unit, authority, _from(wanted, after), batch)
        yield from page
        if len(page) < batch:
            return
        after = cursor_of(wanted, page[-1])


def one(unit: Unit, authority: Authority, number: str) -> Member:
    """One member. Raises NotFoundError."""
    found = _one(unit, authority.firm.number, number)
    if found is None:
        raise unknown_member()
    return found


def version(unit: Unit, authority: Authority, number: str) -> str:
    """Of one as it is. Raises NotFoundError."""
    return one(unit, authority, number).version


def assign(unit: Unit, authority: Authority, number: str, code: str | None) -> Member:
    """Put a member into a cost center, or into none.

    Raises InputError, NotFoundError, RefusedError (`own_account`).
    """
    before = one(unit, authority, number)
    own_account.require_another(authority.actor, before.account_id)
    if code == before.cost_center:
        return before
    firm = authority.firm
    if code is None:
        done = _release(unit, number, firm.number)
    else:
        done = _assign(unit, number, firm.number, firm.id, code)
    if done != 1:
        one(unit, authority, number)
        raise InputError("The firm has no such cost center.", field="cost_center")
    changes.record(
        unit,
        authority,
        Event.FIRM_MEMBER_CHANGED,
        Change(
            "member",
            number,
            before={"cost_center": before.cost_center},
            after={"cost_center": code},
        ),
        account_id=before.account_id,
    )
    return replace(before, cost_center=code)


ASSIGN = Act("moved", assign, done="The member’s cost center was changed.")


def _order(wanted: MembersWanted) -> tuple[Order, str | None]:
    """The order, and the beginning that is looked for; what is looked for is its own order."""
    words = " ".join(wanted.q.split())
    if not words:
        return wanted.order, None
    if len(words) > LONGEST_WORDS:
        raise InputError(f"Look for {LONGEST_WORDS} characters at most.", field="q")
    is_down = wanted.order.startswith("-")
    if words.isascii() and words.isdigit():
        return (Order.NUMBER_DOWN if is_down else Order.NUMBER), words
    last, _, first = words.partition(",")
    order = Order.NAME_DOWN if is_down else Order.NAME
    return order, list_name(first.strip() or None, last.strip()) or last.casefold()


def _from(wanted: MembersWanted, after: str | None) -> MembersWanted:
    return MembersWanted(wanted.q, wanted.search_status, wanted.cost_center, wanted.order, after)


def _place(order: Order, after: str) -> dict[str, Any]:
    """Where the page before ended. Raises InputError."""
    number, _, key = after.partition(" ")
    if not is_number(number):
        raise InputError("This cursor is of another list.", field="cursor")
    if order.lstrip("-") == Order.JOINED:
        return {"after_number": number, "after_key": moment_in(key)}
    return {"after_number": number} | (
        {"after_key": key} if order.lstrip("-") == Order.NAME else {}
    )


def _member(
    account_id: str,
    number: str,
    kind: str,
    first_name: str | None,
    middle_name: str | None,
    last_name: str | None,
    firm_name: str | None,
    list_name: str,
    search_status: str,
    joined_at: datetime,
    cost_center: str | None,
) -> Member:
    return Member(
        account_id,
        number,
        AccountKind(kind),
        first_name,
        middle_name,
        last_name or firm_name,
        SearchStatus(search_status),
        joined_at,
        cost_center,
        list_name,
    )


@cache
def _statement(
    order: Order, has_words: bool, has_status: bool, cost_center: str | None, goes_on: bool
) -> Any:
    """A list's statement; there are some dozens, each made once."""
    name = order.lstrip("-")
    keys: list[ColumnElement[Any]] = [] if name == Order.NUMBER else [_KEYS[name]]
    keys.append(accounts.c.number)
    conditions: list[Any] = [accounts.c.firm_number == bindparam("firm")]
    if has_words:
        start = accounts.c.number if name == Order.NUMBER else accounts.c.list_name
        conditions += [
            start >= bindparam("from", type_=start.type),
            start < bindparam("to", type_=start.type),
        ]
    if has_status:
        conditions.append(accounts.c.search_status == bindparam("search_status"))
    if cost_center == NONE:
        conditions.append(accounts.c.cost_center_id.is_(None))
    elif cost_center:
        conditions.append(
            accounts.c.cost_center_id == _center(bindparam("firm_id"), bindparam("cost_center"))
        )
    is_down = order.startswith("-")
    if goes_on:
        places = [bindparam("after_key", type_=keys[0].type)] if len(keys) == 2 else []
        places.append(bindparam("after_number", type_=accounts.c.number.type))
        here: Any = tuple_(*keys)
        conditions.append(here < tuple_(*places) if is_down else here > tuple_(*places))
    ordered = [key.desc() if is_down else key for key in keys]
    return _seen().where(*conditions).order_by(*ordered).limit(bindparam("limit"))


_KEYS: Mapping[str, ColumnElement[Any]] = {
    Order.NAME: accounts.c.list_name,
    Order.JOINED: accounts.c.firm_joined_at,
}
_COLUMNS: Sequence[ColumnElement[Any]] = (
    accounts.c.id,
    accounts.c.number,
    accounts.c.kind,
    accounts.c.first_name,
    accounts.c.middle_name,
    accounts.c.last_name,
    accounts.c.firm_name,
    accounts.c.list_name,
    accounts.c.search_status,
    accounts.c.firm_joined_at,
    cost_centers.c.code.label("cost_center"),
)


def _seen() -> Select[Any]:
    return select(*_COLUMNS).select_from(
        accounts.outerjoin(cost_centers, cost_centers.c.id == accounts.c.cost_center_id)
    )


def _center(firm_id: Any, code: Any) -> ScalarSelect[str]:
    return (
        select(cost_centers.c.id)
        .where(cost_centers.c.firm_id == firm_id, cost_centers.c.code == code)
        .scalar_subquery()
    )


@prepared.one(_member)
def _one(firm: str, number: str) -> Select[Any]:
    return _seen().where(accounts.c.number == number, accounts.c.firm_number == firm)


@change
def _release(number: str, firm: str) -> Update:
    return memberships.counted_in(number, firm, null())


@change
def _assign(number: str, firm: str, firm_id: str, code: str) -> Update:
    center = _center(firm_id, code)
    return memberships.counted_in(number, firm, center).where(center.is_not(None))
