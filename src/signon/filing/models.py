"""Tables of legacy logins, filing rights and the proofs between the two linking pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Named,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
    text,
)

from signon.accounts.models import accounts
from signon.courts.models import courts
from signon.db import Id, Json, Moment, metadata

_ACTIVE = text("ended_at IS NULL")


class _LegacyLogins(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    login: Named[str] = Column(String(64), nullable=False)
    login_key: Named[str] = Column(String(64), nullable=False)
    password: Named[bytes] = Column(LargeBinary, nullable=False)
    first_name: Named[str] = Column(String(100), nullable=False)
    last_name: Named[str] = Column(String(100), nullable=False)
    bar_id: Named[str | None] = Column(String(64))
    email: Named[str] = Column(String(254), nullable=False)
    status: Named[str] = Column(String(16), nullable=False)
    roles: Named[list[str]] = Column(Json, nullable=False)
    cases: Named[list[str] | None] = Column(Json)
    imported_at: Named[datetime] = Column(Moment, nullable=False)


legacy_logins = Table(
    "legacy_logins", metadata, _LegacyLogins, UniqueConstraint("court_id", "login_key")
)
"""A court's own filer logins. `password` is a foreign or wrapped hash, sealed with the ring;
`cases` of None means that the login is not limited to named cases."""


class _Rights(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    legacy_login_id: Named[str | None] = Column(Id, ForeignKey(legacy_logins.c.id))
    login: Named[str | None] = Column(String(64))
    status: Named[str] = Column(String(16), nullable=False)
    roles: Named[list[str]] = Column(Json, nullable=False)
    cases: Named[list[str] | None] = Column(Json)
    admission: Named[str | None] = Column(String(32))
    created_at: Named[datetime] = Column(Moment, nullable=False)
    ended_at: Named[datetime | None] = Column(Moment)


rights = Table(
    "filing_rights",
    metadata,
    _Rights,
    Index(
        "uq_filing_rights_account_court",
        "account_id",
        "court_id",
        unique=True,
        postgresql_where=_ACTIVE,
        sqlite_where=_ACTIVE,
    ),
    Index(
        "uq_filing_rights_legacy_login",
        "legacy_login_id",
        unique=True,
        postgresql_where=_ACTIVE,
        sqlite_where=_ACTIVE,
    ),
    Index(None, "court_id", "id"),
)
"""What an account may file at a court: at most one right for an account and a court, and at
most one for a legacy login, as long as it has not ended."""


class _RightsHistory(TypedColumns):
    event_id: Named[str] = Column(Id, primary_key=True)
    right_id: Named[str] = Column(Id, ForeignKey(rights.c.id), primary_key=True)
    at: Named[datetime] = Column(Moment, nullable=False)
    before: Named[dict[str, Any] | None] = Column(Json)
    after: Named[dict[str, Any] | None] = Column(Json)


rights_history = Table("filing_rights_history", metadata, _RightsHistory)
"""Values before and after each audited change of a right."""


class _LinkProofs(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    session_id: Named[str] = Column(Id, nullable=False)
    court_id: Named[str] = Column(String(16), nullable=False)
    legacy_login_id: Named[str] = Column(Id, ForeignKey(legacy_logins.c.id), nullable=False)
    journey_id: Named[str | None] = Column(Id)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    used_at: Named[datetime | None] = Column(Moment)


link_proofs = Table("link_proofs", metadata, _LinkProofs)
"""Somebody proved a legacy login; spent by the confirmation. Bound to account, session, court
and login, and found by them, so nothing that the browser holds can be replayed elsewhere."""
