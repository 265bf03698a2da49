"""The table of counts that are kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Named, String, Table, TypedColumns

from signon.db import Json, Moment, metadata


class _CourtCounts(TypedColumns):
    court_id: Named[str] = Column(String(16), primary_key=True)
    kind: Named[str] = Column(String(16), primary_key=True)
    counts: Named[dict[str, Any]] = Column(Json, nullable=False)
    counted_at: Named[datetime] = Column(Moment, nullable=False)


court_counts = Table("court_counts", metadata, _CourtCounts)
"""What was counted last of a court where counting takes long (`kept_counts`)."""
