"""The counters' table."""

from datetime import datetime

from sqlalchemy import Column, Integer, LargeBinary, Named, String, Table, TypedColumns, and_, or_

from signon.clock_steps import AHEAD, FAR, NOW, made_good
from signon.db import Moment, metadata
from signon.pruning import AGO, pruned


class _Counters(TypedColumns):
    bucket: Named[str] = Column(String(32), primary_key=True)
    key: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    hits: Named[int] = Column(Integer, nullable=False)
    blocked_until: Named[datetime | None] = Column(Moment)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


counters = Table("limit_counters", metadata, _Counters)
"""`key` is a SHA-256 or MAC of what is counted, so that no name or address stands here."""
pruned(
    counters,
    and_(
        counters.c.expires_at <= AGO,
        or_(counters.c.blocked_until.is_(None), counters.c.blocked_until <= AGO),
    ),
)
made_good(counters, counters.c.blocked_until > AHEAD, blocked_until=None)
# a count that is kept for years goes on
made_good(counters, counters.c.expires_at.between(AHEAD, FAR), expires_at=NOW)
