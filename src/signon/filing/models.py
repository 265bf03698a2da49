"""Tables of legacy logins, registrations for e-filing, filing rights and certificates."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    String,
    Table,
    Text,
    TextClause,
    TypedColumns,
    UniqueConstraint,
    and_,
    literal_column,
    text,
)

from signon.accounts.models import accounts
from signon.courts.models import courts
from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned

_ACTIVE = text("ended_at IS NULL")
_REGISTERED = text("legacy_login_id IS NULL AND ended_at IS NULL")
_NOT_ACTIVE = text("status <> 'active' AND ended_at IS NULL")
_ENDING = text("last_day IS NOT NULL AND ended_at IS NULL")
_OPEN = text("decided_at IS NULL")
_UNSENT = text("submitted_at IS NULL")
_RETURNED = text("state = 'returned' AND decided_at IS NULL")
_LASTING = text("expires_on IS NULL AND withdrawn_at IS NULL")
_LINKED = text("legacy_login_id IS NOT NULL AND ended_at IS NULL")
_EXPIRING = text("expires_on IS NOT NULL AND withdrawn_at IS NULL")
CLOSED = text("(status <> 'active' OR email_key = '')")
"""A legacy login that nobody can prove, whatever becomes of mail."""


def _few(name: str, *columns: str, where: ColumnElement[bool] | TextClause) -> Index:
    """An index of the few rows that something is true of."""
    return Index(name, *columns, postgresql_where=where, sqlite_where=where)


BAR_SIGNS = " -.#/"
_BARE = "lower(bar_id)"
for _sign in BAR_SIGNS:
    _BARE = f"replace({_BARE}, '{_sign}', '')"
BAR_KEY = f"ltrim(ltrim({_BARE}, 'abcdefghijklmnopqrstuvwxyz'), '0')"
"""A bar number as numbers are compared (`legacy_logins.bar_numbers`), in SQL: only this text is indexed."""


class _LegacyLogins(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    login: Named[str] = Column(String(64), nullable=False)
    login_key: Named[str] = Column(String(64), nullable=False)
    password: Named[bytes] = Column(LargeBinary, nullable=False)
    password_work: Named[str | None] = Column(String(80))
    first_name: Named[str] = Column(String(100), nullable=False)
    last_name: Named[str] = Column(String(100), nullable=False)
    bar_id: Named[str | None] = Column(String(64))
    email: Named[str] = Column(String(254), nullable=False)
    email_key: Named[str] = Column(String(254), nullable=False)
    status: Named[str] = Column(String(16), nullable=False)
    roles: Named[list[str]] = Column(Json, nullable=False)
    cases: Named[list[str] | None] = Column(Json)
    imported_at: Named[datetime] = Column(Moment, nullable=False)
    imported_by: Named[str | None] = Column(String(64))
    import_asked_by: Named[str | None] = Column(Id)
    proof_mac: Named[bytes | None] = Column(LargeBinary(32))
    proof_version: Named[int] = Column(Integer, nullable=False, server_default="1")


legacy_logins = Table(
    "legacy_logins",
    metadata,
    _LegacyLogins,
    UniqueConstraint("court_id", "login_key"),
    Index(None, "court_id", "email_key"),
    Index(None, "court_id", "bar_id"),
    Index(None, "court_id", "last_name", "login_key"),
    Index(None, "court_id", "password_work"),
    Index("ix_legacy_logins_bar_key", "court_id", text(BAR_KEY)),
    _few("ix_legacy_logins_closed", "court_id", "id", where=CLOSED),
)
"""A court's own filer logins. `password` is a foreign or wrapped hash, sealed with the ring, and
`password_work` names what looking at it computes (`accounts.password_work`);
`cases` of None means that the login is not limited to named cases. `proof_version` grows whenever
password, names, address or status change, of which `proof_mac` is made: what was proved before
proves nothing any more. Neither whoever last imported it (`imported_by`) nor
whoever asked a second member of the staff to (`import_asked_by`) can link it."""


class _EfileRegistrations(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False, index=True)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    kind: Named[str] = Column(String(16), nullable=False)
    type: Named[str] = Column(String(32), nullable=False)
    roles: Named[list[str]] = Column(Json, nullable=False)
    answers: Named[dict[str, Any]] = Column(Json, nullable=False)
    state: Named[str] = Column(String(16), nullable=False)
    version: Named[int] = Column(Integer, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    updated_at: Named[datetime] = Column(Moment, nullable=False)
    submitted_at: Named[datetime | None] = Column(Moment)
    decided_at: Named[datetime | None] = Column(Moment)
    assigned_to: Named[str | None] = Column(Id)
    lapse_told_at: Named[datetime | None] = Column(Moment)


efile_registrations = Table(
    "efile_registrations",
    metadata,
    _EfileRegistrations,
    Index(
        "uq_efile_registrations_account_court",
        "account_id",
        "court_id",
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    ),
    Index(None, "court_id", "state", "submitted_at", "id"),
    _few("ix_efile_registrations_unsent", "updated_at", where=_UNSENT),
    _few("ix_efile_registrations_returned", "updated_at", where=_RETURNED),
)
"""What somebody asks of a court: at most one of an account at a court is open, that is, neither
approved, rejected nor withdrawn (`decided_at` is the moment of any of the three).

