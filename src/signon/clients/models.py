"""The clients' tables."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    and_,
    false,
)

from signon.accounts.models import accounts
from signon.clock import STEPPED
from signon.config import Settings
from signon.courts.models import courts
from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned


class _Clients(TypedColumns):
    id: Named[str] = Column(String(64), primary_key=True)
    name: Named[str] = Column(String(200), nullable=False)
    court_id: Named[str | None] = Column(String(16), ForeignKey(courts.c.id))
    firm_id: Named[str | None] = Column(Id, ForeignKey(accounts.c.id))
    profile: Named[str] = Column(String(16), nullable=False)
    auth_method: Named[str] = Column(String(32), nullable=False)
    grants: Named[list[str]] = Column(Json, nullable=False)
    scopes: Named[list[str]] = Column(Json, nullable=False)
    redirect_uris: Named[list[str]] = Column(Json, nullable=False)
    post_logout_redirect_uris: Named[list[str]] = Column(Json, nullable=False)
    return_uris: Named[list[str]] = Column(Json, nullable=False)
    id_token_alg: Named[str] = Column(String(16), nullable=False)
    refresh_grace_seconds: Named[int] = Column(Integer, nullable=False)
    trusted: Named[bool] = Column(Boolean, nullable=False)
    claims_in_id_token: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    cso_tokens: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    jwks: Named[dict[str, Any] | None] = Column(Json)
    jwks_uri: Named[str | None] = Column(Text)
    backchannel_logout_uri: Named[str | None] = Column(Text)
    dpop: Named[str] = Column(String(16), nullable=False, server_default="optional")
    require_par: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    require_signed_request: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    signed_userinfo: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    created_at: Named[datetime] = Column(Moment, nullable=False)
    disabled_at: Named[datetime | None] = Column(Moment)
    enabled_at: Named[datetime | None] = Column(Moment)


clients = Table("clients", metadata, _Clients)
"""A client that was disabled and is enabled again has `enabled_at`: whatever it was given before
that moment is worth nothing (`registry.enabled_since`)."""


class Registration(NamedTuple):
    """What a client is registered with, as its row has it."""

    name: str
    court_id: str | None
    firm_id: str | None
    profile: str
    auth_method: str
    grants: Sequence[str]
    scopes: Sequence[str]
    redirect_uris: Sequence[str]
    post_logout_redirect_uris: Sequence[str]
    return_uris: Sequence[str]
    id_token_alg: str
    refresh_grace_seconds: int
    trusted: bool
    claims_in_id_token: bool
    cso_tokens: bool
    jwks: Mapping[str, Any] | None
    jwks_uri: str | None
    backchannel_logout_uri: str | None
    dpop: str
    require_par: bool
    require_signed_request: bool
    signed_userinfo: bool


REGISTRATION: tuple[ColumnElement[Any], ...] = tuple(
    clients.c[name] for name in Registration._fields
)
"""The columns of a `Registration`."""


class _Secrets(TypedColumns):
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    client_id: Named[str] = Column(String(64), ForeignKey(clients.c.id), nullable=False, index=True)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime | None] = Column(Moment)


secrets = Table("client_secrets", metadata, _Secrets)
"""SHA-256 digests of 256-bit secrets; at most two of a client live at once."""


class _Invitations(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    digest: Named[bytes] = Column(LargeBinary(32), nullable=False, unique=True)
    court_id: Named[str | None] = Column(String(16), ForeignKey(courts.c.id))
    profile: Named[str] = Column(String(16), nullable=False)
    scopes: Named[list[str]] = Column(Json, nullable=False)
    hosts: Named[list[str]] = Column(Json, nullable=False)
    made_by: Named[str] = Column(String(64), nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    used_at: Named[datetime | None] = Column(Moment)


invitations = Table("client_invitations", metadata, _Invitations)
"""Initial access tokens (RFC 7591), by their digests, each for one registration within its bounds;
used ones stay, for a client changes itself within the same bounds."""
pruned(
    invitations,
    and_(invitations.c.expires_at <= AGO, invitations.c.used_at.is_(None)),
    keeps=timedelta(days=30),
)


class _DynamicRegistrations(TypedColumns):
    client_id: Named[str] = Column(String(64), ForeignKey(clients.c.id), primary_key=True)
    invitation_id: Named[str] = Column(Id, ForeignKey(invitations.c.id), nullable=False)
    digest: Named[bytes] = Column(LargeBinary(32), nullable=False, unique=True)
    software_statement: Named[str | None] = Column(Text)


dynamic_registrations = Table("dynamic_registrations", metadata, _DynamicRegistrations)
"""Clients that have registered themselves, with the digest of what lets them change that."""


class _Assertions(TypedColumns):
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


assertions = Table("client_assertions", metadata, _Assertions)
"""SHA-256 of client id and `jti` of every client assertion that was used, until it expires."""
# more than any clock here is wrong by: until then a replay is refused as one
pruned(assertions, assertions.c.expires_at <= AGO, keeps=STEPPED)


def _kept(settings: Settings) -> timedelta:
    return timedelta(days=settings.client_refusal_days)


class _Refusals(TypedColumns):
    request_id: Named[str] = Column(Id, primary_key=True)
    at: Named[datetime] = Column(Moment, nullable=False, index=True)
    client_id: Named[str] = Column(String(64), nullable=False)
    named: Named[bytes | None] = Column(LargeBinary(32))
    endpoint: Named[str] = Column(String(32), nullable=False)
    reason: Named[str] = Column(String(32), nullable=False)
    detail: Named[str] = Column(String(200), nullable=False)
    network: Named[str] = Column(String(64), nullable=False)


refusals = Table("client_refusals", metadata, _Refusals, Index(None, "client_id", "reason", "at"))
"""Requests that were refused lately, `client_id` as they named it; empty where no client has it."""
pruned(refusals, refusals.c.at <= AGO, keeps=_kept)


class _RefusalCounts(TypedColumns):
    client_id: Named[str] = Column(String(64), primary_key=True)
    hour: Named[datetime] = Column(Moment, primary_key=True)
    reason: Named[str] = Column(String(32), primary_key=True)
    count: Named[int] = Column(Integer, nullable=False)
    told_at: Named[datetime | None] = Column(Moment)


refusal_counts = Table("client_refusal_counts", metadata, _RefusalCounts)
"""How many requests were refused in an hour, kept or not; `told_at`: when the audit trail heard."""
pruned(
    refusal_counts,
    and_(refusal_counts.c.hour <= AGO, refusal_counts.c.told_at.is_not(None)),
    keeps=_kept,
)
