"""Second factors: apps and passkeys, recovery codes, and half a sign-in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NO = {"nullable": False, "server_default": sa.false()}


def upgrade() -> None:
    """Add what the new columns and tables need; nothing that exists changes its meaning."""
    op.add_column("accounts", sa.Column("has_factor", sa.Boolean(), **NO))
    op.add_column(
        "accounts", sa.Column("factor_skips", sa.SmallInteger(), nullable=False, server_default="0")
    )
    op.add_column("accounts", sa.Column("filing_blocked_at", MOMENT, nullable=True))
    op.add_column("accounts", sa.Column("factor_reset_due_at", MOMENT, nullable=True))
    op.create_index(
        "ix_accounts_factor_reset_due_at",
        "accounts",
        ["factor_reset_due_at"],
        postgresql_where=sa.text("factor_reset_due_at IS NOT NULL"),
        sqlite_where=sa.text("factor_reset_due_at IS NOT NULL"),
    )
    op.add_column("accounts", sa.Column("client_code_required", sa.Boolean(), **NO))
    op.add_column("accounts", sa.Column("client_code_pattern", sa.String(length=32), nullable=True))
    op.create_table(
        "authenticators",
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
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_authenticators_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticators")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_authenticators_credential_id")),
    )
    op.create_index(op.f("ix_authenticators_account_id"), "authenticators", ["account_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_recovery_codes_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "digest", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "factor_challenges",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=True),
        sa.Column("session_id", sa.String(length=26), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_factor_challenges_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_challenges")),
    )
    op.create_index(op.f("ix_factor_challenges_account_id"), "factor_challenges", ["account_id"])
    op.create_index(op.f("ix_factor_challenges_expires_at"), "factor_challenges", ["expires_at"])
    op.create_table(
        "half_sign_ins",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("device", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_code", sa.String(length=32), nullable=True),
        sa.Column("journey_id", sa.String(length=26), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_half_sign_ins_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_sign_ins")),
    )
    op.create_index(op.f("ix_half_sign_ins_account_id"), "half_sign_ins", ["account_id"])
    op.create_index(op.f("ix_half_sign_ins_expires_at"), "half_sign_ins", ["expires_at"])
    op.create_table(
        "known_devices",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("device", sa.LargeBinary(length=32), nullable=False),
        sa.Column("with_factor", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_known_devices_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "device", name=op.f("pk_known_devices")),
    )
    op.create_index(op.f("ix_known_devices_expires_at"), "known_devices", ["expires_at"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("known_devices")
    op.drop_table("half_sign_ins")
    op.drop_table("factor_challenges")
    op.drop_table("recovery_codes")
    op.drop_table("authenticators")
    op.drop_index("ix_accounts_factor_reset_due_at", table_name="accounts")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("client_code_pattern")
        accounts.drop_column("client_code_required")
        accounts.drop_column("factor_reset_due_at")
        accounts.drop_column("filing_blocked_at")
        accounts.drop_column("factor_skips")
        accounts.drop_column("has_factor")
