"""Tables of keys, grants and tokens."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    select,
    text,
)

from signon.accounts.models import accounts
from signon.clients.models import clients
from signon.clock import STEPPED
from signon.clock_steps import AHEAD, NOW, made_good
from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned


class _Keys(TypedColumns):
    kid: Named[str] = Column(String(64), primary_key=True)
    alg: Named[str] = Column(String(16), nullable=False)
    public: Named[dict[str, Any]] = Column(Json, nullable=False)
    private: Named[bytes] = Column(LargeBinary, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    active_from: Named[datetime] = Column(Moment, nullable=False)
    retired_at: Named[datetime | None] = Column(Moment)
    published_until: Named[datetime | None] = Column(Moment)


_LASTING = text("retired_at IS NULL")
signing_keys = Table(
    "signing_keys",
    metadata,
    _Keys,
    Index(
        "uq_signing_keys_alg",
        "alg",
        unique=True,
        postgresql_where=_LASTING,
        sqlite_where=_LASTING,
    ),
)
"""A key is next before `active_from`, active until `retired_at`, and stays in the JWKS until
`published_until`. `private` is sealed with the key ring. Of each algorithm one key at most has
no end, so two rotations at once cannot make two."""


class _Grants(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, nullable=False, index=True)
    client_id: Named[str] = Column(String(64), nullable=False)
    session_id: Named[str] = Column(Id, nullable=False, index=True)
    scope: Named[str] = Column(Text, nullable=False)
    auth_time: Named[datetime] = Column(Moment, nullable=False)
    acr: Named[str] = Column(String(100), nullable=False)
    amr: Named[list[str]] = Column(Json, nullable=False)
    client_code: Named[str | None] = Column(String(32))
    claims: Named[dict[str, Any] | None] = Column(Json)
    dpop_jkt: Named[str | None] = Column(String(43))
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    revoked_at: Named[datetime | None] = Column(Moment)
    revoked_reason: Named[str | None] = Column(String(64))


grants = Table("grants", metadata, _Grants)
"""What one sign-in gave one client: the family of its refresh and access tokens (`gid`).
It holds until `expires_at`, the session's absolute end, unless it is revoked before. With `dpop_jkt`
its refresh tokens are worth nothing without a proof by that key. Without foreign
keys, as its tokens are (decision 23): accounts and clients stay for ever, and sessions may go."""
# After its end a grant opens nothing. So long a stolen refresh token that turns up late is still
# known as a replay, and stands in the audit trail as one.
KEPT = timedelta(days=7)


class _RefreshTokens(TypedColumns):
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    grant_id: Named[str] = Column(Id, nullable=False, index=True)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    used_at: Named[datetime | None] = Column(Moment)
    successor: Named[bytes | None] = Column(LargeBinary)


refresh_tokens = Table("refresh_tokens", metadata, _RefreshTokens)
"""`successor` is the next token, sealed, kept only for clients with a refresh grace."""
made_good(
    grants,
    grants.c.revoked_at.is_(None) & (grants.c.created_at > AHEAD),
    revoked_at=NOW,
    revoked_reason="clock_set_back",
)
# the tokens of a family first, and then the grant: nothing is left that nobody would find
refresh_tokens.add_is_dependent_on(grants)
_over = grants.c.expires_at <= AGO
_of_family = refresh_tokens.c.grant_id == grants.c.id
pruned(refresh_tokens, refresh_tokens.c.grant_id.in_(select(grants.c.id).where(_over)), keeps=KEPT)
pruned(grants, _over & ~select(refresh_tokens.c.digest).where(_of_family).exists(), keeps=KEPT)


class _RevokedAccessTokens(TypedColumns):
    jti: Named[str] = Column(Id, primary_key=True)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


revoked_access_tokens = Table("revoked_access_tokens", metadata, _RevokedAccessTokens)
# a token that has expired opens nothing by itself, as long as no clock is set back
pruned(revoked_access_tokens, revoked_access_tokens.c.expires_at <= AGO, keeps=STEPPED)


class _Proofs(TypedColumns):
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


dpop_proofs = Table("dpop_proofs", metadata, _Proofs)
"""SHA-256 of key and `jti` of every DPoP proof that was used, until it expires. UNLOGGED on
PostgreSQL: it is written with every call, and after a crash a proof of the last minute could be used
again only by somebody with its token, within that minute."""
pruned(dpop_proofs, dpop_proofs.c.expires_at <= AGO, keeps=STEPPED)


class _Consents(TypedColumns):
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    client_id: Named[str] = Column(String(64), ForeignKey(clients.c.id), primary_key=True)
    scopes: Named[list[str]] = Column(Json, nullable=False)
    given_at: Named[datetime] = Column(Moment, nullable=False)


consents = Table("consents", metadata, _Consents)
"""What a person allowed a client that is neither a court's nor trusted."""
