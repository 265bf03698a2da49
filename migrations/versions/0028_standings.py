"""How the service stood in the last day, every five minutes."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
works_with = "0022"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "standings",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("outbox_waiting", sa.Integer(), nullable=False),
        sa.Column("outbox_oldest_seconds", sa.Integer(), nullable=False),
        sa.Column("sealing_lag_seconds", sa.Integer(), nullable=False),
        sa.Column("processes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_standings")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("standings")
