"""Why a client gets no further: its last refused requests, by the number that it was given."""

from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from signon.clients.models import clients, refusal_counts, refusals
from signon.clients.refusal_reasons import MEANINGS, Reason
from signon.clients.refusal_records import NOBODY
from signon.clients.secrets import unknown_client
from signon.db import Unit
from signon.limits import counters


def diagnose(unit: Unit, client_id: str, *, limit: int) -> dict[str, Any]:
    """The last `limit` refused requests, the newest first, and how many of each kind there were.

    Also of an id that no client has, as long as somebody used it lately. Raises NotFoundError.
    """
    client = unit.execute(_CLIENT, {"client": client_id}).one_or_none()
    values = {"client": client_id, "named": counters.key(client_id), "limit": limit}
    found = [dict(row) for row in unit.execute(_LAST, values).mappings()]
    if client is None and not found:
        raise unknown_client(client_id)
    counted = unit.execute(_COUNTS, {"client": client_id}).all()
    reasons = sorted({row.reason for row in counted} | {row["reason"] for row in found})
    return {
        "client_id": client_id,
        "registered": client is not None,
        "disabled_at": client.disabled_at if client else None,
        "counts": {row.reason: row.number for row in counted},
        "meanings": {reason: MEANINGS[Reason(reason)] for reason in reasons},
        "refused": found,
    }


_CLIENT = select(clients.c.disabled_at).where(clients.c.id == bindparam("client"))
_LAST = (
    select(
        refusals.c.request_id,
        refusals.c.at,
        refusals.c.endpoint,
        refusals.c.reason,
        refusals.c.detail,
        refusals.c.network,
    )
    .where(
        or_(
            refusals.c.client_id == bindparam("client"),
            and_(refusals.c.client_id == NOBODY, refusals.c.named == bindparam("named")),
        )
    )
    .order_by(refusals.c.at.desc(), refusals.c.request_id)
    .limit(bindparam("limit"))
)
_COUNTS = (
    select(refusal_counts.c.reason, func.sum(refusal_counts.c["count"]).label("number"))
    .where(refusal_counts.c.client_id == bindparam("client"))
    .group_by(refusal_counts.c.reason)
    .order_by(refusal_counts.c.reason)
)
