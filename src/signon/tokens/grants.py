"""Grants: what one sign-in gave one client, and the family of its tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select, update

from signon import opaque_tokens
from signon.accounts.models import AccountStatus, accounts
from signon.clients.registry import standing
from signon.db import Moment, Unit
from signon.tokens.models import grants, refresh_tokens

GRANT_COLUMNS = (
    grants.c.client_id,
    grants.c.session_id,
    grants.c.scope,
    grants.c.auth_time,
    grants.c.acr,
    grants.c.amr,
    grants.c.client_code,
    grants.c.claims.label("requested_claims"),
)
"""What a grant says of the sign-in behind it; selected by hot statements of higher features."""


def begin(
    unit: Unit,
    *,
    grant_id: str,
    account_id: str,
    client_id: str,
    session_id: str,
    scope: str,
    auth_time: datetime,
    acr: str,
    amr: Sequence[str],
    client_code: str | None,
    claims: dict[str, Any] | None = None,
    expires_at: datetime,
    refresh_token: str | None,
) -> None:
    """Write down a new grant and, if the client may refresh, its first refresh token."""
    values: dict[str, Any] = {
        "id": grant_id,
        "account_id": account_id,
        "client_id": client_id,
        "session_id": session_id,
        "scope": scope,
        "auth_time": auth_time,
        "acr": acr,
        "amr": list(amr),
        "client_code": client_code,
        "claims": claims,
        "created_at": unit.now,
        "expires_at": expires_at,
    }
    if refresh_token is None:
        unit.execute(_INSERT, values)
        return
    digest = opaque_tokens.digest(refresh_token)
    if unit.dialect == "postgresql":
        unit.execute(_INSERT_BOTH, {f"new_{k}": v for k, v in values.items()} | {"digest": digest})
        return
    unit.execute(_INSERT, values)
    first = {"digest": digest, "grant_id": grant_id, "created_at": unit.now}
    unit.execute(insert(refresh_tokens), first)


def revoke(unit: Unit, grant_id: str, *, reason: str) -> bool:
    """End a grant with all its tokens; False when it had ended before."""
    ended = unit.execute(
        update(grants)
        .where(grants.c.id == grant_id, grants.c.revoked_at.is_(None))
        .values(revoked_at=unit.now, revoked_reason=reason)
    )
    return ended.rowcount == 1


def revoke_of_session(unit: Unit, session_id: str, *, reason: str) -> int:
    """End every grant that was made in a session; answers how many there were."""
    ended = unit.execute(
        update(grants)
        .where(grants.c.session_id == session_id, grants.c.revoked_at.is_(None))
        .values(revoked_at=unit.now, revoked_reason=reason)
    )
    return ended.rowcount


def living() -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a grant is worth something, for a join with `accounts`.

    Disabling an account moves its `valid_from`, so enabling it again revives nothing; a client
    is held to the same by `standing`. Parameter: `now`.
    """
    return (
        grants.c.revoked_at.is_(None),
        grants.c.expires_at > bindparam("now", type_=Moment),
        accounts.c.status == AccountStatus.ACTIVE.value,
        accounts.c.valid_from <= grants.c.auth_time,
        standing(grants.c.client_id, grants.c.created_at),
    )


_INSERT = insert(grants)
_COLUMNS = [column for column in grants.c if not column.name.startswith("revoked_")]
_NEW_GRANT = (
    insert(grants)
    .from_select(
        [column.name for column in _COLUMNS],
        select(*(bindparam(f"new_{column.name}", type_=column.type) for column in _COLUMNS)),
    )
    .returning(grants.c.id, grants.c.created_at)
    .cte("new_grant")
)
_INSERT_BOTH = insert(refresh_tokens).from_select(
    ["digest", "grant_id", "created_at"],
    select(
        bindparam("digest", type_=refresh_tokens.c.digest.type),
        _NEW_GRANT.c.id,
        _NEW_GRANT.c.created_at,
    ),
)
