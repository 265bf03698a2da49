"""Grants: what one sign-in gave one client, and the family of its tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon import opaque_tokens
from signon.accounts.models import AccountStatus, accounts
from signon.clients.registry import enabled_since
from signon.db import Moment, Unit
from signon.prepared import Prepared
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


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A grant that is about to begin."""

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
    claims: dict[str, Any] | None = None

    def row(self, now: datetime) -> dict[str, Any]:
        """Its row."""
        values = {name: getattr(self, name) for name in NewGrant.__slots__}
        return {**values, "amr": list(self.amr), "created_at": now}


class Spending:
    """What has to be spent for a grant to begin: a guarded UPDATE that returns what it changed.

    PostgreSQL spends it and writes grant and refresh token in one statement.
    """

    def __init__(self, spend: ReturningUpdate[Any]) -> None:
        spent = spend.cte("spent")
        grant = insert(grants).from_select(_NAMES, select(*_NEW).select_from(spent))
        begun = grant.returning(grants.c.id, grants.c.created_at).cte("begun")
        first = bindparam("digest", type_=refresh_tokens.c.digest.type)
        self.alone = Prepared(spend)
        self.with_grant = Prepared(grant)
        self.with_both = Prepared(
            insert(refresh_tokens).from_select(
                ["digest", "grant_id", "created_at"],
                select(first, begun.c.id, begun.c.created_at),
            )
        )


def begin(unit: Unit, new: NewGrant, *, refresh_token: str | None) -> None:
    """Write down a new grant and, if the client may refresh, its first refresh token."""
    unit.change(_INSERT, new.row(unit.now))
    if refresh_token is not None:
        put_refresh_token(unit, new.id, opaque_tokens.digest(refresh_token))


def begin_by(
    unit: Unit,
    spending: Spending,
    spent: Mapping[str, Any],
    new: NewGrant,
    *,
    refresh_token: str | None,
) -> bool:
    """Spend something, and only then `begin`. `spent` are the parameters of `spending`.

    False when somebody else was faster; then nothing was written.
    """
    if unit.dialect != "postgresql":
        if unit.row(spending.alone, spent) is None:
            return False
        begin(unit, new, refresh_token=refresh_token)
        return True
    values = {f"new_{name}": value for name, value in new.row(unit.now).items()}
    if refresh_token is None:
        return unit.change(spending.with_grant, {**values, **spent}) == 1
    digest = opaque_tokens.digest(refresh_token)
    return unit.change(spending.with_both, {**values, **spent, "digest": digest}) == 1


def put_refresh_token(unit: Unit, grant_id: str, digest: bytes) -> None:
    """Write down a refresh token of a grant."""
    values = {"digest": digest, "grant_id": grant_id, "created_at": unit.now}
    unit.change(_INSERT_REFRESH_TOKEN, values)


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


def bill_under(unit: Unit, session_id: str, client_code: str | None) -> None:
    """Let what a session has granted name another client code from the next refresh on."""
    unit.execute(
        update(grants)
        .where(grants.c.session_id == session_id, grants.c.revoked_at.is_(None))
        .values(client_code=client_code)
    )


def living() -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a grant is worth something, for a join with `accounts`.

    Disabling an account moves its `valid_from`, so enabling it again revives nothing; a client
    is held to the same by `enabled_since`. Parameter: `now`.
    """
    return (
        grants.c.revoked_at.is_(None),
        grants.c.expires_at > bindparam("now", type_=Moment),
        accounts.c.status == AccountStatus.ACTIVE.value,
        accounts.c.valid_from <= grants.c.auth_time,
        enabled_since(grants.c.client_id, grants.c.created_at),
    )


_COLUMNS = [column for column in grants.c if not column.name.startswith("revoked_")]
_NAMES = [column.name for column in _COLUMNS]
_NEW = [bindparam(f"new_{column.name}", type_=column.type) for column in _COLUMNS]
_INSERT = Prepared(insert(grants), given=_NAMES)
_INSERT_REFRESH_TOKEN = Prepared(insert(refresh_tokens), given=["digest", "grant_id", "created_at"])
