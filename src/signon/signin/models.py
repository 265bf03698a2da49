"""The sessions' table."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, LargeBinary, Named, String, Table, TypedColumns

from signon.accounts.models import accounts
from signon.db import Id, Json, Moment, metadata


class _Sessions(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    digest: Named[bytes] = Column(LargeBinary(32), nullable=False, unique=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False, index=True)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    auth_time: Named[datetime] = Column(Moment, nullable=False)
    seen_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    ended_at: Named[datetime | None] = Column(Moment)
    acr: Named[str] = Column(String(100), nullable=False)
    amr: Named[list[str]] = Column(Json, nullable=False)
    client_code: Named[str | None] = Column(String(32))
    user_agent: Named[str | None] = Column(String(300))
    met: Named[dict[str, str]] = Column(Json, nullable=False, server_default="{}")


sessions = Table("sessions", metadata, _Sessions)
"""`id` is the `sid` of tokens; `digest` is the cookie's, new at every authentication.
`user_agent` is the browser's own word, by which its owner recognises it.
`met` names the demands that were met in this session, and how (`signon.signin.demands`)."""
