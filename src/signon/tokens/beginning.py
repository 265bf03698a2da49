"""A grant that begins by what is spent for it: parts of a higher feature's one statement.

`spent` is what that statement spends, a guarded UPDATE with RETURNING, as a CTE: where somebody
else was faster it is empty, and nothing is written.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import CTE, Insert, insert, select

from signon.prepared import given
from signon.tokens.grants import NewGrant
from signon.tokens.models import grants, refresh_tokens


class Row(NamedTuple):
    """A grant as its table has it when it begins."""

    id: str
    account_id: str
    client_id: str
    session_id: str
    scope: str
    auth_time: datetime
    acr: str
    amr: Sequence[str]
    client_code: str | None
    expires_at: datetime
    claims: dict[str, Any] | None
    created_at: datetime


def row(new: NewGrant, now: datetime) -> Row:
    """The row of a grant that begins now."""
    return Row(**new.row(now))


def begun(spent: CTE, new: Row) -> Insert:
    """Write the grant, if something was spent."""
    values = select(*map(given, new)).select_from(spent)
    return insert(grants).from_select(Row._fields, values)


def begun_with_token(spent: CTE, new: Row, digest: bytes) -> Insert:
    """Write the grant and its first refresh token, if something was spent."""
    grant = begun(spent, new).returning(grants.c.id, grants.c.created_at).cte("begun")
    return insert(refresh_tokens).from_select(
        ["digest", "grant_id", "created_at"],
        select(given(digest), grant.c.id, grant.c.created_at),
    )
