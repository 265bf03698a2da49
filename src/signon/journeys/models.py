"""The journeys' table."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Named, String, Table, Text, TypedColumns

from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned

KEPT = timedelta(days=7)
"""After its end, a journey still knows whom it leads back to."""


class _Journeys(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    kind: Named[str] = Column(String(32), nullable=False)
    client_id: Named[str | None] = Column(String(64))
    court_id: Named[str | None] = Column(String(16))
    request: Named[dict[str, Any]] = Column(Json, nullable=False)
    return_to: Named[str | None] = Column(Text)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


journeys = Table("journeys", metadata, _Journeys)
"""`request` is what was asked for (an authorization request's parameters, a linking page's);
`return_to` a verified address at the client, never one that came from a browser unchecked."""
pruned(journeys, journeys.c.expires_at <= AGO, keeps=KEPT)
