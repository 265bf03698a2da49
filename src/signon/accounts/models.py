"""The accounts' table."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, Column, Date, LargeBinary, Named, String, Table, TypedColumns
from sqlalchemy.sql import false

from signon.db import Id, Moment, metadata


class AccountKind(StrEnum):
    """What an account is for (domain facts 1.1)."""

    INDIVIDUAL = "individual"
    SHARED = "shared"
    FIRM = "firm"
    OPERATOR = "operator"


class AccountStatus(StrEnum):
    """Whether an account may be used at all; search rights are another matter."""

    ACTIVE = "active"
    DISABLED = "disabled"


class SearchStatus(StrEnum):
    """PACER's Case Search Status; independent of every filing right (domain facts 1.5)."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class _Accounts(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    number: Named[str] = Column(String(7), nullable=False, unique=True)
    kind: Named[str] = Column(String(16), nullable=False)
    username: Named[str] = Column(String(64), nullable=False)
    username_key: Named[str] = Column(String(64), nullable=False, unique=True)
    password: Named[bytes | None] = Column(LargeBinary)
    password_changed_at: Named[datetime | None] = Column(Moment)
    status: Named[str] = Column(String(16), nullable=False)
    status_reason: Named[str | None] = Column(String(300))
    valid_from: Named[datetime] = Column(Moment, nullable=False)
    created_on: Named[date] = Column(Date, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    updated_at: Named[datetime] = Column(Moment, nullable=False)
    upgraded_at: Named[datetime | None] = Column(Moment)
    search_status: Named[str] = Column(String(16), nullable=False)
    search_status_reason: Named[str | None] = Column(String(300))
    email: Named[str] = Column(String(254), nullable=False)
    email_verified: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    first_name: Named[str | None] = Column(String(100))
    middle_name: Named[str | None] = Column(String(100))
    last_name: Named[str | None] = Column(String(100))
    date_of_birth: Named[date | None] = Column(Date)
    firm_name: Named[str | None] = Column(String(200))
    phone: Named[str | None] = Column(String(32))
    street: Named[str | None] = Column(String(200))
    city: Named[str | None] = Column(String(100))
    state: Named[str | None] = Column(String(100))
    postal_code: Named[str | None] = Column(String(20))
    county: Named[str | None] = Column(String(100))
    country: Named[str | None] = Column(String(2))


accounts = Table("accounts", metadata, _Accounts)
"""`id` is the `sub` of tokens. `password` is an Argon2id hash sealed with the key ring.
Sessions, grants and tokens from before `valid_from` are worth nothing. `upgraded_at` is NULL for
legacy accounts, until they are upgraded, and for shared ones, which never are."""
