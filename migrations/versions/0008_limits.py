"""What looking at a password computes, beside each password."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEXES = {
    "accounts": ("ix_accounts_password_work", ["password_work"]),
    "legacy_logins": ("ix_legacy_logins_court_id_password_work", ["court_id", "password_work"]),
}


def upgrade() -> None:
    """Passwords that are there have none until the background notes it (`password_work`)."""
    for table, (name, columns) in INDEXES.items():
        op.add_column(table, sa.Column("password_work", sa.String(length=80), nullable=True))
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Take it away again."""
    for table, (name, _) in INDEXES.items():
        op.drop_index(name, table)
        with op.batch_alter_table(table) as altered:
            altered.drop_column("password_work")
