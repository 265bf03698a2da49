"""Reminders in waves: what a court plans, who got what, and who wants none."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
works_with = "0022"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; older programs send no reminders."""
    planned, to_do = sa.text("begun_at IS NULL"), sa.text("settled_at IS NULL")
    op.create_table(
        "cutover_waves",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("states", sa.JSON(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("begun_on", sa.Date(), nullable=True),
        sa.Column("chosen", sa.JSON(), nullable=True),
        sa.Column("told_day", MOMENT, nullable=True),
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_cutover_waves_court_id_courts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cutover_waves")),
        sa.UniqueConstraint(
            "court_id", "begun_on", name=op.f("uq_cutover_waves_court_id_begun_on")
        ),
    )
    op.create_index(
        "uq_cutover_waves_planned",
        "cutover_waves",
        ["court_id", "days_before"],
        unique=True,
        postgresql_where=planned,
        sqlite_where=planned,
    )
    op.create_table(
        "cutover_wave_mails",
        sa.Column("wave_id", sa.String(length=26), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("mail_id", sa.String(length=26), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("told_day", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["wave_id"],
            ["cutover_waves.id"],
            name=op.f("fk_cutover_wave_mails_wave_id_cutover_waves"),
        ),
        sa.PrimaryKeyConstraint("wave_id", "address", name=op.f("pk_cutover_wave_mails")),
        sa.UniqueConstraint("digest", name=op.f("uq_cutover_wave_mails_digest")),
    )
    op.create_index(
        "ix_cutover_wave_mails_to_do",
        "cutover_wave_mails",
        ["wave_id", "address"],
        postgresql_where=to_do,
        sqlite_where=to_do,
    )
    op.create_table(
        "cutover_unsubscribed",
        sa.Column("court_id", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_cutover_unsubscribed_court_id_courts")
        ),
        sa.PrimaryKeyConstraint("court_id", "address", name=op.f("pk_cutover_unsubscribed")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("cutover_unsubscribed")
    op.drop_table("cutover_wave_mails")
    op.drop_table("cutover_waves")
