"""Refresh tokens: rotated at every use; a second use ends the whole family.

A client may be registered with a grace of a few seconds: within it the same client gets the
same successor again, as long as that one is unused (RFC 9700 section 4.14.2).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Insert, Select, Update, insert, select, update

from signon import opaque_tokens
from signon.crypto import KeyRing
from signon.db import Unit
from signon.prepared import change, given, value
from signon.tokens import grants, models
from signon.tokens.grants import GRANT_COLUMNS
from signon.tokens.models import refresh_tokens


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A stored refresh token. `was_used` is what was read; the statement that spends it decides."""

    digest: bytes
    grant_id: str
    was_used: bool


FAMILY = refresh_tokens.join(models.grants, models.grants.c.id == refresh_tokens.c.grant_id)
"""A refresh token and its grant, for the token endpoint's one read."""
FAMILY_COLUMNS = (
    refresh_tokens.c.digest.label("refresh_digest"),
    refresh_tokens.c.grant_id,
    refresh_tokens.c.used_at.label("refresh_used_at"),
    *GRANT_COLUMNS,
)


def is_token(digest: bytes) -> ColumnElement[bool]:
    """The condition that finds a refresh token."""
    return refresh_tokens.c.digest == digest


def rotate(unit: Unit, current: RefreshToken, *, ring: KeyRing, keep_successor: bool) -> str | None:
    """Spend a refresh token and answer its successor; None when it was used before.

    The successor is kept, sealed, if it may have to be answered once more.
    """
    token = opaque_tokens.new_token()
    sealed = ring.seal(token.encode(), seal_context(current.digest)) if keep_successor else None
    digest = opaque_tokens.digest(token)
    if unit.dialect == "postgresql":
        rotated = _rotate(unit, current.digest, unit.now, sealed, digest)
        return token if rotated == 1 else None
    if _spend(unit, current.digest, unit.now, sealed) != 1:
        return None
    grants.put_refresh_token(unit, current.grant_id, digest)
    return token


def successor_within_grace(
    unit: Unit, spent: RefreshToken, *, ring: KeyRing, grace_seconds: int
) -> str | None:
    """The successor once more, if the grace is not over and nobody has used it yet."""
    # read now, not with the grant: of two requests at once the slower comes after the rotation
    sealed = _kept(unit, spent.digest, unit.now - timedelta(seconds=grace_seconds))
    if sealed is None:
        return None
    token = ring.open(sealed, seal_context(spent.digest)).decode()
    return token if _is_unused(unit, opaque_tokens.digest(token)) else None


def seal_context(digest: bytes) -> str:
    """What a kept successor is sealed for: the token before it."""
    return f"refresh-successor:{digest.hex()}"


def _used(digest: bytes, now: datetime, sealed: bytes | None) -> Update:
    fresh = is_token(digest), refresh_tokens.c.used_at.is_(None)
    return update(refresh_tokens).where(*fresh).values(used_at=now, successor=sealed)


@change
def _spend(digest: bytes, now: datetime, sealed: bytes | None) -> Update:
    return _used(digest, now, sealed)


@change
def _rotate(digest: bytes, now: datetime, sealed: bytes | None, successor: bytes) -> Insert:
    """`_spend` and the successor's row in one statement, on PostgreSQL."""
    used = _used(digest, now, sealed)
    spent = used.returning(refresh_tokens.c.grant_id, refresh_tokens.c.used_at).cte("spent")
    return insert(refresh_tokens).from_select(
        ["digest", "grant_id", "created_at"],
        select(given(successor), spent.c.grant_id, spent.c.used_at),
    )


@value
def _kept(digest: bytes, since: datetime) -> Select[bytes | None]:
    return select(refresh_tokens.c.successor).where(
        is_token(digest), refresh_tokens.c.used_at >= since
    )


@value
def _is_unused(digest: bytes) -> Select[str]:
    return select(refresh_tokens.c.grant_id).where(
        is_token(digest), refresh_tokens.c.used_at.is_(None)
    )
