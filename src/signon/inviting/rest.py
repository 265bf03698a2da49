"""Invitations of clients as the REST interface says them."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from signon.clients.dynamic_registration import PATH
from signon.clients.invitations import Bounds, Given, Invited
from signon.clients.profiles import Profile
from signon.rest import Answer
from signon.rest.values import CourtKey, Id, When
from signon.web.json_bodies import Body, Shown

HostName = Annotated[str, Field(examples=["ecf.casd.uscourts.gov"])]
HOURS, MOST_HOURS = 72, 720


class InvitationBounds(Body):
    """What a client may be that registers itself."""

    profile: Profile
    """The profile that it is held to."""
    hosts: list[HostName]
    """Hosts that its addresses may lie on, 1 to 20 of them."""
    scopes: list[str] | None = Field(None, examples=[["openid", "profile"]])
    """What it may hold; without it all that speaks of a person, and nothing of this interface."""
    hours: int = Field(HOURS, ge=1, le=MOST_HOURS)
    """How long the invitation holds."""

    def bounds(self, court: str | None) -> Bounds:
        """The same as the rules have it."""
        scopes = None if self.scopes is None else tuple(self.scopes)
        return Bounds(self.profile, tuple(self.hosts), court, scopes)

    @property
    def lasts(self) -> timedelta:
        """How long it holds."""
        return timedelta(hours=self.hours)


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


class ClientInvitationSeen(Shown):
    """An invitation that was given; its token is not kept."""

    id: Id
    """The invitation’s id."""
    court: CourtKey | None
    """The court that its client belongs to; null for none."""
    profile: Profile
    """The profile that the client is held to."""
    hosts: list[HostName]
    """Hosts that its addresses may lie on."""
    scopes: list[str] = Field(examples=[["openid", "profile"]])
    """What it may hold."""
    made_by: str = Field(examples=["fr6flb775s4ox65xjpqan6szia"])
    """Who invited: the `sub` of an account, a client id, or `command_line`."""
    created_at: When
    """When it was made."""
    expires_at: When
    """When it ends unless it was used."""
    used_at: When | None
    """When a client registered itself with it; null when none has."""
    client_id: str | None = Field(examples=["casd-fr6flb775s4ox65xjpqan6szia"])
    """That client; null when there is none."""


class ClientInvitations(Shown):
    """Every invitation, newest first."""

    invitations: list[ClientInvitationSeen]
    """Used ones too; what ends unused goes after a month."""


def invited(made: Invited, issuer: str) -> Answer:
    """The only answer that has the token."""
    told = ClientInvited(
        id=made.invitation_id,
        initial_access_token=made.initial_access_token,
        registration_endpoint=issuer + PATH,
        expires_at=made.expires_at,
    )
    return Answer(told, status=201)


def listed(found: list[Given]) -> Answer:
    """A list of them."""
    return Answer(ClientInvitations(invitations=[_seen(one) for one in found]))


def _seen(one: Given) -> ClientInvitationSeen:
    row = one.invitation
    return ClientInvitationSeen(
        id=row.id,
        court=row.court_id,
        profile=Profile(row.profile),
        hosts=list(row.hosts),
        scopes=list(row.scopes),
        made_by=row.made_by,
        created_at=one.created_at,
        expires_at=one.expires_at,
        used_at=one.used_at,
        client_id=one.client_id,
    )
