"""`/api/v1/courts/{court}/client-invitations`: programs of the court that may register themselves."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from signon.db import Unit
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.court.inviting import INVITING
from signon.inviting import rest as shown
from signon.inviting.rest import ClientInvitations, ClientInvited, InvitationBounds
from signon.rest import Answer, Call
from signon.rest.at import nothing_more
from signon.rest.declared import refusals
from signon.rest.parameters import CourtId

InvitationId = Annotated[
    str, Path(description="Id of the invitation.", examples=["fr6flb775s4ox65xjpqan6szia"])
]
operations = court_router()


@operations.get(
    f"{AT}/client-invitations",
    response_model=ClientInvitations,
    summary="Which programs may register themselves",
)
async def list_court_client_invitations(call: Call, court: CourtId) -> Response:
    """Every invitation for the court, those of operators too, newest first."""
    return await at(call, court).read(_listed)


@operations.post(
    f"{AT}/client-invitations",
    response_model=ClientInvited,
    status_code=201,
    summary="Let a program of the court register itself",
    responses=refusals("scope", "beyond_court"),
)
async def invite_court_client(call: Call, court: CourtId, sent: InvitationBounds) -> Response:
    """On hosts of the court's own domain, and with nothing of this interface."""
    issuer, bounds = call.rest.settings.issuer, sent.bounds(court.lower())
    return await at(call, court).do(
        INVITING.invite, lambda made: shown.invited(made, issuer), bounds, sent.lasts
    )


@operations.delete(
    f"{AT}/client-invitations/{{invitation}}",
    status_code=204,
    summary="Withdraw an invitation of a program",
    responses=refusals("invitation_used"),
)
async def withdraw_court_client_invitation(
    call: Call, court: CourtId, invitation: InvitationId
) -> Response:
    """Its token is worth nothing from then on; also of one that an operator gave."""
    return await at(call, court).do(INVITING.withdraw, nothing_more, invitation)


def _listed(unit: Unit, desk: Desk) -> Answer:
    return shown.listed(INVITING.given(unit, desk))
