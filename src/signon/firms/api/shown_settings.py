"""What programs of firms are answered about what a firm decides, and what happened there."""

from typing import Any

from signon.firms import activity, administrators, cost_centers, service_clients
from signon.firms.access import ActedAs
from signon.rest.values import Id, Number, ProgramId, When
from signon.web.json_bodies import Shown


class FirmAdministrator(Shown):
    """One of the firm's administrators."""

    account_number: Number
    name: str
    """The administrator’s name for people."""
    own_sign_in: bool
    """Whether this is the firm’s own account and no person’s."""
    second_factor: bool
    """Whether the account has a second factor; nobody manages a firm without one."""
    since: When | None
    """When they became one; null for the firm’s own sign-in."""


class FirmAdministrators(Shown):
    """All of them."""

    administrators: list[FirmAdministrator]
    """All who may manage the firm in person."""


def administrator_list(found: list[administrators.Administrator]) -> FirmAdministrators:
    """Who manages the firm, as programs read it."""
    return FirmAdministrators(
        administrators=[
            FirmAdministrator(
                account_number=one.account.number,
                name=one.account.display_name,
                own_sign_in=one.is_own_sign_in,
                second_factor=one.account.has_factor,
                since=one.since,
            )
            for one in found
        ]
    )


class FirmCostCenter(Shown):
    """A cost center and how many of its members search."""

    code: str
    """Its code, unique in the firm, without spaces, up to 32 characters."""
    name: str
    """Its name for people, up to 100 characters."""
    members: int
    """How many members are in it; counted in lists only, otherwise 0."""
    members_searching: int
    """How many of them have an active case search; counted in lists only, otherwise 0."""
    created_at: When
    """When it was made."""


class FirmCostCenters(Shown):
    """All of them, by their codes."""

    cost_centers: list[FirmCostCenter]
    """All of them, by their codes."""


def cost_center(seen: cost_centers.CostCenter) -> FirmCostCenter:
    """A cost center."""
    return FirmCostCenter(
        code=seen.code,
        name=seen.name,
        members=seen.members,
        members_searching=seen.searching,
        created_at=seen.created_at,
    )


class FirmClient(Shown):
    """A program of the firm."""

    client_id: ProgramId
    """The program’s id at the token endpoint."""
    name: str
    """What people call the program."""
    auth_method: str
    """How it proves who it is at the token endpoint: `client_secret_basic`, or `private_key_jwt`
    when it signs.
    """
    scopes: list[str]
    """Scopes that it may ask for, such as `firm:read`."""
    jwks: dict[str, Any] | None
    """Its public keys as a JSON Web Key Set (RFC 7517); null when it has none here."""
    jwks_uri: str | None
    """Where its public keys are read; null when it has no such address."""
    created_at: When
    """When it was registered."""
    disabled_at: When | None
    """When it was ended; null while it works."""
    client_secret: str | None = None
    """Its secret, only in the answer that made or renewed it; null at any other time. It cannot be
    read again.
    """


class FirmClients(Shown):
    """All of them."""

    clients: list[FirmClient]
    """All of the firm’s programs, those that were ended too."""


def client(seen: service_clients.ServiceClient, secret: str | None = None) -> FirmClient:
    """One of the firm’s programs; its secret only when it is new."""
    return FirmClient(
        client_id=seen.id,
        name=seen.name,
        auth_method=seen.auth_method,
        scopes=list(seen.scopes),
        jwks=dict(seen.jwks) if seen.jwks is not None else None,
        jwks_uri=seen.jwks_uri,
        created_at=seen.created_at,
        disabled_at=seen.disabled_at,
        client_secret=secret,
    )


class FirmChange(Shown):
    """Something that happened."""

    id: Id
    """Id of the event in the audit trail."""
    at: When
    """When it happened."""
    by: str
    """Who did it, by name; an operator is shown as the service."""
    acted_as: ActedAs
    """In what capacity they acted."""
    subject: str
    """What was changed, such as `member`, `invitation` or `cost_center`."""
    about: str | None
    """Account number, address, code or client id that it is about; null when it is the firm
    itself.
    """
    remark: str | None
    """What whoever did it said about it; null when nothing was said."""
    before: dict[str, Any]
    """Fields that changed, with their values before."""
    after: dict[str, Any]
    """The same fields with their values afterwards."""


class FirmActivity(Shown):
    """A page of it, newest first."""

    activity: list[FirmChange]
    """Changes of this page, newest first."""


def change(seen: activity.Happened) -> FirmChange:
    """Something that happened."""
    named = {name: getattr(seen, name) for name in FirmChange.model_fields}
    return FirmChange(**named | {"before": dict(seen.before), "after": dict(seen.after)})
