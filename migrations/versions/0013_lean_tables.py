"""Lean tables: codes unlogged on PostgreSQL, and no foreign keys of codes, grants and their tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEYS = (
    ("authorization_codes", "session_id", "sessions", "CASCADE"),
    ("authorization_codes", "account_id", "accounts", None),
    ("authorization_codes", "client_id", "clients", None),
    ("refresh_tokens", "grant_id", "grants", "CASCADE"),
    ("grants", "account_id", "accounts", None),
    ("grants", "client_id", "clients", None),
)
"""Table and column that pointed at a table's `id`, and what happened when that went."""


def upgrade() -> None:
    """Take the keys away; what an older program does with these tables it still can do."""
    op.drop_index(op.f("ix_authorization_codes_session_id"), table_name="authorization_codes")
    for table in ("authorization_codes", "refresh_tokens", "grants"):
        with op.batch_alter_table(table) as lean:
            for of, column, target, _ in KEYS:
                if of == table:
                    lean.drop_constraint(op.f(f"fk_{of}_{column}_{target}"), type_="foreignkey")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("ALTER TABLE authorization_codes SET UNLOGGED"))


def downgrade() -> None:
    """Put them back, without the rows that would not have outlived what they pointed at."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("ALTER TABLE authorization_codes SET LOGGED"))
    for table in ("grants", "refresh_tokens", "authorization_codes"):
        for of, column, target, ondelete in KEYS:
            if of == table and ondelete:
                _forget_orphans(of, column, target)
        with op.batch_alter_table(table) as whole:
            for of, column, target, ondelete in KEYS:
                if of == table:
                    name = op.f(f"fk_{of}_{column}_{target}")
                    whole.create_foreign_key(name, target, [column], ["id"], ondelete=ondelete)
    op.create_index(
        op.f("ix_authorization_codes_session_id"), "authorization_codes", ["session_id"]
    )


def _forget_orphans(name: str, column: str, target: str) -> None:
    table, parent = sa.table(name, sa.column(column)), sa.table(target, sa.column("id"))
    exists = sa.select(parent.c.id).where(parent.c.id == table.c[column]).exists()
    op.execute(sa.delete(table).where(~exists))
