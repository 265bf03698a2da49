"""A firm in figures: how many members it has, and how that came about month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select

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
    """The firm's."""
    values = {"firm": authority.firm.id, "number": authority.firm.number, "now": unit.now}
    counted = unit.execute(_COUNTED, values).one()
    return Figures(
        counted.members,
        counted.searching,
        counted.pending,
        months(unit, authority, counted.members),
    )


def months(unit: Unit, authority: Authority, members: int) -> list[Month]:
    """The last twelve; what the days say is counted back from today's number of members."""
    firsts = [_before(unit.now.date().replace(day=1), back) for back in range(MONTHS)]
    values = {"firm": authority.firm.id, "since": firsts[-1]}
    sums = {first: [0, 0, 0] for first in firsts}
    for row in unit.execute(_DAYS, values):
        of_month = sums[row.day.replace(day=1)]
        for place, number in enumerate((row.joined, row.parted, row.invited)):
            of_month[place] += number
    found = []
    for first in firsts:
        joined, parted, invited = sums[first]
        found.append(Month(first, members, joined, parted, invited))
        members -= joined - parted
    return found[::-1]


def _before(first: date, months_back: int) -> date:
    """The first day of a month so many months before."""
    month = first.year * 12 + first.month - 1 - months_back
    return date(month // 12, month % 12 + 1, 1)


_OF_FIRM = accounts.c.firm_number == bindparam("number")
_COUNTED = select(
    select(func.count()).where(_OF_FIRM).scalar_subquery().label("members"),
    select(func.count())
    .where(_OF_FIRM, accounts.c.search_status == SearchStatus.ACTIVE.value)
    .scalar_subquery()
    .label("searching"),
    select(func.count())
    .where(
        invitations.c.firm_id == bindparam("firm"),
        invitations.c.status == InvitationStatus.PENDING.value,
        invitations.c.expires_at > bindparam("now"),
    )
    .scalar_subquery()
    .label("pending"),
)
_DAYS = select(days.c.day, days.c.joined, days.c.parted, days.c.invited).where(
    days.c.firm_id == bindparam("firm"), days.c.day >= bindparam("since")
)
