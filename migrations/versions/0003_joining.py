"""Joining: what duplicates are found by, mailed links, and what accounts said before and after."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what the new columns and tables need; nothing that exists changes its meaning."""
    op.add_column(
        "accounts",
        sa.Column("password_skips", sa.SmallInteger(), nullable=False, server_default="0"),
    )
    op.add_column("accounts", sa.Column("frozen_at", MOMENT, nullable=True))
    op.add_column("accounts", sa.Column("last_signed_in_at", MOMENT, nullable=True))
    op.add_column(
        "accounts", sa.Column("email_key", sa.String(length=254), nullable=False, server_default="")
    )
    op.add_column("accounts", sa.Column("name_key", sa.String(length=201), nullable=True))
    op.add_column("accounts", sa.Column("user_type", sa.String(length=40), nullable=True))
    op.execute(_keys(op.get_bind().dialect.name))
    with op.batch_alter_table("accounts") as accounts:
        accounts.alter_column("email_key", server_default=None)
    op.create_index(op.f("ix_accounts_email_key"), "accounts", ["email_key"])
    op.create_index("ix_accounts_name_key_date_of_birth", "accounts", ["name_key", "date_of_birth"])
    op.create_index(
        "ix_accounts_held",
        "accounts",
        ["number"],
        postgresql_where=sa.text("status = 'held'"),
        sqlite_where=sa.text("status = 'held'"),
    )
    op.add_column("sessions", sa.Column("user_agent", sa.String(length=300), nullable=True))
    op.add_column("sessions", sa.Column("met", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "account_changes",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("event_id", sa.String(length=26), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_changes_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_changes")),
    )
    op.create_index(op.f("ix_account_changes_account_id"), "account_changes", ["account_id"])
    op.create_table(
        "mailed_links",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_mailed_links_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mailed_links")),
    )
    op.create_index(op.f("ix_mailed_links_account_id"), "mailed_links", ["account_id"])
    op.create_index(op.f("ix_mailed_links_expires_at"), "mailed_links", ["expires_at"])
    op.create_table(
        "idempotent_answers",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_idempotent_answers")),
    )
    op.create_index(op.f("ix_idempotent_answers_expires_at"), "idempotent_answers", ["expires_at"])
    _registrations()
    _upgrades()


def _registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("device", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("journey_id", sa.String(length=26), nullable=True),
        sa.Column("journey_kind", sa.String(length=32), nullable=True),
        sa.Column("client_id", sa.String(length=64), nullable=True),
        sa.Column("court_id", sa.String(length=16), nullable=True),
        sa.Column("return_to", sa.Text(), nullable=True),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_registrations_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
    )
    for column in ("account_id", "device", "expires_at"):
        op.create_index(op.f(f"ix_registrations_{column}"), "registrations", [column])


def _upgrades() -> None:
    op.create_table(
        "upgrades",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("entered", sa.LargeBinary(), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("journey_id", sa.String(length=26), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_upgrades_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_upgrades")),
    )
    op.create_index(op.f("ix_upgrades_expires_at"), "upgrades", ["expires_at"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("upgrades")
    op.drop_table("idempotent_answers")
    op.drop_table("registrations")
    op.drop_table("mailed_links")
    op.drop_table("account_changes")
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("met")
        sessions.drop_column("user_agent")
    op.drop_index("ix_accounts_held", table_name="accounts")
    op.drop_index("ix_accounts_name_key_date_of_birth", table_name="accounts")
    op.drop_index(op.f("ix_accounts_email_key"), table_name="accounts")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("user_type")
        accounts.drop_column("name_key")
        accounts.drop_column("email_key")
        accounts.drop_column("last_signed_in_at")
        accounts.drop_column("frozen_at")
        accounts.drop_column("password_skips")


def _keys(dialect: str) -> str:
    """What `signon.accounts.directory.email_key` and `name_key` make, as near as SQL can."""
    if dialect == "postgresql":
        return _KEYS.replace("instr(", "strpos(")
    return _KEYS


_KEYS = """
    UPDATE accounts SET
      email_key = lower(CASE
        WHEN instr(email, '+') BETWEEN 2 AND instr(email, '@')
        THEN substr(email, 1, instr(email, '+') - 1) || substr(email, instr(email, '@'))
        ELSE email END),
      name_key = lower(first_name || ' ' || last_name)
"""
