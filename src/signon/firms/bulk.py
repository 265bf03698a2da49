"""Many invitations or removals at once: all or none, or as many as can be done, or only a look.

Every line has its result. A bulk operation is one event of the audit trail.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Insert, Select, func, insert, select

from signon import ids, prepared
from signon.accounts import own_account
from signon.accounts.models import accounts
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import InputError, NotFoundError, SignonError
from signon.firms import changes, cost_centers, invitation_lines, invitations, oneself, parting
from signon.firms.access import Authority
from signon.firms.bulk_files import check_count
from signon.firms.changes import Change
from signon.firms.entries import checked_remark, is_number
from signon.firms.invitation_lines import Asked, InvitationLine, asked_by
from signon.firms.invitations import BATCH, New, already_invited, already_member
from signon.firms.membership import unknown_member
from signon.firms.models import InvitationKind, InvitationStatus, bulks
from signon.firms.models import invitations as invitations_table
from signon.prepared import change, every
from signon.web.acts import Act
from signon.web.problems import ApiError, as_api_error, problem_type

INVITATIONS = "invitations"
REMOVALS = "removals"
AT_ONCE = 500


class Mode(StrEnum):
    """What to do when some lines cannot be done; `check` does none in any case."""

    ALL = "all"
    PARTIAL = "partial"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Line:
    """A line's result; `problem` of None: it was done, or could be."""

    number: int
    target: str
    problem: SignonError | None = None
    id: str | None = None

    @property
    def type(self) -> str | None:
        """The problem's stable type."""
        told = as_api_error(self.problem) if self.problem else None
        return problem_type(told.reason) if told else None

    @property
    def detail(self) -> str | None:
        """The problem in a sentence."""
        return self.problem.sentence if self.problem else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A bulk operation: `id` of None when nothing was done."""

    id: str | None
    lines: Sequence[Line]

    @property
    def done(self) -> int:
        """How many were done, or could be."""
        return sum(line.problem is None for line in self.lines)

    @property
    def refused(self) -> int:
        """How many were not."""
        return len(self.lines) - self.done


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a bulk operation is: `handled` mails were written, where there was one to write."""

    id: str
    kind: str
    lines: int
    done: int
    handled: int


def invite(
    unit: Unit,
    authority: Authority,
    wanted: Sequence[InvitationLine],
    mode: Mode,
    *,
    is_acknowledged: bool,
) -> Outcome:
    """Invite everybody. Raises ApiError (`bulk_refused`) with a result per line; InputError.

    Raises as `asked_by` does, whatever the mode.
    """
    check_count(len(wanted))
    asked = [asked_by(authority, line) for line in wanted]
    checked = [_checked(one, is_acknowledged) for one in asked]
    members = _members(unit, authority, [one.account_number for one in asked])
    pending = _pending(unit, authority)
    codes = cost_centers.codes(unit, authority)
    own = oneself.own_of(unit, authority)
    lines: list[Line] = []
    rows: list[New] = []
    bulk_id = ids.new_id()
    seen: set[tuple[InvitationKind, str]] = set()
    for number, one in enumerate(checked, 1):
        if isinstance(one, SignonError):
            lines.append(Line(number, _named(asked[number - 1]), one))
            continue
        key = (one.kind, one.target)
        problem = _why_not(one, members, pending | seen, codes)
        problem = problem or oneself.why_not(own, one.target)
        seen.add(key)
        made = None
        if problem is None:
            center = codes[one.cost_center] if one.cost_center else None
            values = (authority.firm.id, authority.actor, one, center, bulk_id)
            rows.append(invitations.row(unit, *values))
            made = rows[-1].id
        lines.append(Line(number, one.target, problem, made))
    if not _is_to_be_done(lines, mode):
        return Outcome(None, lines)
    return _invited(unit, authority, bulk_id, lines, rows, mode)


def remove(
    unit: Unit, authority: Authority, numbers: Sequence[str], remark: str, mode: Mode
) -> Outcome:
    """Let many members go, all with one remark. Raises ApiError (`bulk_refused`), InputError."""
    check_count(len(numbers))
    tidy = checked_remark(remark)
    members = _members(unit, authority, numbers)
    lines: list[Line] = []
    seen: set[str] = set()
    for place, number in enumerate(numbers, 1):
        problem: SignonError | None = None
        if number in seen:
            problem = InputError("This member stands in an earlier line already.")
        elif number not in members:
            problem = unknown_member()
        elif members[number] == authority.actor:
            problem = own_account.refused()
        seen.add(number)
        lines.append(Line(place, number, problem))
    if not _is_to_be_done(lines, mode):
        return Outcome(None, lines)
    wanted = [line.target for line in lines if line.problem is None]
    parted = {one.number for one in parting.remove_all(unit, authority, wanted, tidy)}
    # somebody may have left at the same moment
    lines = [
        Line(line.number, line.target, unknown_member())
        if line.problem is None and line.target not in parted
        else line
        for line in lines
    ]
    _is_to_be_done(lines, mode)
    bulk_id = ids.new_id()
    _keep(unit, authority, bulk_id, REMOVALS, Outcome(bulk_id, lines))
    return Outcome(bulk_id, lines)


INVITE = Act("many", invite)
REMOVE = Act("many", remove, done="The members were removed. Everybody is mailed.")


