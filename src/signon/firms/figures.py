"""A firm in figures: how many members it has, and how that came about month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, func, select, true

from signon.accounts.models import SearchStatus, accounts
from signon.db import Unit
from signon.firms.access import Authority
from signon.firms.models import InvitationStatus, days, invitations
from signon.prepared import every, one

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
    found = _counted(unit, authority.firm.id, authority.firm.number, unit.now, firsts[-1])
    sums = {first: [0, 0, 0] for first in firsts}
    for each in found:
        if each.day is not None:
            of_month = sums[each.day.replace(day=1)]
            for place, number in enumerate((each.joined, each.parted, each.invited)):
                of_month[place] += number
    now = found[0]
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


class Searching(NamedTuple):
    """How many members there are, and how many of them can search."""

    members: int
    searching: int


_IS_SEARCHING = accounts.c.search_status == SearchStatus.ACTIVE.value
_MEMBERS = func.count().label("members"), func.count().filter(_IS_SEARCHING).label("searching")


@one(Searching)
def searching(number: str) -> Select[int, int]:
    """Of the firm with that number."""
    return select(*_MEMBERS).where(accounts.c.firm_number == number)


class _Counted(NamedTuple):
    """What there is now, with one of the days or, where there are none, with none."""

    members: int
    searching: int
    pending: int
    day: date | None
    joined: int
    parted: int
    invited: int


_FIRM = accounts.alias("firm")


@every(_Counted)
def _counted(
    firm_id: str, number: str, now: datetime, since: date
) -> Select[int, int, int, date, int, int, int]:
    members = select(*_MEMBERS).where(accounts.c.firm_number == number).subquery()
    pending = (
        select(func.count())
        .where(
            invitations.c.firm_id == firm_id,
            invitations.c.status == InvitationStatus.PENDING.value,
            invitations.c.expires_at > now,
        )
        .scalar_subquery()
    )
    of_days = and_(days.c.firm_id == _FIRM.c.id, days.c.day >= since)
    return (
        select(
            members.c.members,
            members.c.searching,
            pending.label("pending"),
            days.c.day,
            days.c.joined,
            days.c.parted,
            days.c.invited,
        )
        .select_from(_FIRM.join(members, true()).outerjoin(days, of_days))
        .where(_FIRM.c.id == firm_id)
    )
