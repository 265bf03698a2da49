"""`/api/v1/firms/{firm}/invitations`, for programs."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.errors import InputError
from signon.firms import bulk, bulk_files, invitation_list, invitations
from signon.firms.access import MEMBERS, READ, Authority
from signon.firms.api import shown
from signon.firms.api.members import BulkAsked
from signon.firms.at_firm import AT as AT_FIRM
from signon.firms.at_firm import IN_PERSON, at, firm_router
from signon.firms.bulk import Mode
from signon.firms.invitations import Asked
from signon.firms.models import InvitationKind, InvitationStatus
from signon.rest import DONE, Answer, Call, Sheet
from signon.rest.declared import refusals
from signon.rest.parameters import FirmNumber, Paged
from signon.web.json_bodies import Body
from signon.web.paging import Page, place_of

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

    last_name: str = Field(examples=["Attorney"])
    """The person’s last name."""
    remark: str = Field(examples=["Welcome to the firm."])
    """Why; the person reads it."""
    kind: str = Field(
        InvitationKind.MEMBER.value, json_schema_extra={"enum": ["member", "administrator"]}
    )
    """`member`, or `administrator` to manage the firm."""
    account_number: str | None = Field(None, examples=["1000001"])
    """The person’s account number, if there is one."""
    first_name: str | None = Field(None, examples=["Ada"])
    """The first name of a person without an account."""
    email: str | None = Field(None, examples=["ada@example.org"])
    """The address of a person without an account."""
    cost_center: str | None = Field(None, examples=["LIT-2"])
    """The code of the cost centre to put the member into."""


class NewInvitation(InvitationLine):
    """`acknowledged`: this person works for or with the firm and knows of it."""

    acknowledged: bool
    """That this person works for or with the firm and knows of it."""


class NewInvitations(Sheet):
    """Several at once."""

    acknowledged: bool
    """That these people work for or with the firm and know of it."""
    invitations: list[InvitationLine]
    """Whom to invite, a line for each."""


class InvitationsAsked(Paged):
    """Which of them."""

    status: InvitationStatus | None = None
    """Only those in this state."""


class InvitationsSent(BulkAsked):
    """The same as for other bulk operations, with what goes beside a CSV file."""

    acknowledged: bool = False
    """With CSV: that these people work for or with the firm and know of it."""


InvitationId = Annotated[
    str,
    Path(
        description="The invitation’s id, as the list has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
BulkId = Annotated[
    str,
    Path(
        description="The id that the bulk operation was answered.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
INVITING = IN_PERSON | refusals("too_many_invitations", status=429)
"""Inviting to administer takes a person, and nobody invites without end."""
reading, changing = firm_router(READ), firm_router(MEMBERS)


@reading.get(AT, response_model=shown.FirmInvitations, summary="Invitations, newest first")
async def list_firm_invitations(
    call: Call, firm: FirmNumber, asked: Annotated[InvitationsAsked, Query()]
) -> Response:
    """A page of those that were asked for."""
    return await at(call, firm).read(_list, asked.status, asked.page)


@changing.post(
    AT,
    response_model=shown.FirmInvitation,
    status_code=201,
    summary="Invite somebody; the answer does not tell whether there is such an account",
    responses=refusals("already_invited", "already_member", "own_account") | INVITING,
)
async def invite_to_firm(call: Call, firm: FirmNumber, sent: NewInvitation) -> Response:
    """A mail goes out in any case that there is somebody to get it."""
    return await at(call, firm).write(_invite, sent)


@changing.post(
    f"{AT}/bulk",
    response_model=shown.BulkOutcome,
    summary="Invite many; CSV takes the parameter acknowledged=true",
    responses=refusals("frozen") | refusals("bulk_refused", status=422) | INVITING,
)
async def invite_many_to_firm(
    call: Call, firm: FirmNumber, asked: Annotated[InvitationsSent, Query()], sent: NewInvitations
) -> Response:
    """The answer says of every line what became of it."""
    if sent.file is None:
        bulk_files.check_count(len(sent.invitations))
        people, is_acknowledged = [asked_of(line) for line in sent.invitations], sent.acknowledged
    else:
        people, is_acknowledged = of_file(sent.file), asked.acknowledged
    # one at a time, or two that name the same people could wait for each other
    return await at(call, firm).write_locked(_invite_many, people, asked.mode, is_acknowledged)


@reading.get(
    f"{AT}/bulk/{{id}}", response_model=shown.BulkProgress, summary="How far a bulk operation is"
)
async def read_firm_bulk(
    call: Call,
    firm: FirmNumber,
    id: BulkId,  # noqa: A002  # the path's name
) -> Response:
    """Of those that were done, how many are mailed."""
    return await at(call, firm).read(_progress, id)


@reading.get(ONE, response_model=shown.FirmInvitation, summary="An invitation")
async def read_firm_invitation(
    call: Call,
    firm: FirmNumber,
    id: InvitationId,  # noqa: A002  # the path's name
) -> Response:
    """One that the firm has sent, and how it was answered."""
    return await at(call, firm).read(_one, id)


@changing.post(
    f"{ONE}/send-again",
    response_model=shown.FirmInvitation,
    summary="Mail it again; it can be answered for another 72 hours",
    responses=refusals("just_sent", "invitation_over"),
)
async def send_firm_invitation_again(
    call: Call,
    firm: FirmNumber,
    id: InvitationId,  # noqa: A002  # the path's name
) -> Response:
    """The link of the mail before works no longer."""
    return await at(call, firm).write(_send_again, id)


@changing.delete(ONE, status_code=204, summary="Withdraw it", responses=refusals("invitation_over"))
async def withdraw_firm_invitation(
    call: Call,
    firm: FirmNumber,
    id: InvitationId,  # noqa: A002  # the path's name
) -> Response:
    """It cannot be answered any more."""
    return await at(call, firm).write(_withdraw, id)


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


def _list(unit: Unit, authority: Authority, status: InvitationStatus | None, page: Page) -> Answer:
    rows = invitation_list.listed(
        unit, authority, status=status, after=page.place, limit=page.look_ahead
    )
    found, cursor = page.cut(rows, lambda one: place_of(one.created_at, one.id))
    listed = [shown.invitation(one) for one in found]
    return Answer(shown.FirmInvitations(invitations=listed), next_cursor=cursor)


def _invite(unit: Unit, authority: Authority, wanted: NewInvitation) -> Answer:
    asked = invitations.checked(asked_of(wanted), is_acknowledged=wanted.acknowledged)
    if asked.kind is InvitationKind.ADMINISTRATOR:
        authority.require_person()
    made = invitations.invite(unit, authority, asked)
    location = f"/api/v1/firms/{authority.firm.number}/invitations/{made.id}"
    return Answer(shown.invitation(made), status=201, location=location)


def _invite_many(
    unit: Unit, authority: Authority, asked: list[Asked], mode: Mode, is_acknowledged: bool
) -> Answer:
    if any(one.kind is InvitationKind.ADMINISTRATOR for one in asked):
        authority.require_person()
    done = bulk.invite(unit, authority, asked, mode, is_acknowledged=is_acknowledged)
    return Answer(shown.outcome(done))


def _progress(unit: Unit, authority: Authority, bulk_id: str) -> Answer:
    return Answer(shown.progress(bulk.progress(unit, authority, bulk_id)))


def _one(unit: Unit, authority: Authority, invitation_id: str) -> Answer:
    return Answer(shown.invitation(invitation_list.one(unit, authority, invitation_id)))


def _send_again(unit: Unit, authority: Authority, invitation_id: str) -> Answer:
    invitations.send_again(unit, authority, invitation_id)
    return _one(unit, authority, invitation_id)


def _withdraw(unit: Unit, authority: Authority, invitation_id: str) -> Answer:
    invitations.withdraw(unit, authority, invitation_id)
    return DONE


def of_file(text: str) -> list[Asked]:
    """What the lines of a file ask for. Raises InputError."""
    lines = bulk_files.read(text, REQUIRED, OPTIONAL)
    filled = [{name: value for name, value in line.items() if value} for line in lines]
    return [asked_of(InvitationLine(**{"last_name": "", "remark": "", **line})) for line in filled]
