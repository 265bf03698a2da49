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
from signon.filing.court.requests_shown import waits
from signon.filing.court.staffing import GIVE, TAKE
from signon.rest import DONE, Answer, Call
from signon.rest.declared import refusals
from signon.rest.parameters import CourtId, IfMatch
from signon.rest.values import Number, SignInName
from signon.web.json_bodies import Body, Shown


class CourtStaffMember(Shown):
    """Somebody who works for a court; `powers` is what the role may do there."""

    username: SignInName
    """The name that they sign in with, and their place in this API."""
    account_number: Number
    name: str
    """Their name for people."""
    role: StaffRole
    """The role that they have at the court."""
    powers: list[Power]
    """What the role may do at the court."""


class CourtStaff(Shown):
    """Everybody, by their usernames."""

    staff: list[CourtStaffMember]
    """Everybody who works for the court, by username."""


class GivenRole(Body):
    """The role that somebody is to have."""

    role: StaffRole = Field(examples=["clerk"])
    """What they may do at the court."""


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
    responses=waits("own_account", "more_than_held", "last_administrator", "not_fit_for_staff"),
)
async def give_court_role(
    call: Call, court: CourtId, username: Username, sent: GivenRole, if_match: IfMatch = None
) -> Response:
    """Another role takes the place of the one that is held."""
    here = at(call, court).when(if_match, staffing.version, username)
    return await here.do(GIVE, _answer, username, sent.role)


@operations.delete(
    ONE,
    status_code=204,
    summary="Take somebody off the staff",
    responses=refusals("own_account", "more_than_held", "last_administrator"),
)
async def take_court_role(
    call: Call, court: CourtId, username: Username, if_match: IfMatch = None
) -> Response:
    """At once: what they are signed in to shows them nothing of the court any more."""
    here = at(call, court).when(if_match, staffing.version, username)
    return await here.do(TAKE, _taken, username)


def _list(unit: Unit, desk: Desk) -> Answer:
    return Answer(CourtStaff(staff=[_shown(one) for one in staffing.members(unit, desk)]))


def _read(unit: Unit, desk: Desk, username: str) -> Answer:
    return _answer(staffing.member(unit, desk, username))


def _taken(_role: StaffRole) -> Answer:
    return DONE


def _answer(member: Member) -> Answer:
    return Answer(_shown(member), etag=staffing.etag(member))


def _shown(member: Member) -> CourtStaffMember:
    return CourtStaffMember(
        username=member.account.username,
        account_number=member.account.number,
        name=member.account.display_name,
        role=member.role,
        powers=[power for power in Power if power in POWERS[member.role]],
    )
