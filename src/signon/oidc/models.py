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
