"""Logins folded into a right; where notices go; addresses that mail does not reach; what programs met."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Tables for addresses and folded logins, and columns of rights."""
    op.add_column("filing_rights", sa.Column("notice_email", sa.String(254), nullable=True))
    op.add_column("filing_rights", sa.Column("other_logins", sa.JSON(), nullable=True))
    op.add_column("cso_sessions", sa.Column("met", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "folded_logins",
        sa.Column("legacy_login_id", sa.String(26), nullable=False),
        sa.Column("right_id", sa.String(26), nullable=False),
        sa.Column("folded_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["legacy_login_id"],
            ["legacy_logins.id"],
            name=op.f("fk_folded_logins_legacy_login_id_legacy_logins"),
        ),
        sa.ForeignKeyConstraint(
            ["right_id"],
            ["filing_rights.id"],
            name=op.f("fk_folded_logins_right_id_filing_rights"),
        ),
        sa.PrimaryKeyConstraint("legacy_login_id", name=op.f("pk_folded_logins")),
    )
    op.create_index(op.f("ix_folded_logins_right_id"), "folded_logins", ["right_id"])
    op.create_table(
        "unreachable_addresses",
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16)),
        sa.Column("works_since", MOMENT),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_unreachable_addresses")),
    )
    op.create_index(
        op.f("ix_unreachable_addresses_works_since"), "unreachable_addresses", ["works_since"]
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("unreachable_addresses")
    op.drop_table("folded_logins")
    op.drop_column("cso_sessions", "met")
    op.drop_column("filing_rights", "other_logins")
    op.drop_column("filing_rights", "notice_email")
