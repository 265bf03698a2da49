"""Filing rights: registrations for e-filing, certificates, and what a right says of itself."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.String(length=26)
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("decided_at IS NULL")
UNSENT = sa.text("submitted_at IS NULL")
AT_DESKS = sa.text("substr(event, 1, 7) IN ('filing:', 'courts:')")


def upgrade() -> None:
    """Add what the new columns and tables need; nothing that exists changes its meaning."""
    op.create_table(
        "efile_registrations",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        *_of("efile_registrations", account_id="accounts", court_id="courts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_efile_registrations")),
    )
    _index("efile_registrations", "account_id")
    _index("efile_registrations", "court_id", "state", "submitted_at", "id")
    op.create_index(
        "uq_efile_registrations_account_court",
        "efile_registrations",
        ["account_id", "court_id"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(
        "ix_efile_registrations_unsent",
        "efile_registrations",
        ["updated_at"],
        postgresql_where=UNSENT,
        sqlite_where=UNSENT,
    )
    op.create_table(
        "efile_registration_history",
        sa.Column("event_id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        *_of("efile_registration_history", registration_id="efile_registrations"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_efile_registration_history")),
        sa.UniqueConstraint(
            "registration_id",
            "version",
            name=op.f("uq_efile_registration_history_registration_id_version"),
        ),
    )
    op.create_table(
        "efile_documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *_of("efile_documents", registration_id="efile_registrations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_efile_documents")),
    )
    _index("efile_documents", "registration_id")
    op.create_table(
        "certifications",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("certified_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("notified_at", MOMENT, nullable=True),
        *_of("certifications", account_id="accounts", court_id="courts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certifications")),
    )
    _index("certifications", "account_id", "court_id")
    _index("certifications", "court_id", "recorded_at", "id")
    _index("certifications", "expires_on")
    op.create_index(
        "ix_audit_events_at_desks",
        "audit_events",
        ["court_id", "seq"],
        postgresql_where=AT_DESKS,
        sqlite_where=AT_DESKS,
    )
    _widen_rights()
    _find_logins_by_email()


def _widen_rights() -> None:
    """What a right waits for and what suspends it; so far only imported lists have suspended."""
    with op.batch_alter_table("filing_rights") as rights:
        rights.add_column(sa.Column("registration_id", ID, nullable=True))
        rights.add_column(sa.Column("conditions", sa.Text(), nullable=True))
        rights.add_column(sa.Column("pending_for", sa.JSON(), nullable=True))
        rights.add_column(sa.Column("suspended_by", sa.JSON(), nullable=False, server_default="[]"))
        rights.add_column(sa.Column("suspension_reason", sa.Text(), nullable=True))
        rights.create_foreign_key(
            op.f("fk_filing_rights_registration_id_efile_registrations"),
            "efile_registrations",
            ["registration_id"],
            ["id"],
        )
        rights.create_unique_constraint(
            op.f("uq_filing_rights_registration_id"), ["registration_id"]
        )
    _index("filing_rights", "court_id", "created_at", "id")
    registered = sa.text("legacy_login_id IS NULL AND ended_at IS NULL")
    op.create_index(
        "ix_filing_rights_registered",
        "filing_rights",
        ["court_id", "id"],
        postgresql_where=registered,
        sqlite_where=registered,
    )
    not_active = sa.text("status <> 'active' AND ended_at IS NULL")
    op.create_index(
        "ix_filing_rights_not_active",
        "filing_rights",
        ["court_id", "id"],
        postgresql_where=not_active,
        sqlite_where=not_active,
    )
    op.execute("UPDATE filing_rights SET suspended_by = '[\"import\"]' WHERE status = 'suspended'")


def _find_logins_by_email() -> None:
    """Whoever lost a legacy login is found by the address that the court has on file."""
    with op.batch_alter_table("legacy_logins") as logins:
        logins.add_column(
            sa.Column("email_key", sa.String(length=254), nullable=False, server_default="")
        )
    op.execute("UPDATE legacy_logins SET email_key = lower(email)")
    with op.batch_alter_table("legacy_logins") as logins:
        logins.alter_column("email_key", server_default=None)
    _index("legacy_logins", "court_id", "email_key")


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_audit_events_at_desks", table_name="audit_events")
    op.drop_index("ix_legacy_logins_court_id_email_key", "legacy_logins")
    with op.batch_alter_table("legacy_logins") as logins:
        logins.drop_column("email_key")
    op.drop_index("ix_filing_rights_not_active", "filing_rights")
    op.drop_index("ix_filing_rights_registered", "filing_rights")
    op.drop_index("ix_filing_rights_court_id_created_at_id", "filing_rights")
    with op.batch_alter_table("filing_rights") as rights:
        rights.drop_constraint(op.f("uq_filing_rights_registration_id"), type_="unique")
        rights.drop_constraint(
            op.f("fk_filing_rights_registration_id_efile_registrations"), type_="foreignkey"
        )
        for name in (
            "suspension_reason",
            "suspended_by",
            "pending_for",
            "conditions",
            "registration_id",
        ):
            rights.drop_column(name)
    for name in (
        "certifications",
        "efile_documents",
        "efile_registration_history",
        "efile_registrations",
    ):
        op.drop_table(name)


def _of(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    """The table's foreign keys, by the naming convention."""
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
        )
        for column, target in targets.items()
    ]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
