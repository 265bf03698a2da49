"""The cutover: links that are prepared before a court goes live, and its numbers by days."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ACTIVE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Add the tables, and to proofs what was typed, sealed, before a court is live."""
    op.create_table(
        "prepared_links",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_id", sa.String(length=26), nullable=False),
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("legacy_login_id", sa.String(length=26), nullable=False),
        sa.Column("login_version", sa.Integer(), nullable=False),
        sa.Column("prepared_at", MOMENT, nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=True),
        sa.Column("factor_since", MOMENT, nullable=True),
        sa.Column("login_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("told_day", MOMENT, nullable=True),
        sa.Column("password", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_prepared_links_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_prepared_links_court_id_courts")
        ),
        sa.ForeignKeyConstraint(
            ["legacy_login_id"],
            ["legacy_logins.id"],
            name=op.f("fk_prepared_links_legacy_login_id_legacy_logins"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_links")),
    )
    for name, columns in (
        ("uq_prepared_links_account_court", ["account_id", "court_id"]),
        ("uq_prepared_links_legacy_login", ["legacy_login_id"]),
    ):
        op.create_index(
            name,
            "prepared_links",
            columns,
            unique=True,
            postgresql_where=ACTIVE,
            sqlite_where=ACTIVE,
        )
    op.create_index(op.f("ix_prepared_links_court_id_id"), "prepared_links", ["court_id", "id"])
    op.create_index(
        op.f("ix_prepared_links_legacy_login_id"), "prepared_links", ["legacy_login_id"]
    )
    op.create_table(
        "cutover_points",
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_cutover_points_court_id_courts")
        ),
        sa.PrimaryKeyConstraint("court_id", "day", name=op.f("pk_cutover_points")),
    )
    op.create_table(
        "cutover_reached",
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_cutover_reached_court_id_courts")
        ),
        sa.PrimaryKeyConstraint("court_id", name=op.f("pk_cutover_reached")),
    )
    op.create_index(
        op.f("ix_legacy_logins_court_id_last_name_login_key"),
        "legacy_logins",
        ["court_id", "last_name", "login_key"],
    )
    op.add_column("link_proofs", sa.Column("password", sa.LargeBinary()))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("link_proofs", "password")
    op.drop_index(op.f("ix_legacy_logins_court_id_last_name_login_key"), "legacy_logins")
    op.drop_table("cutover_reached")
    op.drop_table("cutover_points")
    op.drop_table("prepared_links")
