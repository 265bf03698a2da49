"""Rehearsals of courts: whose they are, whom they invent, and the mails that never leave."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
works_with = "0022"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them."""
    # said like this, SQLite adds it without writing the table anew
    op.execute(
        "ALTER TABLE courts ADD COLUMN rehearsal_of VARCHAR(16) "
        "CONSTRAINT fk_courts_rehearsal_of_courts REFERENCES courts (id)"
    )
    op.create_table(
        "rehearsal_people",
        sa.Column("account_id", sa.String(26), nullable=False),
        sa.Column("court_id", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_rehearsal_people_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_rehearsal_people_court_id_courts")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_rehearsal_people")),
    )
    op.create_index(op.f("ix_rehearsal_people_court_id"), "rehearsal_people", ["court_id"])
    op.create_table(
        "held_mails",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("court_id", sa.String(16), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["court_id"], ["courts.id"], name=op.f("fk_held_mails_court_id_courts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_mails")),
    )
    op.create_index(op.f("ix_held_mails_court_id_id"), "held_mails", ["court_id", "id"])
    op.create_index(op.f("ix_held_mails_sent_at"), "held_mails", ["sent_at"])


def downgrade() -> None:
    """Without them; a rehearsal stays as a court like any other."""
    op.drop_table("held_mails")
    op.drop_table("rehearsal_people")
    with op.batch_alter_table("courts") as courts:
        courts.drop_column("rehearsal_of")
