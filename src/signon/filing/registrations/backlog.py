"""What waits for a decision at the courts, for those who run the service."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select

from signon.filing.models import efile_registrations
from signon.filing.registrations.registrations import State
from signon.prepared import every


class Backlog(NamedTuple):
    """A court's registrations that wait for it, and since when the oldest does."""

    court_id: str
    number: int
    since: datetime | None


@every(Backlog)
def of_courts() -> Select[str, int, datetime | None]:
    """Every court at which something waits, the one that lets people wait longest first."""
    since = func.min(efile_registrations.c.submitted_at).label("since")
    return (
        select(efile_registrations.c.court_id, func.count().label("number"), since)
        .where(efile_registrations.c.state == State.PENDING.value)
        .group_by(efile_registrations.c.court_id)
        .order_by(since)
    )
