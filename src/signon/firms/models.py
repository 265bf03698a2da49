"""The firms' tables. Who is a member stands with the accounts (`accounts.firm_number`)."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql import false, true

from signon.accounts.models import accounts
from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned


class InvitationKind(StrEnum):
    """What accepting makes of a person; a prepared one may still have to make an account."""

    MEMBER = "member"
    ADMINISTRATOR = "administrator"
    PREPARED = "prepared"


class InvitationStatus(StrEnum):
    """Where an invitation stands; one that nobody answers in time expires without a write."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


PENDING = text("status = 'pending'")


class _Firms(TypedColumns):
    firm_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    own_sign_in: Named[bool] = Column(Boolean, nullable=False, server_default=true())


firms = Table("firms", metadata, _Firms)
"""What a firm's account does not say of itself; a firm without a row has what is the default.
`own_sign_in`: whether whoever signs in with the firm's own account is an administrator."""


class _Administrators(TypedColumns):
    firm_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True, index=True)
    added_at: Named[datetime] = Column(Moment, nullable=False)


administrators = Table("firm_administrators", metadata, _Administrators)
"""The people who manage a firm beside its own account."""


class _Invitations(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    firm_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    kind: Named[str] = Column(String(16), nullable=False)
    target: Named[str] = Column(String(254), nullable=False)
    account_number: Named[str | None] = Column(String(7))
    first_name: Named[str | None] = Column(String(100))
    last_name: Named[str] = Column(String(100), nullable=False)
    email: Named[str | None] = Column(String(254))
    remark: Named[str] = Column(String(300), nullable=False)
    cost_center_id: Named[str | None] = Column(Id)
    status: Named[str] = Column(String(16), nullable=False)
    declined_quietly: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    account_id: Named[str | None] = Column(Id, ForeignKey(accounts.c.id), index=True)
    digest: Named[bytes | None] = Column(LargeBinary(32), unique=True)
    bulk_id: Named[str | None] = Column(Id)
    invited_by: Named[str] = Column(String(64), nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    sent_at: Named[datetime] = Column(Moment, nullable=False)
    handled_at: Named[datetime | None] = Column(Moment)
    answered_at: Named[datetime | None] = Column(Moment)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


invitations = Table(
    "firm_invitations",
    metadata,
    _Invitations,
    Index(
        "uq_firm_invitations_pending",
        "firm_id",
        "kind",
        "target",
        unique=True,
        postgresql_where=PENDING,
        sqlite_where=PENDING,
    ),
    Index("ix_firm_invitations_of_firm", "firm_id", "created_at", "id", "status", "expires_at"),
    Index("ix_firm_invitations_bulk_id_handled_at", "bulk_id", "handled_at"),
)
"""Whom a firm has asked. `target` is the account number or the address that it typed: there may be
one pending invitation for it. `account_id` is who that turned out to be, found after the
answer had gone out: it and `digest` (of the mailed link) are never shown to the firm. Nor is
`declined_quietly`: to the firm such a one stays pending. `handled_at`: the mail was written, or
there was nobody to write to."""
# so long an invitation is still shown; what it has led to stands in the firm's activity
pruned(invitations, invitations.c.expires_at <= AGO, keeps=timedelta(days=365))


class _Bulks(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    firm_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False, index=True)
    kind: Named[str] = Column(String(16), nullable=False)
    lines: Named[int] = Column(Integer, nullable=False)
    done: Named[int] = Column(Integer, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)


bulks = Table("firm_bulks", metadata, _Bulks)
"""Many at once: how many lines there were, and how many of them were done."""


class _CostCenters(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    firm_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    code: Named[str] = Column(String(32), nullable=False)
    name: Named[str] = Column(String(100), nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)


cost_centers = Table(
    "firm_cost_centers", metadata, _CostCenters, UniqueConstraint("firm_id", "code")
)
"""Parts of a firm that its members' searches are counted for."""


class _Changes(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    firm_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    event_id: Named[str] = Column(Id, nullable=False)
    at: Named[datetime] = Column(Moment, nullable=False)
    actor: Named[str] = Column(String(64), nullable=False)
    acted_as: Named[str] = Column(String(16), nullable=False)
    subject: Named[str] = Column(String(32), nullable=False)
    about: Named[str | None] = Column(String(254))
    remark: Named[str | None] = Column(String(300))
    before: Named[dict[str, Any]] = Column(Json, nullable=False)
    after: Named[dict[str, Any]] = Column(Json, nullable=False)


changes = Table(
    "firm_changes",
    metadata,
    _Changes,
    Index("ix_firm_changes_of_firm", "firm_id", "at", "id"),
)
"""What a firm said before and after each change; the audit event of `event_id` holds names of
fields only. `about` is what the firm knows it by: an account number, an address, a code."""


class _Days(TypedColumns):
    firm_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    day: Named[date] = Column(Date, primary_key=True)
    joined: Named[int] = Column(Integer, nullable=False, server_default="0")
    parted: Named[int] = Column(Integer, nullable=False, server_default="0")
    invited: Named[int] = Column(Integer, nullable=False, server_default="0")


days = Table("firm_days", metadata, _Days)
"""How many came, went and were invited each day (UTC); days of which there is nothing to say have
no row."""
