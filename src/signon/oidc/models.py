"""The authorization codes' table."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, LargeBinary, Named, String, Table, Text, TypedColumns

from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned


class _Codes(TypedColumns):
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    client_id: Named[str] = Column(String(64), nullable=False)
    account_id: Named[str] = Column(Id, nullable=False)
    session_id: Named[str] = Column(Id, nullable=False)
    redirect_uri: Named[str] = Column(Text, nullable=False)
    scope: Named[str] = Column(Text, nullable=False)
    nonce: Named[str | None] = Column(Text)
    code_challenge: Named[str | None] = Column(String(128))
    claims: Named[dict[str, Any] | None] = Column(Json)
    dpop_jkt: Named[str | None] = Column(String(43))
    grant_id: Named[str] = Column(Id, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    used_at: Named[datetime | None] = Column(Moment)


codes = Table("authorization_codes", metadata, _Codes)
"""`grant_id` names the grant that redeeming the code makes, so that a replay can revoke it.

UNLOGGED on PostgreSQL and without foreign keys (decision 23): whoever reads a code joins session,
account and client, and it goes days before they can."""
# The longest that a session, and so a grant, may live. Until then the replay of a code must find
# the grant that it made, to revoke it; after it there is nothing left to revoke.
pruned(codes, codes.c.expires_at <= AGO, keeps=timedelta(days=1))


class _PushedRequests(TypedColumns):
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    client_id: Named[str] = Column(String(64), nullable=False)
    request: Named[dict[str, Any]] = Column(Json, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    used_at: Named[datetime | None] = Column(Moment)


pushed_requests = Table("pushed_requests", metadata, _PushedRequests)
"""Authorization requests that clients have pushed, by the digest of their `request_uri`, kept lean
as codes are. `used_at`: when a code was issued for it."""
# somebody who began to sign in in time may take as long as a journey lasts
pruned(pushed_requests, pushed_requests.c.expires_at <= AGO, keeps=timedelta(days=1))
