"""Filing rights: registrations for e-filing, certificates, and what a right says of itself."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the new columns and tables need; nothing that exists changes its meaning."""


def downgrade() -> None:
    """Take it away again."""
