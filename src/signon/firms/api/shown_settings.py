"""What programs of firms are answered about what a firm decides, and what happened there."""

from datetime import datetime
from typing import Any

from pydantic import Field

from signon.firms import activity, administrators, cost_centers, service_clients
from signon.firms.access import ActedAs
from signon.web.json_bodies import Shown


class FirmAdministrator(Shown):
    """One of the firm's administrators; `since` is null for the firm's own sign-in."""

    account_number: str
    name: str
    own_sign_in: bool
    second_factor: bool
    since: datetime | None


class FirmAdministrators(Shown):
    """All of them."""

    administrators: list[FirmAdministrator]


def administrator_list(found: list[administrators.Administrator]) -> FirmAdministrators:
    """The administrators."""
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
    """A cost centre and how many of its members search; counts stand in lists only."""

    code: str
    name: str
    members: int
    members_searching: int
    created_at: datetime


class FirmCostCenters(Shown):
    """All of them, by their codes."""

    cost_centers: list[FirmCostCenter]


def cost_center(seen: cost_centers.CostCenter) -> FirmCostCenter:
    """A cost centre."""
    return FirmCostCenter(
        code=seen.code,
        name=seen.name,
        members=seen.members,
        members_searching=seen.searching,
        created_at=seen.created_at,
    )


class FirmClient(Shown):
    """A program of the firm. `client_secret` is there once: when it was made or renewed."""

    client_id: str
    name: str
    auth_method: str
    scopes: list[str]
    jwks: dict[str, Any] | None
    jwks_uri: str | None
    created_at: datetime
    disabled_at: datetime | None
    client_secret: str | None = Field(default=None)


class FirmClients(Shown):
    """All of them."""

    clients: list[FirmClient]


def client(seen: service_clients.ServiceClient, secret: str | None = None) -> FirmClient:
    """A program."""
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
    """Something that happened. `about` is an account number, an address, a code or a client id."""

    id: str
    at: datetime
    by: str
    acted_as: ActedAs
    subject: str
    about: str | None
    remark: str | None
    before: dict[str, Any]
    after: dict[str, Any]


class FirmActivity(Shown):
    """A page of it, newest first."""

    activity: list[FirmChange]


def change(seen: activity.Happened) -> FirmChange:
    """Something that happened."""
    named = {name: getattr(seen, name) for name in FirmChange.model_fields}
    return FirmChange(**named | {"before": dict(seen.before), "after": dict(seen.after)})
