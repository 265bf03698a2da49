"""`/api/v1/firms/{firm}/invitations`, for programs."""

from signon.db import Unit
from signon.errors import InputError
from signon.firms import access, bulk, bulk_files, invitation_list, invitations, shown
from signon.firms.access import MEMBERS, READ, Authority
from signon.firms.bulk import Mode
from signon.firms.invitation_list import Invitation
from signon.firms.invitations import Asked
from signon.firms.member_calls import AT_FIRM, mode_of
from signon.firms.models import InvitationKind, InvitationStatus
from signon.tokens.api import DONE, Answer, Call, Caller, Operation, Rendered
from signon.web.json_bodies import Body
from signon.web.paging import place_of
from signon.web.problems import invalid

AT = f"{AT_FIRM}/invitations"
ONE = f"{AT}/{{id}}"
REQUIRED, OPTIONAL = (
    ("last_name", "remark"),
    ("account_number", "first_name", "email", "cost_center"),
)
"""The columns of a file of invitations; a line has an account number, or a name and an address."""


class InvitationLine(Body):
    """Whom to invite: an account number and its last name, or for a person who has no account yet
    first name, last name and address. `administrator`: to manage the firm.
    """

    last_name: str
    remark: str
    kind: str = InvitationKind.MEMBER.value
    account_number: str | None = None
    first_name: str | None = None
    email: str | None = None
    cost_center: str | None = None


class NewInvitation(InvitationLine):
    """`acknowledged`: this person works for or with the firm and knows of it."""

    acknowledged: bool


class NewInvitations(Body):
    """Several at once."""

    acknowledged: bool
    invitations: list[InvitationLine]


class InvitationCalls:
    """Asking people in."""

    def operations(self) -> list[Operation]:
        """Each with the scopes that open it."""
        return [
            Operation("GET", AT, self.list_firm_invitations, READ,
                      "Invitations, newest first", answer=shown.FirmInvitations,
                      query=("status",), is_paged=True),
            Operation("POST", AT, self.invite_to_firm, MEMBERS,
                      "Invite somebody; the answer does not tell whether there is such an account",
                      body=NewInvitation, answer=shown.FirmInvitation, status=201),
            Operation("POST", f"{AT}/bulk", self.invite_many_to_firm, MEMBERS,
                      "Invite many; CSV takes the parameter acknowledged=true",
                      body=NewInvitations, answer=shown.BulkOutcome,
                      query=("mode", "acknowledged"), takes_csv=True),
            Operation("GET", f"{AT}/bulk/{{id}}", self.read_firm_bulk, READ,
                      "How far a bulk operation is", answer=shown.BulkProgress),
            Operation("GET", ONE, self.read_firm_invitation, READ, "An invitation",
                      answer=shown.FirmInvitation),
            Operation("POST", f"{ONE}/send-again", self.send_firm_invitation_again, MEMBERS,
                      "Mail it again; it can be answered for another 72 hours",
                      answer=shown.FirmInvitation),
            Operation("DELETE", ONE, self.withdraw_firm_invitation, MEMBERS, "Withdraw it",
                      status=204),
        ]  # fmt: skip

    async def list_firm_invitations(self, call: Call) -> Rendered:
        """A page of them."""
        status = call.query.get("status")
        if status is not None and status not in set(InvitationStatus):
            raise invalid(("status", f"There are {', '.join(InvitationStatus)}."))
        return await call.read(_list, call, InvitationStatus(status) if status else None)

    async def invite_to_firm(self, call: Call) -> Rendered:
        """One."""
        return await call.write(_invite, call, call.body(NewInvitation))

    async def invite_many_to_firm(self, call: Call) -> Rendered:
        """Many."""
        asked, is_acknowledged = _asked(call)
        return await call.write(_invite_many, call, asked, mode_of(call.query), is_acknowledged)

    async def read_firm_bulk(self, call: Call) -> Rendered:
        """How far it is."""
        return await call.read(_progress, call)

    async def read_firm_invitation(self, call: Call) -> Rendered:
        """One of them."""
        return await call.read(_one, call)

    async def send_firm_invitation_again(self, call: Call) -> Rendered:
        """Once more."""
        return await call.write(_send_again, call)

    async def withdraw_firm_invitation(self, call: Call) -> Rendered:
        """Not any more."""
        return await call.write(_withdraw, call)


