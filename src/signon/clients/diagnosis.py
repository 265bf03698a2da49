"""Why a client gets no further: its last refused requests, by the number that it was given."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select

from signon.clients.models import clients, refusal_counts, refusals
from signon.clients.refusal_reasons import MEANINGS, Reason
from signon.clients.refusal_records import NOBODY
from signon.clients.secrets import unknown_client
from signon.db import Unit
from signon.limits import counters
from signon.prepared import every, one


def diagnose(unit: Unit, client_id: str, *, limit: int) -> dict[str, Any]:
    """The last `limit` refused requests, the newest first, and how many of each kind there were.

    Also of an id that no client has, as long as somebody used it lately. Raises NotFoundError.
    """
    client = _client(unit, client_id)
    found = _last(unit, client_id, counters.key(client_id), limit)
    if client is None and not found:
        raise unknown_client(client_id)
    counted = _counts(unit, client_id)
    reasons = sorted({row.reason for row in counted} | {row.reason for row in found})
    return {
        "client_id": client_id,
        "registered": client is not None,
        "disabled_at": client.disabled_at if client else None,
        "counts": {row.reason: row.number for row in counted},
        "meanings": {reason: MEANINGS[Reason(reason)] for reason in reasons},
        "refused": [row._asdict() for row in found],
    }


class _Client(NamedTuple):
    disabled_at: datetime | None


class _Refused(NamedTuple):
    request_id: str
    at: datetime
    endpoint: str
    reason: str
    detail: str
    network: str


class _Count(NamedTuple):
    reason: str
    number: int


@one(_Client)
def _client(client_id: str) -> Select[datetime | None]:
    return select(clients.c.disabled_at).where(clients.c.id == client_id)


@every(_Refused)
def _last(client_id: str, named: bytes, limit: int) -> Select[str, datetime, str, str, str, str]:
    of_nobody = and_(refusals.c.client_id == NOBODY, refusals.c.named == named)
    return (
        select(
            refusals.c.request_id,
            refusals.c.at,
            refusals.c.endpoint,
            refusals.c.reason,
            refusals.c.detail,
            refusals.c.network,
        )
        .where(or_(refusals.c.client_id == client_id, of_nobody))
        .order_by(refusals.c.at.desc(), refusals.c.request_id)
        .limit(limit)
    )


@every(_Count)
def _counts(client_id: str) -> Select[str, int]:
    return (
        select(refusal_counts.c.reason, func.sum(refusal_counts.c["count"]).label("number"))
        .where(refusal_counts.c.client_id == client_id)
        .group_by(refusal_counts.c.reason)
        .order_by(refusal_counts.c.reason)
    )
