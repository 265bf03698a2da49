"""What people are searched by, and indexes for lists that only a few rows belong to."""

import sqlalchemy as sa
from alembic import context, op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
works_with = "0022"

KEY = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")
ROLES = (
    "trustee", "us_trustee", "filing_agent", "limited_creditor", "course_provider",
    "court_reporter", "mediator", "auditor", "pro_se", "interested_party",
)  # fmt: skip
INDEXES = {
    **{
        f"ix_filing_rights_{role}": (
            "filing_rights (court_id, created_at, id)",
            f"ended_at IS NULL AND CAST(roles AS VARCHAR) LIKE '%\"{role}\"%'",
        )
        for role in ROLES
    },
    "ix_accounts_disabled": ("accounts (number)", "status = 'disabled'"),
    "ix_accounts_few": ("accounts (kind, number)", "kind <> 'individual'"),
}


def upgrade() -> None:
    """Add the tables, which a job fills, and the indexes, which hold up nobody who writes."""
    _create_indexes()
    op.create_table(
        "search_entries",
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("subject", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("place", "key", "subject", name=op.f("pk_search_entries")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_search_entries_subject"), "search_entries", ["subject"])
    op.create_table(
        "search_fillings",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("after", sa.String(length=26), nullable=False),
        sa.Column("is_done", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_search_fillings")),
    )


def finish() -> None:
    """Older programs wrote rows without entries: walk over all of them once more."""
    op.execute("DELETE FROM search_fillings")


def downgrade() -> None:
    """Take them away again."""
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.drop_table("search_fillings")
    op.drop_table("search_entries")


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
