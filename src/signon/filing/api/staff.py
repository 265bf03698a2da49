"""`/api/v1/courts/{court}/staff`: who works for a court."""

from starlette.routing import Route

from signon.courts.staff import Member, StaffRole
from signon.db import Unit
from signon.filing import staffing
from signon.filing.api.court import CourtRest, court_operation
from signon.filing.api.requests_shown import CourtRequest
from signon.filing.desk import POWERS, Desk, Power
from signon.tokens.api import DONE, Answer, Call, Rendered
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

    role: StaffRole


class StaffApi:
    """Staff for programs, by the rules of the console."""

    def __init__(self, rest: CourtRest) -> None:
        self._rest = rest

    def routes(self) -> list[Route]:
        """The list and its members."""
        one = "/staff/{username}"
        return self._rest.routes(
            [
                court_operation(
                    "GET", "/staff", self.list_court_staff, "Who works for the court",
                    answer=CourtStaff,
                ),
                court_operation(
                    "GET", one, self.read_court_staff, "One of the staff",
                    answer=CourtStaffMember,
                ),
                court_operation(
                    "PUT", one, self.give_court_role, "Give somebody a role at the court",
                    body=GivenRole, answer=CourtStaffMember, changes_versions=True,
                    waits=CourtRequest,
                ),
                court_operation(
                    "DELETE", one, self.take_court_role, "Take somebody off the staff",
                    status=204, changes_versions=True,
                ),
            ]
        )  # fmt: skip

    async def list_court_staff(self, call: Call) -> Rendered:
        """All of them."""
        return await self._rest.read(call, _list)

    async def read_court_staff(self, call: Call) -> Rendered:
        """One, with a version."""
        return await self._rest.read(call, _read, call.path_params["username"])

    async def give_court_role(self, call: Call) -> Rendered:
        """Another role takes the place of the one that is held."""
        role = call.body(GivenRole).role
        return await self._rest.write(
            call, Power.STAFF, _give, call.path_params["username"], role, call.if_match
        )

    async def take_court_role(self, call: Call) -> Rendered:
        """At once: what they are signed in to shows them nothing of the court any more."""
        return await self._rest.write(
            call, Power.STAFF, _take, call.path_params["username"], call.if_match
        )


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
