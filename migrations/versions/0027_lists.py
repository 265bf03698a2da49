"""Counts of large courts that are kept, and indexes for lists that only a few rows belong to."""

import sqlalchemy as sa
from alembic import context, op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
works_with = "0022"

INDEXES = {
    "ix_filing_rights_resting": (
        "filing_rights (court_id, status, created_at, id)",
        "status <> 'active' AND ended_at IS NULL",
    ),
    "ix_filing_rights_linked": (
        "filing_rights (court_id, legacy_login_id)",
        "legacy_login_id IS NOT NULL AND ended_at IS NULL",
    ),
    "ix_legacy_logins_closed": (
        "legacy_logins (court_id, id)",
        "(status <> 'active' OR email_key = '')",
    ),
    "ix_certifications_expiring": (
        "certifications (court_id, expires_on)",
        "expires_on IS NOT NULL AND withdrawn_at IS NULL",
    ),
    "ix_audit_events_client_id_seq": ("audit_events (client_id, seq)", "client_id IS NOT NULL"),
    "ix_audit_events_actor_seq": (
        "audit_events (actor, seq)",
        "(account_id IS NULL OR account_id <> actor)",
    ),
}


def upgrade() -> None:
    """Add the indexes, which hold up nobody who writes, and the table, which a job fills."""
    _create_indexes()
    op.create_table(
        "court_counts",
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("court_id", "kind", name=op.f("pk_court_counts")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("court_counts")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")


def _create_indexes() -> None:
    """Before all else: what is done outside of a transaction can be done again."""
    made = {name: f"{name} ON {on} WHERE {where}" for name, (on, where) in INDEXES.items()}
    is_new = context.config.attributes.get("is_new", False)
    if is_new or op.get_bind().dialect.name == "sqlite":
        for one in made.values():
            op.execute(f"CREATE INDEX {one}")
        return
    with op.get_context().autocommit_block():
        # it waits for whoever reads, and nobody waits for it
        op.execute("SET lock_timeout = 0")
        for name, one in made.items():
            # one that was given up half-way is there, and of no use
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {one}")
        op.execute("SET lock_timeout = '1s'")
