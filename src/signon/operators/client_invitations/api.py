"""`/api/v1/client-invitations`: by the REST scope `admin` what `signon clients invite` does."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from signon.clients import invitations
from signon.clients.dynamic_registration import PATH
from signon.clients.invitations import Bounds, Invited
from signon.clients.profiles import Profile
from signon.db import Unit
from signon.operators.acts import Operator
from signon.operators.api import SCOPE, AtOperators
from signon.rest import Answer, Call, declared, router
from signon.rest.values import CourtKey, Id, When
from signon.web.acts import Act
from signon.web.json_bodies import Body, Shown

HostName = Annotated[str, Field(examples=["ecf.casd.uscourts.gov"])]


class ClientInvitation(Body):
    """What a client may be that registers itself."""

    profile: Profile
    """The profile that it is held to."""
    hosts: list[HostName]
    """Hosts that its addresses may lie on, 1 to 20 of them."""
    court: CourtKey | None = None
    """The court that it will belong to; null for none."""
    scopes: list[str] | None = Field(None, examples=[["openid", "profile"]])
    """What it may hold; without it all that speaks of a person, and nothing of this interface."""
    hours: int = Field(72, ge=1, le=720)
    """How long the invitation holds."""


class ClientInvited(Shown):
    """An invitation for one registration."""

    id: Id
    """The invitation’s id, by which the audit trail names it."""
    initial_access_token: str = Field(examples=["0bq3UcF4TXuGDyyCl7m1TjMfh5y0o3VnKQG2Yk2m1xA"])
    """What the client registers with; it is never shown again."""
    registration_endpoint: str = Field(examples=["https://signon.example/oauth2/register"])
    """Where it does (RFC 7591)."""
    expires_at: When
    """When the invitation ends unless it was used."""


def _invite(
    unit: Unit, operator: Operator, bounds: Bounds, lasts: timedelta
) -> tuple[Invited, Operator]:
    return invitations.invite(unit, bounds, lasts=lasts, actor=operator.actor), operator


INVITE = Act("invite", _invite, done="The client may register itself.")
operations = router("Clients, for operators", *SCOPE)


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
    scopes = None if sent.scopes is None else tuple(sent.scopes)
    bounds = Bounds(sent.profile, tuple(sent.hosts), sent.court, scopes)
    return await AtOperators(call).do(INVITE, _answer, bounds, timedelta(hours=sent.hours))


def _answer(made: tuple[Invited, Operator]) -> Answer:
    invited, operator = made
    told = ClientInvited(
        id=invited.invitation_id,
        initial_access_token=invited.initial_access_token,
        registration_endpoint=operator.settings.issuer + PATH,
        expires_at=invited.expires_at,
    )
    return Answer(told, status=201)
