"""Taking an account back: what an act was proved with, and what was removed lately."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Add what the new columns and tables need; nothing that exists changes its meaning."""
    op.add_column("accounts", sa.Column("frozen_since", MOMENT, nullable=True))
    op.add_column("sessions", sa.Column("factor_since", MOMENT, nullable=True))
    op.add_column("account_changes", sa.Column("session_id", sa.String(length=26), nullable=True))
    op.add_column("account_changes", sa.Column("factor_since", MOMENT, nullable=True))
    op.add_column("account_changes", sa.Column("address", sa.String(length=254), nullable=True))
    op.add_column("account_changes", sa.Column("disowned_by", sa.String(length=26), nullable=True))
    _email_changes()
    _held_usernames()
    _removed_authenticators()
    _removed_recovery_codes()
    # a link that was mailed to the address before now begins taking the account back
    op.execute("UPDATE mailed_links SET purpose = 'not_me' WHERE purpose = 'undo_email'")


def _email_changes() -> None:
    op.create_table(
        "email_changes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("old_email", sa.String(length=254), nullable=False),
        sa.Column("new_email", sa.String(length=254), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("session_id", sa.String(length=26), nullable=True),
        sa.Column("factor_since", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_email_changes_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_changes")),
    )
    op.create_index(
        "uq_email_changes_account",
        "email_changes",
        ["account_id"],
        unique=True,
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.create_index(
        "ix_email_changes_due_at",
        "email_changes",
        ["due_at"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.create_index(op.f("ix_email_changes_ended_at"), "email_changes", ["ended_at"])


def _held_usernames() -> None:
    op.create_table(
        "held_usernames",
        sa.Column("username_key", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_held_usernames_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("username_key", name=op.f("pk_held_usernames")),
    )
    op.create_index(op.f("ix_held_usernames_until"), "held_usernames", ["until"])


def _removed_authenticators() -> None:
    op.create_table(
        "removed_authenticators",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("nickname", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), nullable=True),
        sa.Column("transports", sa.JSON(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("removed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_removed_authenticators_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed_authenticators")),
    )
    for column in ("account_id", "removed_at"):
        name = op.f(f"ix_removed_authenticators_{column}")
        op.create_index(name, "removed_authenticators", [column])


def _removed_recovery_codes() -> None:
    op.create_table(
        "removed_recovery_codes",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("removed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_removed_recovery_codes_account_id_accounts"),
        ),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_removed_recovery_codes")),
    )
    op.create_index(
        op.f("ix_removed_recovery_codes_removed_at"), "removed_recovery_codes", ["removed_at"]
    )


def downgrade() -> None:
    """Take it away again."""
    for table in ("removed_recovery_codes", "removed_authenticators", "held_usernames"):
        op.drop_table(table)
    op.drop_table("email_changes")
    with op.batch_alter_table("account_changes") as changes:
        for column in ("disowned_by", "address", "factor_since", "session_id"):
            changes.drop_column(column)
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("factor_since")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("frozen_since")
