"""The outbox sealed, and request rates that all workers share."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What lies in the outbox stays as it is, and is delivered from there."""
    op.add_column("outbox", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "request_rates",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "minute", name=op.f("pk_request_rates")),
        prefixes=["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else [],
    )


def downgrade() -> None:
    """Take it away again; what is sealed in the outbox is lost."""
    op.drop_table("request_rates")
    op.drop_column("outbox", "sealed")
