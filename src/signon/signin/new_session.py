"""A session that is to begin: what is written of it, before it is.

`session.begin` begins it, and `at_once` within a statement that does more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from signon import ids, opaque_tokens
from signon.config import Settings
from signon.db import Unit
from signon.web.visitor import Source


class Authenticated(NamedTuple):
    """What is written of an authentication; `digest` is the cookie's."""

    digest: bytes
    auth_time: datetime
    seen_at: datetime
    expires_at: datetime
    acr: str
    amr: Sequence[str]
    factor_since: datetime | None
    client_code: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class NewSession:
    """`token` is the cookie's value, `id` that of a session which goes on from no other."""

    token: str
    id: str
    proved: Authenticated


def draw(
    unit: Unit,
    settings: Settings,
    source: Source,
    *,
    acr: str,
    amr: Sequence[str],
    factor_since: datetime | None = None,
    client_code: str | None = None,
) -> NewSession:
    """One of an authentication now; `factor_since` is when the factor was added that proved it."""
    token = opaque_tokens.new_token()
    proved = Authenticated(
        opaque_tokens.digest(token),
        unit.now,
        unit.now,
        unit.now + timedelta(seconds=settings.session_absolute_seconds),
        acr,
        amr,
        factor_since,
        client_code,
        source.user_agent,
    )
    return NewSession(token, ids.new_id(), proved)
