"""The sealed record: events go in unchained, and a tree takes the place of the chain's head.

Also what a rolling upgrade needs: which programs the database works with, and which are running.
"""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
EVENTS = sa.table(
    "audit_events",
    sa.column("seq", sa.BigInteger),
    sa.column("id", sa.String),
    sa.column("at", MOMENT),
    sa.column("event", sa.String),
    sa.column("actor", sa.String),
    sa.column("account_id", sa.String),
    sa.column("client_id", sa.String),
    sa.column("court_id", sa.String),
    sa.column("reason", sa.Text),
    sa.column("detail", sa.JSON),
    sa.column("hash", sa.LargeBinary),
)


def upgrade() -> None:
    """Keep the chain's end, queue every record for the tree, and number what comes by a sequence.

    An older program that still runs finds no head, and writes nothing beside the new one.
    """
    _create_tables()
    _create_tables_of_operation()
    op.execute("INSERT INTO audit_chain_end SELECT id, seq, hash FROM audit_head")
    op.execute("INSERT INTO audit_unsealed SELECT seq FROM audit_events")
    op.execute(_one_row("audit_tree", id=1, size=0, edge=b"", note="", verified="", mac=b""))
    op.execute("INSERT INTO readiness VALUES (1, 0)")
    op.execute("INSERT INTO schema_state VALUES (1, '0023', '0023')")
    op.drop_table("audit_head")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE audit_events_seq OWNED BY audit_events.seq")
        op.execute(
            "SELECT setval('audit_events_seq', max(seq)) FROM audit_events HAVING max(seq) > 0"
        )
        # what comes and goes by the second must not leave a tail of dead rows to walk over
        op.execute(
            "ALTER TABLE audit_unsealed SET (autovacuum_vacuum_scale_factor = 0, "
            "autovacuum_vacuum_threshold = 5000)"
        )


def downgrade() -> None:
    """Chain every record anew in the order of its number; the checkpoints are gone."""
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    seq, hashed = _chain()
    head = sa.table("audit_head", sa.column("id"), sa.column("seq"), sa.column("hash"))
    op.execute(sa.insert(head).values(id=1, seq=seq, hash=sa.literal(hashed, sa.LargeBinary())))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE audit_events_seq")
    for table in ("audit_chain_end", "audit_tree", "audit_nodes", "audit_leaves", "audit_unsealed"):
        op.drop_table(table)
    for table in ("heartbeats", "schema_state", "readiness"):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "audit_unsealed",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_unsealed")),
    )
    op.create_table(
        "audit_leaves",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_audit_leaves")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_leaves_seq")),
    )
    op.create_table(
        "audit_nodes",
        sa.Column("height", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("height", "place", name=op.f("pk_audit_nodes")),
    )
    op.create_table(
        "audit_tree",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("edge", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=True),
        sa.Column("verified", sa.Text(), nullable=False),
        sa.Column("verified_mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_tree")),
    )
    op.create_table(
        "audit_chain_end",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain_end")),
    )


def _create_tables_of_operation() -> None:
    op.create_table(
        "schema_state",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("works_with", sa.String(length=32), nullable=False),
        sa.Column("finished", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_state")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.String(length=26), nullable=False),
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "readiness",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("written", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness")),
    )


def _one_row(name: str, mac: bytes, edge: bytes, **values: object) -> sa.Insert:
    binary = {"edge": edge, "verified_mac": mac}
    table = sa.table(name, *(sa.column(each) for each in (*values, *binary)))
    return sa.insert(table).values(
        **values, **{each: sa.literal(value, sa.LargeBinary()) for each, value in binary.items()}
    )


def _chain() -> tuple[int, bytes]:
    """Number the records without gaps, and hash each with the one before."""
    bound, number, hashed = op.get_bind(), 0, bytes(32)
    for old in bound.execute(sa.select(EVENTS.c.seq).order_by(EVENTS.c.seq)).scalars().all():
        row = bound.execute(sa.select(EVENTS).where(EVENTS.c.seq == old)).one()
        number += 1
        at = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        text = json.dumps(
            [row.id, moment, *row[3:10]], sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        digest = hashlib.sha256(text.encode()).digest()
        hashed = hashlib.sha256(hashed + number.to_bytes(8, "big") + digest).digest()
        bound.execute(sa.update(EVENTS).where(EVENTS.c.seq == old).values(seq=number, hash=hashed))
    return number, hashed
