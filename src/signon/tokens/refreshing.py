"""Refresh tokens: rotated at every use; a second use ends the whole family.

A client may be registered with a grace of a few seconds: within it the same client gets the
same successor again, as long as that one is unused (RFC 9700 section 4.14.2).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Insert, Select, Update, insert, select, update

from signon import opaque_tokens
from signon.accounts.models import accounts
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


def rotate(
    unit: Unit, current: RefreshToken, successor: str, *, ring: KeyRing, keep_successor: bool
) -> bool:
    """Spend a refresh token for its successor.

    False when it was used before, or its grant has ended. The successor is kept, sealed, if it may
    have to be answered once more.
    """
    context = seal_context(current.digest)
    sealed = ring.seal(successor.encode(), context) if keep_successor else None
    digest = opaque_tokens.digest(successor)
    spent = current.digest, current.grant_id, unit.now, sealed
    if unit.dialect == "postgresql":
        return _rotate(unit, *spent, digest) == 1
    if _spend(unit, *spent) != 1:
        return False
    grants.put_refresh_token(unit, current.grant_id, digest)
    return True


def was_used(unit: Unit, token: RefreshToken) -> bool:
    """Whether it is used by now."""
    return _used_at(unit, token.digest) is not None


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


def _used(digest: bytes, grant_id: str, now: datetime, sealed: bytes | None) -> Update:
    holds = (
        select(models.grants.c.id)
        .join(accounts, accounts.c.id == models.grants.c.account_id)
        .where(models.grants.c.id == grant_id, *grants.living(now))
        .exists()
    )
    fresh = is_token(digest), refresh_tokens.c.used_at.is_(None), holds
    return update(refresh_tokens).where(*fresh).values(used_at=now, successor=sealed)


@change
def _spend(digest: bytes, grant_id: str, now: datetime, sealed: bytes | None) -> Update:
    return _used(digest, grant_id, now, sealed)


@change
def _rotate(
    digest: bytes, grant_id: str, now: datetime, sealed: bytes | None, successor: bytes
) -> Insert:
    """`_spend` and the successor's row in one statement, on PostgreSQL."""
    used = _used(digest, grant_id, now, sealed)
    spent = used.returning(refresh_tokens.c.grant_id, refresh_tokens.c.used_at).cte("spent")
    return insert(refresh_tokens).from_select(
        ["digest", "grant_id", "created_at"],
        select(given(successor), spent.c.grant_id, spent.c.used_at),
    )


@value
def _used_at(digest: bytes) -> Select[datetime | None]:
    return select(refresh_tokens.c.used_at).where(is_token(digest))


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
