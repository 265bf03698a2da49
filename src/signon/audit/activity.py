"""The events about one account, newest first, with where they came from while that is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from signon.audit.models import events, origins
from signon.db import Unit

NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class Happened:
    """One event; `address` and `user_agent` are empty once their retention is over."""

    seq: int
    at: datetime
    event: str
    actor: str
    client_id: str | None
    court_id: str | None
    reason: str | None
    detail: Mapping[str, Any]
    address: str
    user_agent: str


def of_account(
    unit: Unit, account_id: str, *, before: int = NEWEST, limit: int = 20
) -> list[Happened]:
    """At most `limit` events about the account with a `seq` below `before`."""
    values = {"account": account_id, "before": before, "limit": limit}
    rows = unit.execute(_OF_ACCOUNT, values).mappings()
    empty = {"address": "", "user_agent": ""}
    return [Happened(**(dict(row) | (empty if row["address"] is None else {}))) for row in rows]


_OF_ACCOUNT = (
    select(
        events.c.seq,
        events.c.at,
        events.c.event,
        events.c.actor,
        events.c.client_id,
        events.c.court_id,
        events.c.reason,
        events.c.detail,
        origins.c.address,
        origins.c.user_agent,
    )
    .select_from(events.outerjoin(origins, origins.c.event_id == events.c.id))
    .where(events.c.account_id == bindparam("account"), events.c.seq < bindparam("before"))
    .order_by(events.c.seq.desc())
    .limit(bindparam("limit"))
)
