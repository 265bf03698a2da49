"""A grant that begins by what is spent for it: parts of a higher feature's one statement.

`spent` is what that statement spends, a guarded UPDATE with RETURNING, as a CTE: where somebody
else was faster it is empty, and nothing is written.
"""

from sqlalchemy import CTE, Insert, insert, select

from signon.prepared import given
from signon.tokens.grants import GrantRow
from signon.tokens.models import grants, refresh_tokens


def begun(spent: CTE, new: GrantRow) -> Insert:
    """Write the grant, if something was spent."""
    values = select(*map(given, new)).select_from(spent)
    return insert(grants).from_select(GrantRow._fields, values)


def begun_with_token(spent: CTE, new: GrantRow, digest: bytes) -> Insert:
    """Write the grant and its first refresh token, if something was spent."""
    grant = begun(spent, new).returning(grants.c.id, grants.c.created_at).cte("begun")
    return insert(refresh_tokens).from_select(
        ["digest", "grant_id", "created_at"],
        select(given(digest), grant.c.id, grant.c.created_at),
    )
