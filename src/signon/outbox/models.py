"""The outbox's table."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    text,
)

from signon.clock_steps import AHEAD, NOW, made_good
from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned


class _Outbox(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    kind: Named[str] = Column(String(64), nullable=False)
    lane: Named[str | None] = Column(String(64))
    payload: Named[dict[str, Any]] = Column(Json, nullable=False)
    sealed: Named[bytes | None] = Column(LargeBinary)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    due_at: Named[datetime] = Column(Moment, nullable=False)
    attempts: Named[int] = Column(Integer, nullable=False)
    done_at: Named[datetime | None] = Column(Moment)
    failed_at: Named[datetime | None] = Column(Moment)
    last_error: Named[str | None] = Column(Text)


outbox = Table(
    "outbox",
    metadata,
    _Outbox,
    Index(
        "ix_outbox_due",
        "due_at",
        postgresql_where=text("done_at IS NULL AND failed_at IS NULL"),
        sqlite_where=text("done_at IS NULL AND failed_at IS NULL"),
    ),
)
"""An event is due at `due_at`; leasing it moves `due_at` past the lease's end. `lane` says where
it goes when that is less than all of its kind: a client, for instance. What it says is `sealed`;
`payload` is what a release before that has queued."""
_is_open = outbox.c.done_at.is_(None) & outbox.c.failed_at.is_(None)
made_good(outbox, _is_open & (outbox.c.due_at > AHEAD), due_at=NOW)
pruned(outbox, outbox.c.done_at <= AGO, keeps=timedelta(days=7))
# so long an operator can see that something could not be delivered
pruned(outbox, outbox.c.failed_at <= AGO, keeps=timedelta(days=30))


def seal_context(event_id: str) -> str:
    """What an event's payload is sealed for."""
    return f"outbox:{event_id}"