def progress(unit: Unit, authority: Authority, bulk_id: str) -> Progress:
    """How far it is. Raises NotFoundError."""
    found = _progress(unit, authority.firm.id, bulk_id)
    if found is None:
        raise NotFoundError("There is no such bulk operation.")
    handled = found.done - found.waiting if found.kind == INVITATIONS else found.done
    return Progress(bulk_id, found.kind, found.lines, found.done, handled)


def _invited(
    unit: Unit,
    authority: Authority,
    bulk_id: str,
    lines: Sequence[Line],
    rows: Sequence[New],
    mode: Mode,
) -> Outcome:
    made = invitations.invite_rows(unit, rows)
    # somebody may have invited the same person at the same moment
    lines = [
        Line(line.number, line.target, already_invited())
        if line.problem is None and line.id not in made
        else line
        for line in lines
    ]
    _is_to_be_done(lines, mode)
    wanted = [line.id for line in lines if line.id and line.problem is None]
    for start in range(0, len(wanted), BATCH):
        invitations.send(unit, wanted[start : start + BATCH])
    outcome = Outcome(bulk_id, lines)
    _keep(unit, authority, bulk_id, INVITATIONS, outcome)
    digest = hashlib.sha256("\n".join(line.target for line in lines).encode()).hexdigest()
    after = {"invited": outcome.done, "refused": outcome.refused}
    changes.record(
        unit,
        authority,
        Event.FIRM_INVITED_MANY,
        Change("invitations", after=after),
        invited=outcome.done,
        refused=outcome.refused,
        bulk=bulk_id,
        digest=digest,
    )
    changes.count_invited(unit, authority.firm.id, outcome.done)
    return outcome


def _is_to_be_done(lines: Sequence[Line], mode: Mode) -> bool:
    """Whether there is something to do. Raises ApiError: a line is bad, and all or none is asked."""
    if mode is Mode.CHECK:
        return False
    bad = [line for line in lines if line.problem]
    if bad and mode is Mode.ALL:
        raise ApiError(
            422,
            "bulk_refused",
            f"{len(bad)} of {len(lines)} lines cannot be done, so none was. Mend them, or ask "
            "for mode=partial.",
            lines=[
                {"line": one.number, "target": one.target, "type": one.type, "detail": one.detail}
                for one in bad
            ],
        )
    return len(bad) < len(lines)


def _checked(asked: Asked, is_acknowledged: bool) -> Asked | SignonError:
    try:
        return invitation_lines.checked(asked, is_acknowledged=is_acknowledged)
    except InputError as error:
        # not confirmed is about the whole file
        if error.field == "acknowledged":
            raise
        return error


def _why_not(
    asked: Asked,
    members: Collection[str],
    taken: set[tuple[InvitationKind, str]],
    codes: dict[str, str],
) -> SignonError | None:
    if asked.kind is InvitationKind.MEMBER and asked.account_number in members:
        return already_member()
    if (asked.kind, asked.target) in taken:
        return already_invited()
    if asked.cost_center and asked.cost_center not in codes:
        return InputError("The firm has no such cost center.", field="cost_center")
    return None


def _named(asked: Asked) -> str:
    return (asked.account_number or asked.email or "")[:254]


def _members(unit: Unit, authority: Authority, numbers: Sequence[str | None]) -> dict[str, str]:
    """Those of these that are the firm's own members, with their ids."""
    wanted = sorted({number for number in numbers if number and is_number(number)})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        members = select(accounts.c.number, accounts.c.id).where(
            accounts.c.firm_number == authority.firm.number,
            accounts.c.number.in_(wanted[start : start + AT_ONCE]),
        )
        found |= {member.number: member.id for member in unit.execute(members)}
    return found


def _pending(unit: Unit, authority: Authority) -> set[tuple[InvitationKind, str]]:
    found = _pending_of(unit, authority.firm.id, unit.now)
    return {(InvitationKind(each.kind), each.target) for each in found}


def _keep(unit: Unit, authority: Authority, bulk_id: str, kind: str, outcome: Outcome) -> None:
    new = _New(bulk_id, authority.firm.id, kind, len(outcome.lines), outcome.done, unit.now)
    _insert(unit, new)


class _New(NamedTuple):
    id: str
    firm_id: str
    kind: str
    lines: int
    done: int
    created_at: datetime


class _Pending(NamedTuple):
    kind: str
    target: str


class _Progress(NamedTuple):
    kind: str
    lines: int
    done: int
    waiting: int


@every(_Pending)
def _pending_of(firm_id: str, now: datetime) -> Select[str, str]:
    return select(invitations_table.c.kind, invitations_table.c.target).where(
        invitations_table.c.firm_id == firm_id,
        invitations_table.c.status == InvitationStatus.PENDING.value,
        invitations_table.c.expires_at > now,
    )


@prepared.one(_Progress)
def _progress(firm_id: str, bulk_id: str) -> Select[str, int, int, int]:
    waiting = (
        select(func.count())
        .where(invitations_table.c.bulk_id == bulk_id, invitations_table.c.handled_at.is_(None))
        .scalar_subquery()
    )
    return select(bulks.c.kind, bulks.c.lines, bulks.c.done, waiting.label("waiting")).where(
        bulks.c.id == bulk_id, bulks.c.firm_id == firm_id
    )


@change
def _insert(new: _New) -> Insert:
    return insert(bulks).values(**new._asdict())
