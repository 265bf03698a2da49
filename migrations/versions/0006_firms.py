"""Firms: administrators, members and invitations, cost centres."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ID = sa.String(length=26)
LIST_NAME = sa.String(length=202).with_variant(sa.String(length=202, collation="C"), "postgresql")
IN_A_FIRM = sa.text("firm_number IS NOT NULL")
PENDING = sa.text("status = 'pending'")
OF_FIRM = {
    "ix_accounts_firm_by_number": (),
    "ix_accounts_firm_by_name": ("list_name",),
    "ix_accounts_firm_by_joining": ("firm_joined_at",),
}


def upgrade() -> None:
    """Add what the new columns and tables need; nothing that exists changes its meaning."""
    op.add_column("accounts", sa.Column("list_name", LIST_NAME, nullable=False, server_default=""))
    op.add_column("accounts", sa.Column("firm_number", sa.String(length=7), nullable=True))
    op.add_column("accounts", sa.Column("firm_joined_at", MOMENT, nullable=True))
    op.add_column("accounts", sa.Column("cost_center_id", ID, nullable=True))
    op.execute(
        "UPDATE accounts SET list_name = lower(coalesce(last_name || ', ' || first_name, "
        "last_name, first_name, firm_name, ''))"
    )
    for name, order in OF_FIRM.items():
        op.create_index(
            name,
            "accounts",
            ["firm_number", *order, "number", "search_status", "cost_center_id"],
            postgresql_where=IN_A_FIRM,
            sqlite_where=IN_A_FIRM,
        )
    op.create_table(
        "firms",
        sa.Column("firm_id", ID, nullable=False),
        sa.Column("own_sign_in", sa.Boolean(), nullable=False, server_default=sa.true()),
        _to_firm("firms"),
        sa.PrimaryKeyConstraint("firm_id", name=op.f("pk_firms")),
    )
    op.create_table(
        "firm_administrators",
        sa.Column("firm_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        _to_firm("firm_administrators"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_firm_administrators_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("firm_id", "account_id", name=op.f("pk_firm_administrators")),
    )
    op.create_index(
        op.f("ix_firm_administrators_account_id"), "firm_administrators", ["account_id"]
    )
    _invitations()
    op.create_table(
        "firm_bulks",
        sa.Column("id", ID, nullable=False),
        sa.Column("firm_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _to_firm("firm_bulks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_bulks")),
    )
    op.create_index(op.f("ix_firm_bulks_firm_id"), "firm_bulks", ["firm_id"])
    op.create_table(
        "firm_cost_centers",
        sa.Column("id", ID, nullable=False),
        sa.Column("firm_id", ID, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        _to_firm("firm_cost_centers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_cost_centers")),
        sa.UniqueConstraint("firm_id", "code", name=op.f("uq_firm_cost_centers_firm_id_code")),
    )
    op.create_table(
        "firm_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("firm_id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("acted_as", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=254), nullable=True),
        sa.Column("remark", sa.String(length=300), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        _to_firm("firm_changes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_changes")),
    )
    op.create_index("ix_firm_changes_of_firm", "firm_changes", ["firm_id", "at", "id"])
    op.create_table(
        "firm_days",
        sa.Column("firm_id", ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default="0")
            for name in ("joined", "parted", "invited")
        ),
        _to_firm("firm_days"),
        sa.PrimaryKeyConstraint("firm_id", "day", name=op.f("pk_firm_days")),
    )


def _invitations() -> None:
    op.create_table(
        "firm_invitations",
        sa.Column("id", ID, nullable=False),
        sa.Column("firm_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(length=254), nullable=False),
        sa.Column("account_number", sa.String(length=7), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=True),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("remark", sa.String(length=300), nullable=False),
        sa.Column("cost_center_id", ID, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("declined_quietly", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("bulk_id", ID, nullable=True),
        sa.Column("invited_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        _to_firm("firm_invitations"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_firm_invitations_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_firm_invitations_digest")),
    )
    for column in ("account_id", "expires_at"):
        op.create_index(op.f(f"ix_firm_invitations_{column}"), "firm_invitations", [column])
    op.create_index(
        "uq_firm_invitations_pending",
        "firm_invitations",
        ["firm_id", "kind", "target"],
        unique=True,
        postgresql_where=PENDING,
        sqlite_where=PENDING,
    )
    op.create_index(
        "ix_firm_invitations_of_firm",
        "firm_invitations",
        ["firm_id", "created_at", "id", "status", "expires_at"],
    )
    op.create_index(
        "ix_firm_invitations_bulk_id_handled_at", "firm_invitations", ["bulk_id", "handled_at"]
    )


def _to_firm(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["firm_id"], ["accounts.id"], name=op.f(f"fk_{table}_firm_id_accounts")
    )


def downgrade() -> None:
    """Take it away again."""
    for table in ("days", "changes", "cost_centers", "bulks", "invitations", "administrators"):
        op.drop_table(f"firm_{table}")
    op.drop_table("firms")
    for name in OF_FIRM:
        op.drop_index(name, "accounts")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("cost_center_id")
        accounts.drop_column("firm_joined_at")
        accounts.drop_column("firm_number")
        accounts.drop_column("list_name")
