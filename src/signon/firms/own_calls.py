"""`/api/v1/me/firm` and `/api/v1/me/firm-invitations`: a member's own side, for programs."""

from datetime import datetime

from signon.db import Unit
from signon.errors import NotFoundError
from signon.firms import answering, membership, parting
from signon.firms.answering import Offer
from signon.firms.client_codes import rule_of
from signon.firms.models import InvitationKind
from signon.tokens.api import DONE, Answer, Call, Caller, Operation, Rendered
from signon.web.json_bodies import Body, Shown

SCOPE = ("account",)
OFFERS = "/me/firm-invitations"


class OwnFirm(Shown):
    """The firm that you are a member of, and its rule for client codes."""

    account_number: str
    name: str
    client_code_required: bool
    client_code_pattern: str | None
    client_code_rule_of_firm: bool


class OwnFirmInvitation(Shown):
    """What a firm asks of you. `leaves`: the firm that you would leave by accepting."""

    id: str
    kind: InvitationKind
    firm_account_number: str
    firm_name: str
    remark: str
    leaves: str | None
    created_at: datetime
    expires_at: datetime


class OwnFirmInvitations(Shown):
    """What you are asked at present."""

    invitations: list[OwnFirmInvitation]


class FirmAcceptance(Body):
    """`leaves`: the number of the firm that you leave by it, as the invitation says."""

    leaves: str | None = None


class FirmDecline(Body):
    """Unless `tell_firm`, the firm sees an invitation that nobody answered."""

    tell_firm: bool = False


class FirmLeaving(Body):
    """Why; both sides read it."""

    remark: str


class OwnCalls:
    """For the signed-in person; no program of a firm comes here."""

    def operations(self) -> list[Operation]:
        """Each of the scope `account`."""
        return [
            Operation("GET", "/me/firm", self.read_my_firm, SCOPE, "The firm that you belong to",
                      answer=OwnFirm),
            Operation("POST", "/me/firm/leave", self.leave_my_firm, SCOPE,
                      "Leave the firm; your search rests until you make it active again",
                      body=FirmLeaving, status=204),
            Operation("GET", OFFERS, self.list_my_firm_invitations, SCOPE,
                      "What firms ask you", answer=OwnFirmInvitations),
            Operation("POST", f"{OFFERS}/{{id}}/accept", self.accept_my_firm_invitation, SCOPE,
                      "Accept; nobody is in two firms", body=FirmAcceptance, status=204),
            Operation("POST", f"{OFFERS}/{{id}}/decline", self.decline_my_firm_invitation, SCOPE,
                      "Decline", body=FirmDecline, status=204),
        ]  # fmt: skip

    async def read_my_firm(self, call: Call) -> Rendered:
        """404 when there is none."""
        return await call.read(_firm)

    async def leave_my_firm(self, call: Call) -> Rendered:
        """With a remark."""
        return await call.write(_leave, call, call.body(FirmLeaving).remark)

    async def list_my_firm_invitations(self, call: Call) -> Rendered:
        """All that can be answered."""
        return await call.read(_offers)

    async def accept_my_firm_invitation(self, call: Call) -> Rendered:
        """Yes."""
        return await call.write(_accept, call, call.body(FirmAcceptance).leaves)

    async def decline_my_firm_invitation(self, call: Call) -> Rendered:
        """No."""
        return await call.write(_decline, call, tells_firm=call.body(FirmDecline).tell_firm)


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


def _leave(unit: Unit, caller: Caller, call: Call, remark: str) -> Answer:
    parting.leave(unit, caller.person(), remark, origin=call.origin)
    return DONE


def _offers(unit: Unit, caller: Caller) -> Answer:
    account = caller.person()
    found = [_seen(one, account.firm_number) for one in answering.offers(unit, account)]
    return Answer(OwnFirmInvitations(invitations=found))


def _accept(unit: Unit, caller: Caller, call: Call, leaves: str | None) -> Answer:
    account = caller.person()
    answering.accept(unit, account, call.path_params["id"], leaves=leaves, origin=call.origin)
    return DONE


def _decline(unit: Unit, caller: Caller, call: Call, *, tells_firm: bool) -> Answer:
    account = caller.person()
    answering.decline(
        unit, account, call.path_params["id"], tells_firm=tells_firm, origin=call.origin
    )
    return DONE


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
