"""Ways back in that are still due, bar numbers as they are compared, lapses, imports that run on."""

import sqlalchemy as sa
from alembic import context, op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
works_with = "0022"

MOMENT = sa.DateTime(timezone=True)
RETURNED = "state = 'returned' AND decided_at IS NULL"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
BARE = "lower(bar_id)"
for _sign in " -.#/":
    BARE = f"replace({BARE}, '{_sign}', '')"
BAR_KEY = f"ltrim(ltrim({BARE}, '{LETTERS}'), '0')"


def upgrade() -> None:
    """Columns that may be empty, two indexes that stop nobody, and the table of imports."""
    # before all else: what is done outside of a transaction can be done again
    _index("ix_legacy_logins_bar_key", "legacy_logins", ["court_id", sa.text(BAR_KEY)])
    _index("ix_efile_registrations_returned", "efile_registrations", ["updated_at"], RETURNED)
    op.add_column("accounts", sa.Column("spare_due", sa.Boolean(), nullable=True))
    op.add_column("efile_registrations", sa.Column("lapse_told_at", MOMENT, nullable=True))
    op.create_table(
        "legacy_imports",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("encoding", sa.String(length=40), nullable=False),
        sa.Column("agreed", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_legacy_imports_court_id_courts")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_legacy_imports_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_imports")),
    )
    op.create_index(
        "uq_legacy_imports_court",
        "legacy_imports",
        ["court_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "legacy_import_parts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("import_id", sa.String(length=26), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["legacy_imports.id"],
            name=op.f("fk_legacy_import_parts_import_id_legacy_imports"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legacy_import_parts")),
    )
    op.create_index(op.f("ix_legacy_import_parts_import_id"), "legacy_import_parts", ["import_id"])


def downgrade() -> None:
    """Take all of it away."""
    op.drop_index("ix_efile_registrations_returned", "efile_registrations")
    op.drop_index("ix_legacy_logins_bar_key", "legacy_logins")
    op.drop_table("legacy_import_parts")
    op.drop_table("legacy_imports")
    op.drop_column("efile_registrations", "lapse_told_at")
    op.drop_column("accounts", "spare_due")


def _index(name: str, table: str, columns: list[object], where: str | None = None) -> None:
    """PostgreSQL builds it beside people's writes, outside the transaction, where there are any."""
    condition = sa.text(where) if where else None
    is_new = context.config.attributes.get("is_new", False)
    if op.get_bind().dialect.name == "postgresql" and not is_new:
        with op.get_context().autocommit_block():
            # it waits for whoever reads, and nobody waits for it
            op.execute("SET lock_timeout = 0")
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.create_index(
                name, table, columns, postgresql_concurrently=True, postgresql_where=condition
            )
            op.execute("SET lock_timeout = '1s'")
    else:
        op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