`assigned_to`: whoever of the staff looks after it; that is a word among colleagues and decides
nothing. `version` grows with every step and every correction, so that two people who decide at once do
not both succeed. `lapse_told_at`: when the applicant was told that one that was returned lapses. The
right that an approval made names its registration, not the other way.
"""


class _EfileRegistrationHistory(TypedColumns):
    event_id: Named[str] = Column(Id, primary_key=True)
    registration_id: Named[str] = Column(Id, ForeignKey(efile_registrations.c.id), nullable=False)
    version: Named[int] = Column(Integer, nullable=False)
    at: Named[datetime] = Column(Moment, nullable=False)
    actor: Named[str] = Column(String(64), nullable=False)
    from_state: Named[str | None] = Column(String(16))
    to_state: Named[str] = Column(String(16), nullable=False)
    message: Named[str | None] = Column(Text)


efile_registration_history = Table(
    "efile_registration_history",
    metadata,
    _EfileRegistrationHistory,
    UniqueConstraint("registration_id", "version"),
)
"""Every step of a registration, by the version that it made; `message` is the court's, written
to the applicant."""


class _EfileDocuments(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    registration_id: Named[str] = Column(
        Id, ForeignKey(efile_registrations.c.id), nullable=False, index=True
    )
    name: Named[str] = Column(String(120), nullable=False)
    size: Named[int] = Column(Integer, nullable=False)
    sha256: Named[str] = Column(String(64), nullable=False)
    uploaded_at: Named[datetime] = Column(Moment, nullable=False)
    content: Named[bytes] = Column(LargeBinary, nullable=False)


efile_documents = Table("efile_documents", metadata, _EfileDocuments)
"""Orders and certificates as PDF, in the database and so outside every web root. Not sealed:
they are papers for a court's file, guarded as such; the ring is for what proves who someone is.
"""


class _Certifications(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    role: Named[str] = Column(String(32), nullable=False)
    certified_on: Named[date] = Column(Date, nullable=False)
    expires_on: Named[date | None] = Column(Date, index=True)
    recorded_by: Named[str] = Column(String(64), nullable=False)
    recorded_at: Named[datetime] = Column(Moment, nullable=False)
    withdrawn_at: Named[datetime | None] = Column(Moment)
    reason: Named[str | None] = Column(String(400))
    notified_at: Named[datetime | None] = Column(Moment)


certifications = Table(
    "certifications",
    metadata,
    _Certifications,
    Index(
        "uq_certifications_lasting",
        *("account_id", "court_id", "role", "certified_on"),
        unique=True,
        postgresql_where=_LASTING,
        sqlite_where=_LASTING,
    ),
    Index(
        "uq_certifications_expiring",
        *("account_id", "court_id", "role", "certified_on", "expires_on"),
        unique=True,
        postgresql_where=_EXPIRING,
        sqlite_where=_EXPIRING,
    ),
    Index(None, "account_id", "court_id"),
    Index(None, "court_id", "recorded_at", "id"),
    _few("ix_certifications_expiring", "court_id", "expires_on", where=_EXPIRING),
)
"""A court's word that somebody was trained for a role. Dates are the court's own calendar's; a
certificate without `expires_on` lasts; `reason` says why it was withdrawn. None stands there
twice."""


def holds(role: str) -> ColumnElement[bool]:
    """Whether a right is one to the role, in the words of the index of the few that are."""
    # without a type: SQLite would be asked whether it is 1, which no index knows
    return literal_column(f"CAST(roles AS VARCHAR) LIKE '%\"{role}\"%'")


FEW_HAVE = (
    "trustee", "us_trustee", "filing_agent", "limited_creditor", "course_provider",
    "court_reporter", "mediator", "auditor", "pro_se", "interested_party",
)  # fmt: skip
"""Roles with an index of their own at each court; attorneys are found without one."""


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
    registration_id: Named[str | None] = Column(
        Id, ForeignKey(efile_registrations.c.id), unique=True
    )
    conditions: Named[str | None] = Column(Text)
    pending_for: Named[list[str] | None] = Column(Json)
    suspended_by: Named[list[str]] = Column(Json, nullable=False, server_default="[]")
    suspension_reason: Named[str | None] = Column(Text)
    certified: Named[dict[str, str | None] | None] = Column(Json)
    notice_email: Named[str | None] = Column(String(254))
    other_logins: Named[list[str] | None] = Column(Json)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    ended_at: Named[datetime | None] = Column(Moment)
    last_day: Named[date | None] = Column(Date)
    last_day_told_at: Named[datetime | None] = Column(Moment)


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
    Index(None, "court_id", "created_at", "id"),
    _few("ix_filing_rights_registered", "court_id", "id", where=_REGISTERED),
    _few("ix_filing_rights_linked", "court_id", "legacy_login_id", where=_LINKED),
    _few("ix_filing_rights_last_day", "last_day", where=_ENDING),
    _few("ix_filing_rights_not_active", "court_id", "id", where=_NOT_ACTIVE),
    _few("ix_filing_rights_resting", "court_id", "status", "created_at", "id", where=_NOT_ACTIVE),
    *(
        _few(
            f"ix_filing_rights_{role}",
            "court_id",
            "created_at",
            "id",
            where=and_(_ACTIVE, holds(role)),
        )
        for role in FEW_HAVE
    ),
)
"""What an account may file at a court: at most one right for an account and a court, and at
most one for a legacy login, as long as it has not ended; one ever for a registration.

