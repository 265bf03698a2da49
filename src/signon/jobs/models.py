"""The tables of jobs, of processes that run, and of what the schema works with."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Named, String, Table, Text, TypedColumns

from signon.clock_steps import AHEAD, NOW, made_good
from signon.db import Id, Moment, metadata
from signon.pruning import AGO, pruned


class _Jobs(TypedColumns):
    name: Named[str] = Column(String(64), primary_key=True)
    due_at: Named[datetime] = Column(Moment, nullable=False)
    ran_at: Named[datetime | None] = Column(Moment)
    last_error: Named[str | None] = Column(Text)


jobs = Table("jobs", metadata, _Jobs)
"""One row a job; moving `due_at` forward under a guard is the lease."""


class _Heartbeats(TypedColumns):
    process: Named[str] = Column(Id, primary_key=True)
    revision: Named[str] = Column(String(32), nullable=False)
    seen_at: Named[datetime] = Column(Moment, nullable=False)


heartbeats = Table("heartbeats", metadata, _Heartbeats)
"""One row a serving process: the newest revision that its program knows, and when it last said so."""
pruned(heartbeats, heartbeats.c.seen_at <= AGO, keeps=timedelta(hours=1))
made_good(heartbeats, heartbeats.c.seen_at > AHEAD, seen_at=NOW)


class _SchemaState(TypedColumns):
    id: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    works_with: Named[str] = Column(String(32), nullable=False)
    finished: Named[str] = Column(String(32), nullable=False)


schema_state = Table("schema_state", metadata, _SchemaState)
"""One row, which `signon.schema` reads and writes: the oldest program, by its newest revision, that
works with the database, and the last migration whose contracting part was run."""
