"""Tables of the audit trail."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    Named,
    SmallInteger,
    String,
    Table,
    Text,
    TypedColumns,
    text,
)

from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned

AT_DESKS = text("substr(event, 1, 7) IN ('filing:', 'courts:')")
"""What courts' staff are shown; sign-ins at a court are a thousand times as many."""

REFUSED = text("event IN ('signin:password:refused', 'signin:factor:refused')")
"""Sign-ins that failed: what a court's help desk looks for."""

ON_OTHERS = text("(account_id IS NULL OR account_id <> actor)")
"""What somebody did that is not about themselves."""
OF_CLIENTS = text("client_id IS NOT NULL")


class _Events(TypedColumns):
    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    id: Named[str] = Column(Id, nullable=False, unique=True)
    at: Named[datetime] = Column(Moment, nullable=False)
    event: Named[str] = Column(String(64), nullable=False)
    actor: Named[str] = Column(String(64), nullable=False)
    account_id: Named[str | None] = Column(Id)
    client_id: Named[str | None] = Column(String(64))
    court_id: Named[str | None] = Column(String(16))
    reason: Named[str | None] = Column(Text)
    detail: Named[dict[str, Any]] = Column(Json, nullable=False)
    hash: Named[bytes] = Column(LargeBinary, nullable=False)


events = Table(
    "audit_events",
    metadata,
    _Events,
    Index(None, "account_id", "seq"),
    Index(None, "court_id", "seq"),
    Index(None, "event", "seq"),
    Index(
        "ix_audit_events_client_id_seq",
        *("client_id", "seq"),
        postgresql_where=OF_CLIENTS,
        sqlite_where=OF_CLIENTS,
    ),
    Index(
        "ix_audit_events_actor_seq",
        *("actor", "seq"),
        postgresql_where=ON_OTHERS,
        sqlite_where=ON_OTHERS,
    ),
    Index(
        "ix_audit_events_at_desks",
        "court_id",
        "seq",
        postgresql_where=AT_DESKS,
        sqlite_where=AT_DESKS,
    ),
    Index(
        "ix_audit_events_refused",
        "court_id",
        "seq",
        postgresql_where=REFUSED,
        sqlite_where=REFUSED,
    ),
)
"""Append-only. `seq` rises, with gaps. `hash` is what the chain gave to records from before the tree:
SHA-256 over the previous hash, `seq` and the record's digest; empty since."""


class _Unsealed(TypedColumns):
    seq: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)


unsealed = Table("audit_unsealed", metadata, _Unsealed)
"""Events that are in no checkpoint yet: a row comes with its event and goes with its leaf."""


class _Leaves(TypedColumns):
    place: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    seq: Named[int] = Column(BigInteger, nullable=False, unique=True)
    hash: Named[bytes] = Column(LargeBinary(32), nullable=False)


leaves = Table("audit_leaves", metadata, _Leaves)
"""The tree's leaves, without a gap from 0 on: which event, and its hash. Append-only."""


class _Nodes(TypedColumns):
    height: Named[int] = Column(SmallInteger, primary_key=True, autoincrement=False)
    place: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    hash: Named[bytes] = Column(LargeBinary(32), nullable=False)


nodes = Table("audit_nodes", metadata, _Nodes)
"""The roots of whole subtrees of 256, 65,536, … leaves, for proofs that read little."""


class _Tree(TypedColumns):
    id: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    size: Named[int] = Column(BigInteger, nullable=False)
    edge: Named[bytes] = Column(LargeBinary, nullable=False)
    note: Named[str] = Column(Text, nullable=False)
    sealed_at: Named[datetime | None] = Column(Moment)
    verified: Named[str] = Column(Text, nullable=False)
    verified_mac: Named[bytes] = Column(LargeBinary(32), nullable=False)


tree = Table("audit_tree", metadata, _Tree)
"""One row: the sealed tree's right edge and its signed checkpoint, empty before the first. Whoever
seals has it locked. `verified` is the checkpoint that `audit verify` came to, under the ring's MAC."""


class _ChainEnd(TypedColumns):
    id: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    seq: Named[int] = Column(BigInteger, nullable=False)
    hash: Named[bytes] = Column(LargeBinary(32), nullable=False)


chain_end = Table("audit_chain_end", metadata, _ChainEnd)
"""One row, which nobody writes: the last record of the hash chain that there was before the tree."""


class _Origins(TypedColumns):
    event_id: Named[str] = Column(Id, primary_key=True)
    at: Named[datetime] = Column(Moment, nullable=False, index=True)
    address: Named[str] = Column(String(64), nullable=False)
    user_agent: Named[str] = Column(Text, nullable=False)
    request_id: Named[str] = Column(String(64), nullable=False)


origins = Table("audit_origins", metadata, _Origins)
"""Where an event came from. Personal data, so beside the chain, with its own retention."""
pruned(
    origins,
    origins.c.at <= AGO,
    keeps=lambda settings: timedelta(days=settings.audit_origin_days),
)
