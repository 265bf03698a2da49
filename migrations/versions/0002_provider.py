"""The complete provider: client assertions, consent, requested claims, back-channel logout."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what the new columns and tables need; nothing that exists changes its meaning."""
    op.add_column("clients", sa.Column("jwks", sa.JSON(), nullable=True))
    op.add_column("clients", sa.Column("jwks_uri", sa.Text(), nullable=True))
    op.add_column("clients", sa.Column("backchannel_logout_uri", sa.Text(), nullable=True))
    op.add_column("clients", sa.Column("enabled_at", MOMENT, nullable=True))
    op.add_column("outbox", sa.Column("lane", sa.String(length=64), nullable=True))
    op.add_column("authorization_codes", sa.Column("claims", sa.JSON(), nullable=True))
    op.add_column("grants", sa.Column("claims", sa.JSON(), nullable=True))
    op.create_table(
        "client_assertions",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_client_assertions")),
    )
    op.create_index(op.f("ix_client_assertions_expires_at"), "client_assertions", ["expires_at"])
    op.create_table(
        "consents",
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_consents_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_consents_client_id_clients")
        ),
        sa.PrimaryKeyConstraint("account_id", "client_id", name=op.f("pk_consents")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("consents")
    op.drop_index(op.f("ix_client_assertions_expires_at"), table_name="client_assertions")
    op.drop_table("client_assertions")
    with op.batch_alter_table("grants") as grants:
        grants.drop_column("claims")
    with op.batch_alter_table("authorization_codes") as codes:
        codes.drop_column("claims")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("lane")
    with op.batch_alter_table("clients") as clients:
        clients.drop_column("enabled_at")
        clients.drop_column("backchannel_logout_uri")
        clients.drop_column("jwks_uri")
        clients.drop_column("jwks")
