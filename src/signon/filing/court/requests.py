"""Requests of a court's staff that a second member confirms: filed, looked at, spent once.

Only the colleagues decide: whoever asked may withdraw, and so may whoever could confirm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Insert, Select, Update, insert, select, update

from signon import ids
from signon.accounts import directory
from signon.accounts.directory import Account
from signon.audit import trail
from signon.audit.events import Event
from signon.courts import staff
from signon.db import Unit
from signon.errors import NotFoundError, RefusedError
from signon.filing.court import request_words
from signon.filing.court.desk import NOT_PERMITTED, POWERS, Desk
from signon.filing.court.second_member import NEEDS, Kind, WantedAct
from signon.filing.models import staff_requests
from signon.notices import mail
from signon.notices.staff_request import StaffRequest
from signon.prepared import change, every
from signon.prepared import one as one_row
from signon.web.acts import Act

LASTS = timedelta(hours=72)
MOST = 20
"""Requests of one member that wait at once: each is mailed to the colleagues."""
OWN, OVER, TOO_MANY, ASKER = "own_request", "request_over", "too_many_requests", "asker_may_not"


class RequestState(StrEnum):
    """What became of a request."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Request:
    """A row of `staff_requests`; `asker` and `decider` are usernames, for people."""

    id: str
    court_id: str
    kind: Kind
    asked: Mapping[str, Any]
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    state: RequestState
    decided_at: datetime | None
    asker: str
    decider: str | None


def ask(unit: Unit, desk: Desk, wanted: WantedAct) -> Request:
    """File what somebody wants, and tell the colleagues; the same, if it waits already.

    Raises RefusedError (`too_many_requests`).
    """
    own = [one for one in waiting(unit, desk) if one.asked_by == desk.actor]
    for one in own:
        if (one.kind, one.asked) == (wanted.kind, wanted.asked):
            return one
    if len(own) >= MOST:
        raise RefusedError(
            TOO_MANY,
            f"{MOST} requests of yours wait already: have them confirmed or withdraw some.",
        )
    request_id = ids.new_id()
    asked, until = dict(wanted.asked), unit.now + LASTS
    row = _Row(request_id, desk.court.id, wanted.kind, asked, desk.actor, unit.now, until)
    _ask(unit, row)
    made = found(unit, desk, request_id)
    _record(unit, desk, Event.STAFF_REQUEST_ASKED, made)
    _tell(unit, desk, made)
    return made


ASK = Act("ask", ask)


def waiting(unit: Unit, desk: Desk) -> Sequence[Request]:
    """Those of the court that can still be confirmed, the oldest first."""
    return [_of_row(unit, row) for row in _waiting(unit, desk.court.id, unit.now)]


def found(unit: Unit, desk: Desk, request_id: str) -> Request:
    """One of the court's. Raises NotFoundError."""
    row = _find(unit, request_id, desk.court.id)
    if row is None:
        raise NotFoundError("The court’s staff have no such request.")
    return _of_row(unit, row)


def spend(unit: Unit, desk: Desk, one: Request) -> Account:
    """A second member confirms it, once; the act itself follows in this unit. Answers who asked.

    Raises RefusedError: `not_permitted`, `own_request`, `asker_may_not` (any more), `request_over`.
    """
    if desk.role is None:
        raise RefusedError(NOT_PERMITTED, "Only the court’s staff confirm: do it yourself instead.")
    desk.require(NEEDS[one.kind])
    if one.asked_by == desk.actor:
        raise RefusedError(
            OWN, "You asked for this yourself: another member of the staff has to confirm it."
        )
    asker = _require_asker(unit, desk, one)
    _decide(unit, desk, one, RequestState.CONFIRMED, Event.STAFF_REQUEST_CONFIRMED)
    return asker


def withdraw(unit: Unit, desk: Desk, request_id: str) -> Request:
    """Nothing comes of it. Raises NotFoundError, RefusedError (`not_permitted`, `request_over`)."""
    one = found(unit, desk, request_id)
    if one.asked_by != desk.actor:
        desk.require(NEEDS[one.kind])
    _decide(unit, desk, one, RequestState.WITHDRAWN, Event.STAFF_REQUEST_WITHDRAWN)
    return found(unit, desk, request_id)


