"""The PACER Authentication API: programs' sessions, who allows them, and which clients renew them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add a table, and a column to accounts and to clients; both begin as what was before."""
    op.create_table(
        "cso_sessions",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=True),
        sa.Column("previous_until", MOMENT, nullable=True),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("acr", sa.String(length=100), nullable=False),
        sa.Column("amr", sa.JSON(), nullable=False),
        sa.Column("client_code", sa.String(length=32), nullable=True),
        sa.Column("searches", sa.Boolean(), nullable=False),
        sa.Column("files", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_cso_sessions_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cso_sessions")),
        sa.UniqueConstraint("digest", name=op.f("uq_cso_sessions_digest")),
        sa.UniqueConstraint("previous", name=op.f("uq_cso_sessions_previous")),
    )
    op.create_index(op.f("ix_cso_sessions_account_id"), "cso_sessions", ["account_id"])
    op.create_index(op.f("ix_cso_sessions_expires_at"), "cso_sessions", ["expires_at"])
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(
            sa.Column("programs_allowed", sa.Boolean(), server_default=sa.true(), nullable=False)
        )
    with op.batch_alter_table("clients") as clients:
        clients.add_column(
            sa.Column("cso_tokens", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    """Take them away again; programs sign in anew when they are back."""
    with op.batch_alter_table("clients") as clients:
        clients.drop_column("cso_tokens")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("programs_allowed")
    op.drop_table("cso_sessions")
