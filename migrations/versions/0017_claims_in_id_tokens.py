"""Clients whose ID tokens hold all claims."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody's ID tokens change by it."""
    op.add_column(
        "clients",
        sa.Column("claims_in_id_token", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    """ID tokens are as lean as before."""
    op.drop_column("clients", "claims_in_id_token")
