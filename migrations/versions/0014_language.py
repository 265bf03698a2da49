"""In which language somebody is written to."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has been asked yet: English, until they sign in in another language."""
    op.add_column("accounts", sa.Column("locale", sa.String(16)))


def downgrade() -> None:
    """Everybody is written to in English again."""
    with op.batch_alter_table("accounts") as table:
        table.drop_column("locale")
