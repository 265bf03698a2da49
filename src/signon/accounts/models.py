"""The accounts' table."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Named,
    SmallInteger,
    String,
    Table,
    TypedColumns,
    and_,
    or_,
    text,
)
from sqlalchemy.sql import false, true

from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned


class AccountKind(StrEnum):
    """What an account is for (domain facts 1.1)."""

    INDIVIDUAL = "individual"
    SHARED = "shared"
    FIRM = "firm"
    OPERATOR = "operator"


class AccountStatus(StrEnum):
    """Whether an account may be used at all; search rights are another matter.

    `held` is PACER's Review Registration Hold: nobody has looked at the new account yet.
    """

    ACTIVE = "active"
    HELD = "held"
    DISABLED = "disabled"


class SearchStatus(StrEnum):
    """PACER's Case Search Status; independent of every filing right (domain facts 1.5)."""

    ACTIVE = "active"
    INACTIVE = "inactive"


LIST_NAME = String(202).with_variant(String(202, collation="C"), "postgresql")
"""Sorted by code points on both databases, so that the beginning of a name is a range."""


class _Accounts(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    number: Named[str] = Column(String(7), nullable=False, unique=True)
    kind: Named[str] = Column(String(16), nullable=False)
    username: Named[str] = Column(String(64), nullable=False)
    username_key: Named[str] = Column(String(64), nullable=False, unique=True)
    password: Named[bytes | None] = Column(LargeBinary)
    password_work: Named[str | None] = Column(String(80), index=True)
    password_changed_at: Named[datetime | None] = Column(Moment)
    password_skips: Named[int] = Column(SmallInteger, nullable=False, server_default="0")
    status: Named[str] = Column(String(16), nullable=False)
    status_reason: Named[str | None] = Column(String(300))
    valid_from: Named[datetime] = Column(Moment, nullable=False)
    frozen_at: Named[datetime | None] = Column(Moment)
    frozen_since: Named[datetime | None] = Column(Moment)
    has_factor: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    spare_due: Named[bool | None] = Column(Boolean)
    factor_skips: Named[int] = Column(SmallInteger, nullable=False, server_default="0")
    filing_blocked_at: Named[datetime | None] = Column(Moment)
    factor_reset_due_at: Named[datetime | None] = Column(Moment)
    client_code_required: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    client_code_pattern: Named[str | None] = Column(String(32))
    last_signed_in_at: Named[datetime | None] = Column(Moment)
    created_on: Named[date] = Column(Date, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    updated_at: Named[datetime] = Column(Moment, nullable=False)
    upgraded_at: Named[datetime | None] = Column(Moment)
    search_status: Named[str] = Column(String(16), nullable=False)
    search_status_reason: Named[str | None] = Column(String(300))
    email: Named[str] = Column(String(254), nullable=False)
    email_key: Named[str] = Column(String(254), nullable=False, index=True)
    email_verified: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    first_name: Named[str | None] = Column(String(100))
    middle_name: Named[str | None] = Column(String(100))
    last_name: Named[str | None] = Column(String(100))
    name_key: Named[str | None] = Column(String(201))
    list_name: Named[str] = Column(LIST_NAME, nullable=False, server_default="")
    user_type: Named[str | None] = Column(String(40))
    date_of_birth: Named[date | None] = Column(Date)
    firm_name: Named[str | None] = Column(String(200))
    phone: Named[str | None] = Column(String(32))
    street: Named[str | None] = Column(String(200))
    city: Named[str | None] = Column(String(100))
    state: Named[str | None] = Column(String(100))
    postal_code: Named[str | None] = Column(String(20))
    county: Named[str | None] = Column(String(100))
    country: Named[str | None] = Column(String(2))
    firm_number: Named[str | None] = Column(String(7))
    firm_joined_at: Named[datetime | None] = Column(Moment)
    cost_center_id: Named[str | None] = Column(Id)
    programs_allowed: Named[bool] = Column(Boolean, nullable=False, server_default=true())
    locale: Named[str | None] = Column(String(16))


IN_A_FIRM = text("firm_number IS NOT NULL")


def _of_firm(name: str, *order: str) -> Index:
    """A firm's members in one order; with what they are filtered by, so that no row is read."""
    columns = ("firm_number", *order, "number", "search_status", "cost_center_id")
    return Index(name, *columns, postgresql_where=IN_A_FIRM, sqlite_where=IN_A_FIRM)


accounts = Table(
    "accounts",
    metadata,
    _Accounts,
    Index("ix_accounts_name_key_date_of_birth", "name_key", "date_of_birth"),
    Index(
        "ix_accounts_held",
        "number",
        postgresql_where=text("status = 'held'"),
        sqlite_where=text("status = 'held'"),
    ),
    Index(
        "ix_accounts_disabled",
        "number",
        postgresql_where=text("status = 'disabled'"),
        sqlite_where=text("status = 'disabled'"),
    ),
    Index(
        "ix_accounts_few",
        *("kind", "number"),
        postgresql_where=text("kind <> 'individual'"),
        sqlite_where=text("kind <> 'individual'"),
    ),
    Index(
        "ix_accounts_factor_reset_due_at",
        "factor_reset_due_at",
        postgresql_where=text("factor_reset_due_at IS NOT NULL"),
        sqlite_where=text("factor_reset_due_at IS NOT NULL"),
    ),
    _of_firm("ix_accounts_firm_by_number"),
    _of_firm("ix_accounts_firm_by_name", "list_name"),
    _of_firm("ix_accounts_firm_by_joining", "firm_joined_at"),
)
"""`id` is the `sub` of tokens. `password` is a hash sealed with the key ring; `password_work` names what
looking at it computes (`accounts.password_work`).
Sessions, grants and tokens from before `valid_from` are worth nothing. `upgraded_at` is NULL for
legacy accounts, until they are upgraded, and for shared ones, which never are. `email_key` and
`name_key` are what duplicates are found by. While `frozen_at` is set, nothing about the account
may be changed and nothing is filed with it; `frozen_since` is when the change was made that
somebody disowned. `password_skips` and `factor_skips` count how often a due change of password and
a due enrolment were put off. `spare_due`: the one factor that there is has no way back beside it,
and the person has not said yet that they go on without; NULL: nobody has asked. Without a second
factor `filing_blocked_at` stands between the person and every filing right. At `factor_reset_due_at` all second factors go, because an operator
was asked for it, unless somebody stops that before. `firm_number` is the firm that the account is
a member of and billed to; it and `cost_center_id` name rows by guarded statements only.
`list_name` is what lists of people are sorted by. A firm's own `client_code_…` and
`programs_allowed` are its members' rules."""


class _AccountChanges(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False, index=True)
    event_id: Named[str] = Column(Id, nullable=False)
    at: Named[datetime] = Column(Moment, nullable=False)
    actor: Named[str] = Column(String(64), nullable=False)
    subject: Named[str] = Column(String(32), nullable=False)
    before: Named[dict[str, Any]] = Column(Json, nullable=False)
    after: Named[dict[str, Any]] = Column(Json, nullable=False)
    session_id: Named[str | None] = Column(Id)
    factor_since: Named[datetime | None] = Column(Moment)
    address: Named[str | None] = Column(String(254))
    disowned_by: Named[str | None] = Column(Id)


account_changes = Table("account_changes", metadata, _AccountChanges)
"""What an account said before and after each change; the audit event of `event_id` holds the
names of the fields only. `subject` is what was changed: `email`, `username`, `password`, …

`session_id`, `factor_since` and `address` are what the act was proved with
(`signon.accounts.history.Proof`); `disowned_by` is the dispute that took it back."""


class _EmailChanges(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    old_email: Named[str] = Column(String(254), nullable=False)
    new_email: Named[str] = Column(String(254), nullable=False)
    asked_at: Named[datetime] = Column(Moment, nullable=False)
    due_at: Named[datetime] = Column(Moment, nullable=False)
    confirmed_at: Named[datetime | None] = Column(Moment)
    agreed_at: Named[datetime | None] = Column(Moment)
    ended_at: Named[datetime | None] = Column(Moment)
    session_id: Named[str | None] = Column(Id)
    factor_since: Named[datetime | None] = Column(Moment)


_WAITING = text("ended_at IS NULL")
email_changes = Table(
    "email_changes",
    metadata,
    _EmailChanges,
    Index(
        "uq_email_changes_account",
        "account_id",
        unique=True,
        postgresql_where=_WAITING,
        sqlite_where=_WAITING,
    ),
    Index("ix_email_changes_due_at", "due_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
    Index(None, "ended_at"),
)
"""Addresses that were asked for: one an account at a time. It becomes the account's when the new
address has answered (`confirmed_at`) and the one before has agreed or `due_at` has come."""
pruned(
    email_changes,
    or_(
        email_changes.c.ended_at <= AGO,
        and_(email_changes.c.confirmed_at.is_(None), email_changes.c.due_at <= AGO),
    ),
    keeps=timedelta(days=1),
)


class _HeldUsernames(TypedColumns):
    username_key: Named[str] = Column(String(64), primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    until: Named[datetime] = Column(Moment, nullable=False, index=True)


held_usernames = Table("held_usernames", metadata, _HeldUsernames)
"""Names that an account had until lately: nobody else gets them while they can be taken back."""
pruned(held_usernames, held_usernames.c.until <= AGO)


class _MailedLinks(TypedColumns):
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    purpose: Named[str] = Column(String(32), nullable=False)
    account_id: Named[str | None] = Column(Id, ForeignKey(accounts.c.id), index=True)
    email: Named[str] = Column(String(254), nullable=False)
    payload: Named[dict[str, Any]] = Column(Json, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    used_at: Named[datetime | None] = Column(Moment)


mailed_links = Table("mailed_links", metadata, _MailedLinks)
"""Single-use links that were mailed to `email`; `digest` is the token's. `payload` says what the
link is for, without secrets. Used ones stay until they expire, so that a second visit is told so."""
pruned(mailed_links, mailed_links.c.expires_at <= AGO)


class _UnreachableAddresses(TypedColumns):
    address: Named[str] = Column(String(254), primary_key=True)
    since: Named[datetime] = Column(Moment, nullable=False)
    how: Named[str] = Column(String(16), nullable=False)
    status: Named[str | None] = Column(String(16))
    works_since: Named[datetime | None] = Column(Moment, index=True)


unreachable_addresses = Table("unreachable_addresses", metadata, _UnreachableAddresses)
"""Addresses, in lower case, that mail did not reach. One with `works_since` was proved again then:
a report that comes late, of a mail from before, does not count."""
pruned(unreachable_addresses, unreachable_addresses.c.works_since <= AGO, keeps=timedelta(days=30))
