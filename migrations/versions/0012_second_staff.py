"""A second member of a court's staff: what one asks for and another confirms."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add a table, and to legacy logins who asked for their import."""
    op.create_table(
        "staff_requests",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(length=26), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["accounts.id"], name=op.f("fk_staff_requests_asked_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_staff_requests_court_id_courts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_requests")),
    )
    op.create_index(
        op.f("ix_staff_requests_court_id_expires_at"), "staff_requests", ["court_id", "expires_at"]
    )
    op.create_index(op.f("ix_staff_requests_expires_at"), "staff_requests", ["expires_at"])
    with op.batch_alter_table("legacy_logins") as logins:
        logins.add_column(sa.Column("import_asked_by", sa.String(length=26), nullable=True))


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("legacy_logins") as logins:
        logins.drop_column("import_asked_by")
    op.drop_table("staff_requests")