def asked_of(line: InvitationLine) -> Asked:
    """What a line asks for. Raises InputError."""
    if line.kind not in {InvitationKind.MEMBER, InvitationKind.ADMINISTRATOR}:
        raise InputError("There are member and administrator.", field="kind")
    kind = InvitationKind(line.kind)
    if line.account_number is None and kind is InvitationKind.MEMBER:
        kind = InvitationKind.PREPARED
    elif line.email is not None or line.first_name is not None:
        raise InputError(
            "Give an account number, or first name and address; not both.", field="account_number"
        )
    given = line.model_dump(exclude={"kind", "acknowledged"})
    return Asked(kind=kind, **given)


def _authority(unit: Unit, caller: Caller, call: Call, *, locked: bool = False) -> Authority:
    return access.of_caller(
        unit, caller, call.path_params["firm"], origin=call.origin, locked=locked
    )


def _list(unit: Unit, caller: Caller, call: Call, status: InvitationStatus | None) -> Answer:
    rows = invitation_list.listed(
        unit,
        _authority(unit, caller, call),
        status=status,
        after=call.page.place,
        limit=call.page.look_ahead,
    )
    found, cursor = call.page.cut(rows, lambda one: place_of(one.created_at, one.id))
    listed = [shown.invitation(one) for one in found]
    return Answer(shown.FirmInvitations(invitations=listed), next_cursor=cursor)


def _invite(unit: Unit, caller: Caller, call: Call, wanted: NewInvitation) -> Answer:
    authority = _authority(unit, caller, call)
    asked = invitations.checked(asked_of(wanted), is_acknowledged=wanted.acknowledged)
    if asked.kind is InvitationKind.ADMINISTRATOR:
        authority.require_person()
    made = invitations.invite(unit, authority, asked)
    location = f"/api/v1/firms/{authority.firm.number}/invitations/{made.id}"
    return Answer(shown.invitation(made), status=201, location=location)


def _invite_many(
    unit: Unit, caller: Caller, call: Call, asked: list[Asked], mode: Mode, is_acknowledged: bool
) -> Answer:
    # one at a time, or two that name the same people could wait for each other
    authority = _authority(unit, caller, call, locked=True)
    if any(one.kind is InvitationKind.ADMINISTRATOR for one in asked):
        authority.require_person()
    done = bulk.invite(unit, authority, asked, mode, is_acknowledged=is_acknowledged)
    return Answer(shown.outcome(done))


def _progress(unit: Unit, caller: Caller, call: Call) -> Answer:
    found = bulk.progress(unit, _authority(unit, caller, call), call.path_params["id"])
    return Answer(shown.progress(found))


def _one(unit: Unit, caller: Caller, call: Call) -> Answer:
    return Answer(shown.invitation(_found(unit, _authority(unit, caller, call), call)))


def _send_again(unit: Unit, caller: Caller, call: Call) -> Answer:
    authority = _authority(unit, caller, call)
    invitations.send_again(unit, authority, call.path_params["id"])
    return Answer(shown.invitation(_found(unit, authority, call)))


def _withdraw(unit: Unit, caller: Caller, call: Call) -> Answer:
    invitations.withdraw(unit, _authority(unit, caller, call), call.path_params["id"])
    return DONE


def _found(unit: Unit, authority: Authority, call: Call) -> Invitation:
    return invitation_list.one(unit, authority, call.path_params["id"])


def _asked(call: Call) -> tuple[list[Asked], bool]:
    if call.is_csv:
        return of_file(call.text), call.query.get("acknowledged") == "true"
    wanted = call.body(NewInvitations)
    bulk_files.check_count(len(wanted.invitations))
    return [asked_of(line) for line in wanted.invitations], wanted.acknowledged


def of_file(text: str) -> list[Asked]:
    """What the lines of a file ask for. Raises InputError."""
    lines = bulk_files.read(text, REQUIRED, OPTIONAL)
    filled = [{name: value for name, value in line.items() if value} for line in lines]
    return [asked_of(InvitationLine(**{"last_name": "", "remark": "", **line})) for line in filled]
