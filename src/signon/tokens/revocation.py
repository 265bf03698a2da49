"""Revoking single access tokens: their `jti` is remembered until they would have expired."""

from datetime import datetime

from sqlalchemy import bindparam, select

from signon.db import Unit, insert_for
from signon.tokens.models import revoked_access_tokens


def revoke_access_token(unit: Unit, jti: str, *, expires_at: datetime) -> None:
    """Make a signed token worthless before its time; twice is once."""
    row = {"jti": jti, "expires_at": expires_at}
    unit.execute(insert_for(unit)(revoked_access_tokens).on_conflict_do_nothing(), row)


def is_revoked(unit: Unit, jti: str) -> bool:
    """Whether it was revoked before its time."""
    return unit.scalar(_FIND, {"jti": jti}) is not None


_FIND = select(revoked_access_tokens.c.jti).where(revoked_access_tokens.c.jti == bindparam("jti"))
