"""The jobs' table."""

from datetime import datetime

from sqlalchemy import Column, Named, String, Table, Text, TypedColumns

from signon.db import Moment, metadata


class _Jobs(TypedColumns):
    name: Named[str] = Column(String(64), primary_key=True)
    due_at: Named[datetime] = Column(Moment, nullable=False)
    ran_at: Named[datetime | None] = Column(Moment)
    last_error: Named[str | None] = Column(Text)


jobs = Table("jobs", metadata, _Jobs)
"""One row a job; moving `due_at` forward under a guard is the lease."""
