"""`/api/v1/me/firm` and `/api/v1/me/firm-invitations`: a member's own side, for programs."""

from typing import Annotated

from fastapi import Path
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.errors import NotFoundError
from signon.firms import answering, membership, parting
from signon.firms.answering import Offer
from signon.firms.client_codes import rule_of
from signon.firms.models import InvitationKind
from signon.rest import Answer, Call, Caller, router
from signon.rest.at import nothing_more
from signon.rest.declared import refusals
from signon.rest.own import Own
from signon.rest.values import Id, Mask, Number, When
from signon.web.acts import Act
from signon.web.json_bodies import Body, Shown
from signon.web.visitor import Source

OFFERS = "/me/firm-invitations"


class OwnFirm(Shown):
    """The firm that you are a member of, and its rule for client codes."""

    account_number: Number
    name: str
    """The firm’s name."""
    client_code_required: bool
    """Whether your sign-ins ask for a client code."""
    client_code_pattern: Mask
    client_code_rule_of_firm: bool
    """Whether the firm has set that rule; false when it is your own."""


class OwnFirmInvitation(Shown):
    """What a firm asks of you."""

    id: Id
    """Its id, for accepting or declining it."""
    kind: InvitationKind
    """What accepting makes of you: a member, or an administrator who manages the firm."""
    firm_account_number: Number
    firm_name: str
    """Name of the firm that asks."""
    remark: str
    """What the firm says with it."""
    leaves: Number | None
    """Number of the firm that you would leave by accepting, which has to be sent along; null when
    there is none.
    """
    created_at: When
    """When it was made."""
    expires_at: When
    """Until when it can be answered."""


class OwnFirmInvitations(Shown):
    """What you are asked at present."""

    invitations: list[OwnFirmInvitation]
    """What can be answered at present."""


class FirmAcceptance(Body):
    """What accepting takes beside the wish."""

    leaves: str | None = Field(None, examples=["1000007"])
    """The number of the firm that you leave by it, as the invitation says."""


class FirmDecline(Body):
    """Unless `tell_firm`, the firm sees an invitation that nobody answered."""

    tell_firm: bool = False
    """Whether the firm is told that you declined."""


class FirmLeaving(Body):
    """Why; both sides read it."""

    remark: str = Field(examples=["I retire."])
    """Why; both sides read it."""


InvitationId = Annotated[
    str,
    Path(
        description="The invitation’s id, as your list has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]


def _leave(unit: Unit, caller: Caller, remark: str, source: Source) -> None:
    parting.leave(unit, caller.person(), remark, source=source)


def _accept(unit: Unit, caller: Caller, offer_id: str, leaves: str | None, source: Source) -> None:
    answering.accept(unit, caller.person(), offer_id, leaves=leaves, source=source)


def _decline(unit: Unit, caller: Caller, offer_id: str, tells_firm: bool, source: Source) -> None:
    answering.decline(unit, caller.person(), offer_id, tells_firm=tells_firm, source=source)


LEAVE, ACCEPT, DECLINE = (
    Act("leave", _leave), Act("accept", _accept), Act("decline", _decline)
)  # fmt: skip
operations = router("Your own account", "account")


@operations.get(
    "/me/firm",
    response_model=OwnFirm,
    summary="The firm that you belong to",
    responses=refusals("not_found", status=404),
)
async def read_my_firm(call: Call) -> Response:
    """Its name and its rule for client codes; 404 when there is none."""
    return await Own(call).read(_firm)


@operations.post(
    "/me/firm/leave",
    status_code=204,
    summary="Leave the firm; your search rests until you make it active again",
    responses=refusals("frozen", "no_member"),
)
async def leave_my_firm(call: Call, sent: FirmLeaving) -> Response:
    """Both sides are mailed the remark."""
    return await Own(call).do(LEAVE, nothing_more, sent.remark, call.source)


@operations.get(OFFERS, response_model=OwnFirmInvitations, summary="What firms ask you")
async def list_my_firm_invitations(call: Call) -> Response:
    """All that can be answered at present."""
    return await Own(call).read(_offers)


@operations.post(
    f"{OFFERS}/{{id}}/accept",
    status_code=204,
    summary="Accept; nobody is in two firms",
    responses=refusals(
        "frozen",
        "own_account",
        "not_for_this_account",
        "already_member",
        "leaves_another_firm",
        "invitation_over",
    ),
)
async def accept_my_firm_invitation(
    call: Call,
    id: InvitationId,  # noqa: A002  # the path's name
    sent: FirmAcceptance,
) -> Response:
    """You belong to the firm from then on, which pays for your searches."""
    return await Own(call).do(ACCEPT, nothing_more, id, sent.leaves, call.source)


@operations.post(
    f"{OFFERS}/{{id}}/decline", status_code=204, summary="Decline", responses=refusals("frozen")
)
async def decline_my_firm_invitation(
    call: Call,
    id: InvitationId,  # noqa: A002  # the path's name
    sent: FirmDecline,
) -> Response:
    """It cannot be answered any more."""
    return await Own(call).do(DECLINE, nothing_more, id, sent.tell_firm, call.source)


def _firm(unit: Unit, caller: Caller) -> Answer:
    account = caller.person()
    firm = membership.of_account(unit, account)
    if firm is None:
        raise NotFoundError("You are not a member of a firm.")
    rule = rule_of(unit, account)
    seen = OwnFirm(
        account_number=firm.number,
        name=firm.name,
        client_code_required=rule.is_required,
        client_code_pattern=rule.pattern,
        client_code_rule_of_firm=rule.set_by is not None,
    )
    return Answer(seen)


def _offers(unit: Unit, caller: Caller) -> Answer:
    account = caller.person()
    found = [_seen(one, account.firm_number) for one in answering.offers(unit, account)]
    return Answer(OwnFirmInvitations(invitations=found))


def _seen(offer: Offer, firm_number: str | None) -> OwnFirmInvitation:
    return OwnFirmInvitation(
        id=offer.id,
        kind=offer.kind,
        firm_account_number=offer.firm.number,
        firm_name=offer.firm.name,
        remark=offer.remark,
        leaves=firm_number if offer.makes_member else None,
        created_at=offer.created_at,
        expires_at=offer.expires_at,
    )
