"""Pushed requests, DPoP proofs, and what clients are held to in both."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
FLAGS = ("require_par", "require_signed_request", "signed_userinfo")


def upgrade() -> None:
    """What a client was registered with goes on: any of them may send proofs and push requests."""
    op.add_column(
        "clients",
        sa.Column("dpop", sa.String(length=16), nullable=False, server_default="optional"),
    )
    for flag in FLAGS:
        op.add_column(
            "clients", sa.Column(flag, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.add_column("authorization_codes", sa.Column("dpop_jkt", sa.String(length=43), nullable=True))
    op.add_column("grants", sa.Column("dpop_jkt", sa.String(length=43), nullable=True))
    unlogged = ["UNLOGGED"] if op.get_bind().dialect.name == "postgresql" else []
    op.create_table(
        "pushed_requests",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pushed_requests")),
        prefixes=unlogged,
    )
    op.create_index(op.f("ix_pushed_requests_expires_at"), "pushed_requests", ["expires_at"])
    op.create_table(
        "dpop_proofs",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_dpop_proofs")),
        prefixes=unlogged,
    )
    op.create_index(op.f("ix_dpop_proofs_expires_at"), "dpop_proofs", ["expires_at"])


def downgrade() -> None:
    """Take it away again; tokens that are bound to a key are then taken without its proof."""
    op.drop_table("dpop_proofs")
    op.drop_table("pushed_requests")
    op.drop_column("grants", "dpop_jkt")
    op.drop_column("authorization_codes", "dpop_jkt")
    for flag in FLAGS:
        op.drop_column("clients", flag)
    op.drop_column("clients", "dpop")
