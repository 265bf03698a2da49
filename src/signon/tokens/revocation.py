"""Revoking single access tokens: their `jti` is remembered until they would have expired."""

from datetime import datetime

from sqlalchemy import Insert, Select, select
from sqlalchemy.dialects.postgresql import insert

from signon.db import Unit
from signon.prepared import change, value
from signon.tokens.models import revoked_access_tokens


@change
def revoke_access_token(jti: str, *, expires_at: datetime) -> Insert:
    """Make a signed token worthless before its time; twice is once."""
    revoked = insert(revoked_access_tokens).values(jti=jti, expires_at=expires_at)
    return revoked.on_conflict_do_nothing()


def is_revoked(unit: Unit, jti: str) -> bool:
    """Whether it was revoked before its time."""
    return _find(unit, jti) is not None


@value
def _find(jti: str) -> Select[str]:
    return select(revoked_access_tokens.c.jti).where(revoked_access_tokens.c.jti == jti)
