"""Filing agents: pairs of a principal and an agent, their history, and for whom agents act."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "agent_pairs",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("court_id", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("principal_id", sa.String(26)),
        sa.Column("agent_id", sa.String(26)),
        sa.Column("agent_number", sa.String(7)),
        sa.Column("agent_last_name", sa.String(100)),
        sa.Column("principal_login_id", sa.String(26)),
        sa.Column("agent_login_id", sa.String(26)),
        sa.Column("permissions", sa.JSON()),
        sa.Column("cases", sa.JSON()),
        sa.Column("ends_on", sa.Date()),
        sa.Column("may_pay", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT),
        sa.Column("active_from", MOMENT),
        sa.Column("first_acted_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.String(16)),
        sa.Column("reason", sa.String(400)),
        sa.Column("declined_quietly", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("imported_by", sa.String(64)),
        sa.Column("import_asked_by", sa.String(26)),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_agent_pairs_{column}_{table}")
            )
            for column, table in (
                ("court_id", "courts"),
                ("principal_id", "accounts"),
                ("agent_id", "accounts"),
                ("principal_login_id", "legacy_logins"),
                ("agent_login_id", "legacy_logins"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_pairs")),
    )
    _open_index("uq_agent_pairs_named", ["principal_id", "court_id", "agent_number"], unique=True)
    _open_index(
        "uq_agent_pairs_logins",
        ["court_id", "principal_login_id", "agent_login_id"],
        unique=True,
    )
    _open_index("ix_agent_pairs_agent", ["agent_id", "court_id"])
    for columns in (("agent_id", "created_at"), ("court_id", "created_at", "id"), ("state", "id")):
        name = op.f(f"ix_agent_pairs_{'_'.join(columns)}")
        op.create_index(name, "agent_pairs", list(columns))
    op.create_table(
        "agent_pair_history",
        sa.Column("event_id", sa.String(26), nullable=False),
        sa.Column("pair_id", sa.String(26), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["agent_pairs.id"], name=op.f("fk_agent_pair_history_pair_id_agent_pairs")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_agent_pair_history")),
    )
    op.create_index(op.f("ix_agent_pair_history_pair_id"), "agent_pair_history", ["pair_id"])
    op.create_table(
        "acting_choices",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("session_id", sa.String(26), nullable=False),
        sa.Column("court_id", sa.String(16), nullable=False),
        sa.Column("pair_id", sa.String(26), nullable=False),
        sa.Column("chosen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["agent_pairs.id"], name=op.f("fk_acting_choices_pair_id_agent_pairs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acting_choices")),
    )
    op.create_index(
        "uq_acting_choices_session_court",
        "acting_choices",
        ["session_id", "court_id"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(op.f("ix_acting_choices_chosen_at"), "acting_choices", ["chosen_at"])
    op.create_index(
        op.f("ix_acting_choices_pair_id_chosen_at"), "acting_choices", ["pair_id", "chosen_at"]
    )


def _open_index(name: str, columns: list[str], *, unique: bool = False) -> None:
    op.create_index(
        name, "agent_pairs", columns, unique=unique, postgresql_where=OPEN, sqlite_where=OPEN
    )


def downgrade() -> None:
    """Take them away; nobody acts for anybody then."""
    for table in ("acting_choices", "agent_pair_history", "agent_pairs"):
        op.drop_table(table)
