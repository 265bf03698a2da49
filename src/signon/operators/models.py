"""The table of how the service stood."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Integer, Named, Table, TypedColumns

from signon.db import Moment, metadata
from signon.pruning import AGO, pruned

KEPT = timedelta(hours=25)
"""The picture's day, and what the newest hour takes from its oldest."""


class _Standings(TypedColumns):
    at: Named[datetime] = Column(Moment, primary_key=True)
    sessions: Named[int] = Column(Integer, nullable=False)
    outbox_waiting: Named[int] = Column(Integer, nullable=False)
    outbox_oldest_seconds: Named[int] = Column(Integer, nullable=False)
    sealing_lag_seconds: Named[int] = Column(Integer, nullable=False)
    processes: Named[int] = Column(Integer, nullable=False)


standings = Table("standings", metadata, _Standings)
"""A row every five minutes: what the database knows of itself, for operators and `/metrics`."""
pruned(standings, standings.c.at <= AGO, keeps=KEPT)
