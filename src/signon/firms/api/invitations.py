"""`/api/v1/firms/{firm}/invitations`, for programs."""

from dataclasses import replace
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.firms import bulk, invitation_lines, invitation_list, invitations, reminding
from signon.firms.access import MEMBERS, READ, Authority
from signon.firms.api import shown
from signon.firms.api.members import BulkAsked
from signon.firms.at_firm import AT as AT_FIRM
from signon.firms.at_firm import IN_PERSON, at, firm_router
from signon.firms.invitation_lines import InvitationLine, NewInvitation
from signon.firms.invitation_list import Invitation
from signon.firms.models import InvitationStatus
from signon.rest import Answer, Call, Sheet
from signon.rest.at import nothing_more
from signon.rest.declared import refusals
from signon.rest.parameters import FirmNumber, Paged
from signon.web.paging import Page, place_of

AT = f"{AT_FIRM}/invitations"
ONE = f"{AT}/{{id}}"


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
    q: str = Field("", max_length=100, examples=["Doe"])
    """The beginning of a name, an account number or an address."""


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
    return await at(call, firm).read(_list, asked.status, asked.q, asked.page)


@changing.post(
    AT,
    response_model=shown.FirmInvitation,
    status_code=201,
    summary="Invite somebody; the answer does not tell whether there is such an account",
    responses=refusals("already_invited", "already_member", "own_account") | INVITING,
)
async def invite_to_firm(call: Call, firm: FirmNumber, sent: NewInvitation) -> Response:
    """A mail goes out in any case that there is somebody to get it."""
    return await at(call, firm).do(invitations.INVITE, lambda made: _made(firm, made), sent)


@changing.post(
    f"{AT}/bulk",
    response_model=shown.BulkOutcome,
    summary="Invite many; CSV takes the parameter acknowledged=true",
    responses=refusals("bulk_refused", status=422) | INVITING,
)
async def invite_many_to_firm(
    call: Call, firm: FirmNumber, asked: Annotated[InvitationsSent, Query()], sent: NewInvitations
) -> Response:
    """The answer says of every line what became of it."""
    if sent.file is None:
        lines, is_acknowledged = sent.invitations, sent.acknowledged
    else:
        lines, is_acknowledged = invitation_lines.of_file(sent.file), asked.acknowledged
    return await at(call, firm).do(
        bulk.INVITE, shown.bulk, lines, asked.mode, is_acknowledged=is_acknowledged
    )


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
    return await at(call, firm).do(invitations.AGAIN, _answer, id)


@changing.post(
    f"{AT}/send-again",
    response_model=shown.FirmReminded,
    summary="Mail everybody again who has not answered; 72 hours begin anew",
    responses=refusals("nobody_waits") | refusals("too_many_invitations", status=429),
)
async def remind_all_invited_to_firm(call: Call, firm: FirmNumber) -> Response:
    """Waiting and expired ones, but for those that were mailed within five minutes."""
    return await at(call, firm).do(
        reminding.REMIND, lambda number: Answer(shown.FirmReminded(reminded=number))
    )


@changing.delete(ONE, status_code=204, summary="Withdraw it", responses=refusals("invitation_over"))
async def withdraw_firm_invitation(
    call: Call,
    firm: FirmNumber,
    id: InvitationId,  # noqa: A002  # the path's name
) -> Response:
    """It cannot be answered any more."""
    return await at(call, firm).do(invitations.WITHDRAW, nothing_more, id)


def _list(
    unit: Unit, authority: Authority, status: InvitationStatus | None, q: str, page: Page
) -> Answer:
    rows = invitation_list.listed(
        unit, authority, status=status, q=q, after=page.place, limit=page.look_ahead
    )
    found, cursor = page.cut(rows, lambda one: place_of(one.created_at, one.id))
    listed = [shown.invitation(one) for one in found]
    return Answer(shown.FirmInvitations(invitations=listed), next_cursor=cursor)


def _progress(unit: Unit, authority: Authority, bulk_id: str) -> Answer:
    return Answer(shown.progress(bulk.progress(unit, authority, bulk_id)))


def _one(unit: Unit, authority: Authority, invitation_id: str) -> Answer:
    return _answer(invitation_list.one(unit, authority, invitation_id))


def _made(firm: str, made: Invitation) -> Answer:
    location = f"/api/v1/firms/{firm}/invitations/{made.id}"
    return replace(_answer(made), status=201, location=location)


def _answer(found: Invitation) -> Answer:
    return Answer(shown.invitation(found))
