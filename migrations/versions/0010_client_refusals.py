"""Guesses at clients: refused requests for a while, and how many there were."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add two tables; nothing that exists changes."""
    op.create_table(
        "client_refusals",
        sa.Column("request_id", sa.String(length=26), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("named", sa.LargeBinary(length=32), nullable=True),
        sa.Column("endpoint", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_client_refusals")),
    )
    op.create_index(op.f("ix_client_refusals_at"), "client_refusals", ["at"])
    op.create_index(
        op.f("ix_client_refusals_client_id_reason_at"),
        "client_refusals",
        ["client_id", "reason", "at"],
    )
    op.create_table(
        "client_refusal_counts",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint(
            "client_id", "hour", "reason", name=op.f("pk_client_refusal_counts")
        ),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("client_refusal_counts")
    op.drop_table("client_refusals")