WITHDRAW = Act("withdraw", withdraw, done="The request is withdrawn. Nothing comes of it.")


def _require_asker(unit: Unit, desk: Desk, one: Request) -> Account:
    """Whoever asked works here still, may still do it, and is nobody else by now."""
    account = directory.by_id(unit, one.asked_by)
    role = staff.role_of(unit, desk.court.id, one.asked_by)
    if (
        account is None
        or role is None
        or NEEDS[one.kind] not in POWERS[role]
        or not account.is_active
        or account.frozen_at is not None
    ):
        raise RefusedError(
            ASKER, f"{one.asker} asked for this and may no more do it here: withdraw the request."
        )
    return account


def _decide(unit: Unit, desk: Desk, one: Request, to: RequestState, event: Event) -> None:
    """One guarded step, so that of two who decide at once one does."""
    if _close(unit, one.id, to, desk.actor, unit.now) != 1:
        state = found(unit, desk, one.id).state
        raise RefusedError(OVER, f"This request is {state} already: nothing was done.")
    _record(unit, desk, event, one)


def _record(unit: Unit, desk: Desk, event: Event, one: Request) -> None:
    trail.record(
        unit,
        event,
        actor=desk.actor,
        account_id=one.asked_by,
        court_id=desk.court.id,
        reason=one.kind.value,
        request=one.id,
    )


def _tell(unit: Unit, desk: Desk, one: Request) -> None:
    """Those who may confirm; of whoever asks they read the number, not a name."""
    assert desk.account is not None
    letter = StaffRequest(
        court=desk.court.name,
        court_id=desk.court.id,
        what=request_words.TITLES[one.kind],
        account_number=desk.account.number,
        hours=int(LASTS / timedelta(hours=1)),
    )
    letters = [
        (member.account.email, letter)
        for member in staff.members(unit, desk.court.id)
        if member.account.id != desk.actor
        and member.account.is_active
        and member.account.frozen_at is None
        and NEEDS[one.kind] in POWERS[member.role]
    ]
    mail.send_many(unit, letters)


class _Row(NamedTuple):
    id: str
    court_id: str
    kind: str
    asked: dict[str, Any]
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    outcome: str | None = None


def _of_row(unit: Unit, row: _Row) -> Request:
    is_over = row.outcome is None and row.expires_at <= unit.now
    return Request(
        id=row.id,
        court_id=row.court_id,
        kind=Kind(row.kind),
        asked=row.asked,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        state=RequestState.EXPIRED
        if is_over
        else RequestState(row.outcome or RequestState.WAITING),
        decided_at=row.decided_at,
        asker=_username(unit, row.asked_by),
        decider=_username(unit, row.decided_by) if row.decided_by else None,
    )


def _username(unit: Unit, account_id: str) -> str:
    account = directory.by_id(unit, account_id)
    return account.username if account else account_id


def _of_court(court_id: str) -> Select[*tuple[Any, ...]]:
    return select(*staff_requests.c).where(staff_requests.c.court_id == court_id)


def _is_open(now: datetime) -> ColumnElement[bool]:
    return staff_requests.c.decided_at.is_(None) & (staff_requests.c.expires_at > now)


@change
def _ask(row: _Row) -> Insert:
    return insert(staff_requests).values(**row._asdict())


@one_row(_Row)
def _find(request_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    return _of_court(court_id).where(staff_requests.c.id == request_id)


@every(_Row)
def _waiting(court_id: str, now: datetime) -> Select[*tuple[Any, ...]]:
    found = _of_court(court_id).where(_is_open(now))
    return found.order_by(staff_requests.c.asked_at, staff_requests.c.id)


@change
def _close(request_id: str, to: str, by: str, now: datetime) -> Update:
    return (
        update(staff_requests)
        .where(staff_requests.c.id == request_id, _is_open(now))
        .values(decided_at=now, decided_by=by, outcome=to)
    )
