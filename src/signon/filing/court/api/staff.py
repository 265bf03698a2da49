"""`/api/v1/courts/{court}/staff`: who works for a court."""

from typing import Annotated

from fastapi import Path
from pydantic import Field
from starlette.responses import Response

from signon.courts.staff import Member, StaffRole
from signon.db import Unit
from signon.filing.court import staffing
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import POWERS, Desk, Power
from signon.filing.court.requests_shown import WAITS
from signon.rest import DONE, Answer, Call
from signon.rest.parameters import CourtId, IfMatch
from signon.web import preconditions
from signon.web.json_bodies import Body, Shown


class CourtStaffMember(Shown):
    """Somebody who works for a court; `powers` is what the role may do there."""

    username: str
    account_number: str
    name: str
    role: StaffRole
    powers: list[Power]


class CourtStaff(Shown):
    """Everybody, by their usernames."""

    staff: list[CourtStaffMember]


class GivenRole(Body):
    """The role that somebody is to have."""

    role: StaffRole = Field(description="What they may do at the court.", examples=["clerk"])


Username = Annotated[
    str, Path(description="The username that they sign in with.", examples=["ada.clerk"])
]
ONE = f"{AT}/staff/{{username}}"
operations = court_router()


@operations.get(f"{AT}/staff", response_model=CourtStaff, summary="Who works for the court")
async def list_court_staff(call: Call, court: CourtId) -> Response:
    """All of them, by their usernames, with what each may do."""
    return await at(call, court).read(_list)


@operations.get(ONE, response_model=CourtStaffMember, summary="One of the staff")
async def read_court_staff(call: Call, court: CourtId, username: Username) -> Response:
    """Somebody who works for the court, with a version as `ETag`."""
    return await at(call, court).read(_read, username)


@operations.put(
    ONE,
    response_model=CourtStaffMember,
    summary="Give somebody a role at the court",
    responses=WAITS,
)
async def give_court_role(
    call: Call, court: CourtId, username: Username, sent: GivenRole, if_match: IfMatch = None
) -> Response:
    """Another role takes the place of the one that is held."""
    return await at(call, court).write(Power.STAFF, _give, username, sent.role, if_match)


@operations.delete(ONE, status_code=204, summary="Take somebody off the staff")
async def take_court_role(
    call: Call, court: CourtId, username: Username, if_match: IfMatch = None
) -> Response:
    """At once: what they are signed in to shows them nothing of the court any more."""
    return await at(call, court).write(Power.STAFF, _take, username, if_match)


def _list(unit: Unit, desk: Desk) -> Answer:
    return Answer(CourtStaff(staff=[_shown(one) for one in staffing.members(unit, desk)]))


def _read(unit: Unit, desk: Desk, username: str) -> Answer:
    return _answer(staffing.member(unit, desk, username))


def _give(unit: Unit, desk: Desk, username: str, role: StaffRole, if_match: str | None) -> Answer:
    if if_match is not None:
        _require_match(unit, desk, username, if_match)
    return _answer(staffing.give(unit, desk, username, role))


def _take(unit: Unit, desk: Desk, username: str, if_match: str | None) -> Answer:
    if if_match is not None:
        _require_match(unit, desk, username, if_match)
    staffing.take(unit, desk, username)
    return DONE


def _require_match(unit: Unit, desk: Desk, username: str, if_match: str) -> None:
    staffing.hold(unit, desk)
    preconditions.require_match(if_match, _etag(staffing.member(unit, desk, username)))


def _answer(member: Member) -> Answer:
    return Answer(_shown(member), etag=_etag(member))


def _etag(member: Member) -> str:
    return preconditions.etag_of(member.account.id, member.role)


def _shown(member: Member) -> CourtStaffMember:
    return CourtStaffMember(
        username=member.account.username,
        account_number=member.account.number,
        name=member.account.display_name,
        role=member.role,
        powers=[power for power in Power if power in POWERS[member.role]],
    )
