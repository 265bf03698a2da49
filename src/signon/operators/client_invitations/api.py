"""`/api/v1/client-invitations`: by the REST scope `admin` what `signon clients invite` does."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from signon.db import Unit
from signon.inviting import rest as shown
from signon.inviting.rest import ClientInvitations, ClientInvited, InvitationBounds
from signon.operators.acts import Operator
from signon.operators.api import SCOPE, AtOperators
from signon.operators.client_invitations import INVITING
from signon.rest import Answer, Call, declared, router
from signon.rest.at import nothing_more
from signon.rest.values import CourtKey

InvitationId = Annotated[
    str, Path(description="Id of the invitation.", examples=["fr6flb775s4ox65xjpqan6szia"])
]
operations = router("Clients, for operators", *SCOPE)


class ClientInvitation(InvitationBounds):
    """What a client may be that registers itself."""

    court: CourtKey | None = None
    """The court that it will belong to; null for none."""


@operations.get(
    "/client-invitations", response_model=ClientInvitations, summary="Who may register a client"
)
async def list_client_invitations(call: Call) -> Response:
    """Every invitation, those of courts too, newest first."""
    return await AtOperators(call).read(_listed)


@operations.post(
    "/client-invitations",
    response_model=ClientInvited,
    status_code=201,
    summary="Let a client register itself",
    responses={
        **declared.refusals("scope", "frozen"),
        **declared.refusals("not_found", status=404),
    },
)
async def invite_client(call: Call, sent: ClientInvitation) -> Response:
    """Once, within the bounds that are named; they hold for its later changes too."""
    issuer, bounds = call.rest.settings.issuer, sent.bounds(sent.court)
    return await AtOperators(call).do(
        INVITING.invite, lambda made: shown.invited(made, issuer), bounds, sent.lasts
    )


@operations.delete(
    "/client-invitations/{invitation}",
    status_code=204,
    summary="Withdraw an invitation",
    responses=declared.refusals("invitation_used", "frozen"),
)
async def withdraw_client_invitation(call: Call, invitation: InvitationId) -> Response:
    """Its token is worth nothing from then on."""
    return await AtOperators(call).do(INVITING.withdraw, nothing_more, invitation)


def _listed(unit: Unit, operator: Operator) -> Answer:
    return shown.listed(INVITING.given(unit, operator))