`status` follows from the two lists beside it (`filing_status.status_of`): whatever `suspended_by`
names (`court`, `import`, `certification`, `last_day`) must all be gone before the right is in force again, and
`pending_for` (`certification`, `review`) is what it still waits for. `conditions` is the court's
text to the filer. `certified` says, for each role that the account ever had a certificate for at
the court, through which day the last one is good (null: for good), so that whoever reads the right
knows at once when one has run out; `rights.training` writes it. `last_day` is the last one, by the
court's calendar, on which it gives anything; null: it does not end by itself. `last_day_told_at`:
when the filer was last told that it comes. Notices go to `notice_email`, null: to the account's
address. `other_logins` are those that were folded into it.
"""


class _FoldedLogins(TypedColumns):
    legacy_login_id: Named[str] = Column(Id, ForeignKey(legacy_logins.c.id), primary_key=True)
    right_id: Named[str] = Column(Id, ForeignKey(rights.c.id), nullable=False, index=True)
    folded_at: Named[datetime] = Column(Moment, nullable=False)
    accepted_at: Named[datetime | None] = Column(Moment)


folded_logins = Table("folded_logins", metadata, _FoldedLogins)
"""A person's further logins of a court, each proved, folded into the one right: a login is folded
once. Without `accepted_at` the court looks at it first and it gives nothing yet. The row goes when
the right ends; the right's history stays."""


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
    login_version: Named[int] = Column(Integer, nullable=False, server_default="1")
    journey_id: Named[str | None] = Column(Id)
    password: Named[bytes | None] = Column(LargeBinary)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    used_at: Named[datetime | None] = Column(Moment)


link_proofs = Table("link_proofs", metadata, _LinkProofs)
"""Somebody proved a legacy login; spent by the confirmation. Bound to account, session, court
and login, and found by them, so nothing that the browser holds can be replayed elsewhere; bound to
the login as it was (`login_version`), so it dies when the login becomes another's. `password` is
what was typed, sealed, of a court that is not live yet (`prepared_links`)."""
pruned(link_proofs, link_proofs.c.expires_at <= AGO)


class _StaffRequests(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    court_id: Named[str] = Column(String(16), ForeignKey(courts.c.id), nullable=False)
    kind: Named[str] = Column(String(16), nullable=False)
    asked: Named[dict[str, Any]] = Column(Json, nullable=False)
    asked_by: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False)
    asked_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    decided_at: Named[datetime | None] = Column(Moment)
    decided_by: Named[str | None] = Column(String(64))
    outcome: Named[str | None] = Column(String(16))


staff_requests = Table(
    "staff_requests", metadata, _StaffRequests, Index(None, "court_id", "expires_at")
)
"""What a member of a court's staff asked for and a second member confirms (`court.requests`).
`asked` is all that the act takes, never a hash of a password: of an import it has the digest."""
# the trail keeps who asked and confirmed for good
pruned(staff_requests, staff_requests.c.expires_at <= AGO, keeps=timedelta(days=90))
