"""Refresh tokens: rotated at every use; a second use ends the whole family.

A client may be registered with a grace of a few seconds: within it the same client gets the
same successor again, as long as that one is unused (RFC 9700 section 4.14.2).
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, bindparam, insert, select, update

from signon import opaque_tokens
from signon.crypto import KeyRing
from signon.db import Moment, Unit
from signon.prepared import Prepared
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
    values = {"old": current.digest, "new": digest, "now": unit.now, "sealed": sealed}
    if unit.dialect == "postgresql":
        return token if unit.change(_ROTATE, values) == 1 else None
    if unit.change(_SPEND, values) != 1:
        return None
    grants.put_refresh_token(unit, current.grant_id, digest)
    return token


def successor_within_grace(
    unit: Unit, spent: RefreshToken, *, ring: KeyRing, grace_seconds: int
) -> str | None:
    """The successor once more, if the grace is not over and nobody has used it yet."""
    values = {"digest": spent.digest, "since": unit.now - timedelta(seconds=grace_seconds)}
    # read now, not with the grant: of two requests at once the slower comes after the rotation
    sealed = unit.scalar(_KEPT, values)
    if sealed is None:
        return None
    token = ring.open(sealed, seal_context(spent.digest)).decode()
    unused = unit.scalar(_IS_UNUSED, {"digest": opaque_tokens.digest(token)})
    return token if unused else None


def seal_context(digest: bytes) -> str:
    """What a kept successor is sealed for: the token before it."""
    return f"refresh-successor:{digest.hex()}"


_USED = (
    update(refresh_tokens)
    .where(refresh_tokens.c.digest == bindparam("old"), refresh_tokens.c.used_at.is_(None))
    .values(used_at=bindparam("now", type_=Moment), successor=bindparam("sealed"))
)
_SPEND = Prepared(_USED)
_SPENT = _USED.returning(refresh_tokens.c.grant_id, refresh_tokens.c.used_at).cte("spent")
_ROTATE = Prepared(
    insert(refresh_tokens).from_select(
        ["digest", "grant_id", "created_at"],
        select(
            bindparam("new", type_=refresh_tokens.c.digest.type),
            _SPENT.c.grant_id,
            _SPENT.c.used_at,
        ),
    )
)
_KEPT = select(refresh_tokens.c.successor).where(
    refresh_tokens.c.digest == bindparam("digest"),
    refresh_tokens.c.used_at >= bindparam("since", type_=Moment),
)
_IS_UNUSED = select(refresh_tokens.c.grant_id).where(
    refresh_tokens.c.digest == bindparam("digest"), refresh_tokens.c.used_at.is_(None)
)
