"""Pushed requests, DPoP proofs, what clients are held to in both, and clients that register themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
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
    op.create_table(
        "client_invitations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("court_id", sa.String(length=16), nullable=True),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("hosts", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_client_invitations_court_id_courts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_client_invitations_digest")),
    )
    op.create_index(op.f("ix_client_invitations_expires_at"), "client_invitations", ["expires_at"])
    op.create_table(
        "dynamic_registrations",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("invitation_id", sa.String(length=26), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("software_statement", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_dynamic_registrations_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["client_invitations.id"],
            name=op.f("fk_dynamic_registrations_invitation_id_client_invitations"),
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_dynamic_registrations")),
        sa.UniqueConstraint("digest", name=op.f("uq_dynamic_registrations_digest")),
    )


def downgrade() -> None:
    """Take it away again; tokens that are bound to a key are then taken without its proof."""
    op.drop_table("dynamic_registrations")
    op.drop_table("client_invitations")
    op.drop_table("dpop_proofs")
    op.drop_table("pushed_requests")
    op.drop_column("grants", "dpop_jkt")
    op.drop_column("authorization_codes", "dpop_jkt")
    for flag in FLAGS:
        op.drop_column("clients", flag)
    op.drop_column("clients", "dpop")
