"""A firm in figures: how many members it has, and how that came about month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, func, select, true

from signon.accounts.models import SearchStatus, accounts
from signon.db import Unit
from signon.firms.access import Authority
from signon.firms.models import InvitationStatus, days, invitations

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A month by its first day: `members` at its end, and how many were invited in it."""

    first: date
    members: int
    joined: int
    parted: int
    invited: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How many there are now, and the last months, the oldest first."""

    members: int
    searching: int
    pending: int
    months: Sequence[Month]


def of(unit: Unit, authority: Authority) -> Figures:
    """The firm's, in one statement; what the days say is counted back from today's members."""
    firsts = [_before(unit.now.date().replace(day=1), back) for back in range(MONTHS)]
    values = {
        "firm": authority.firm.id,
        "number": authority.firm.number,
        "now": unit.now,
        "since": firsts[-1],
    }
    rows = unit.execute(_COUNTED, values).all()
    sums = {first: [0, 0, 0] for first in firsts}
    for row in rows:
        if row.day is not None:
            of_month = sums[row.day.replace(day=1)]
            for place, number in enumerate((row.joined, row.parted, row.invited)):
                of_month[place] += number
    now = rows[0]
    return Figures(now.members, now.searching, now.pending, _months(now.members, sums))


def _months(members: int, sums: Mapping[date, Sequence[int]]) -> list[Month]:
    """The newest month comes first in `sums`, and last in the answer."""
    found = []
    for first, (joined, parted, invited) in sums.items():
        found.append(Month(first, members, joined, parted, invited))
        members -= joined - parted
    return found[::-1]


def _before(first: date, months_back: int) -> date:
    """The first day of a month so many months before."""
    month = first.year * 12 + first.month - 1 - months_back
    return date(month // 12, month % 12 + 1, 1)


_FIRM = accounts.alias("firm")
_OF_FIRM = accounts.c.firm_number == bindparam("number")
_IS_SEARCHING = accounts.c.search_status == SearchStatus.ACTIVE.value
_MEMBERS = (
    select(
        func.count().label("members"),
        func.count().filter(_IS_SEARCHING).label("searching"),
    )
    .where(_OF_FIRM)
    .subquery()
)
_COUNTED = (
    select(
        _MEMBERS.c.members,
        _MEMBERS.c.searching,
        select(func.count())
        .where(
            invitations.c.firm_id == bindparam("firm"),
            invitations.c.status == InvitationStatus.PENDING.value,
            invitations.c.expires_at > bindparam("now"),
        )
        .scalar_subquery()
        .label("pending"),
        days.c.day,
        days.c.joined,
        days.c.parted,
        days.c.invited,
    )
    .select_from(
        _FIRM.join(_MEMBERS, true()).outerjoin(
            days, and_(days.c.firm_id == _FIRM.c.id, days.c.day >= bindparam("since"))
        )
    )
    .where(_FIRM.c.id == bindparam("firm"))
)
