"""Grants: what one sign-in gave one client, and the family of its tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Insert, Update, bindparam, insert, update

from signon import opaque_tokens
from signon.accounts.models import AccountStatus, accounts
from signon.clients.registry import enabled_since
from signon.db import Moment, Unit
from signon.prepared import change
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
    grants.c.dpop_jkt,
)
"""What a grant says of the sign-in behind it; selected by hot statements of higher features."""
_NOW = bindparam("now", type_=Moment)


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
    dpop_jkt: str | None = None

    def row(self, now: datetime) -> "GrantRow":
        """Its row when it begins at that moment."""
        values = {name: getattr(self, name) for name in NewGrant.__slots__}
        return GrantRow(**values, created_at=now)


class GrantRow(NamedTuple):
    """The row of a grant that begins."""

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
    claims: Mapping[str, Any] | None
    dpop_jkt: str | None
    created_at: datetime


def begin(unit: Unit, new: NewGrant, *, refresh_token: str | None) -> None:
    """Write down a new grant and, if the client may refresh, its first refresh token."""
    _insert(unit, new.row(unit.now))
    if refresh_token is not None:
        put_refresh_token(unit, new.id, opaque_tokens.digest(refresh_token))


def put_refresh_token(unit: Unit, grant_id: str, digest: bytes) -> None:
    """Write down a refresh token of a grant."""
    _insert_refresh_token(unit, digest, grant_id, unit.now)


def revoke(unit: Unit, grant_id: str, *, reason: str) -> bool:
    """End a grant with all its tokens; False when it had ended before."""
    return _revoke(unit, grant_id, unit.now, reason) == 1


def revoke_of_session(unit: Unit, session_id: str, *, reason: str) -> int:
    """End every grant that was made in a session; answers how many there were."""
    return _revoke_of_session(unit, session_id, unit.now, reason)


@change
def bill_under(session_id: str, client_code: str | None) -> Update:
    """Let what a session has granted name another client code from the next refresh on."""
    mine = grants.c.session_id == session_id, grants.c.revoked_at.is_(None)
    return update(grants).where(*mine).values(client_code=client_code)


NOW: Any = bindparam("now", type_=Moment)


def living(now: datetime | ColumnElement[datetime] = NOW) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a grant is worth something, for a join with `accounts`.

    Disabling an account moves its `valid_from`, so enabling it again revives nothing; a client
    is held to the same by `enabled_since`. Parameter: `now`, where none is given.
    """
    return (
        grants.c.revoked_at.is_(None),
        grants.c.expires_at > now,
        accounts.c.status == AccountStatus.ACTIVE.value,
        accounts.c.valid_from <= grants.c.auth_time,
        enabled_since(grants.c.client_id, grants.c.created_at),
    )


@change
def _insert(row: GrantRow) -> Insert:
    return insert(grants).values(**row._asdict())


@change
def _insert_refresh_token(digest: bytes, grant_id: str, now: datetime) -> Insert:
    return insert(refresh_tokens).values(digest=digest, grant_id=grant_id, created_at=now)


@change
def _revoke(grant_id: str, now: datetime, reason: str) -> Update:
    lasting = update(grants).where(grants.c.id == grant_id, grants.c.revoked_at.is_(None))
    return lasting.values(revoked_at=now, revoked_reason=reason)


@change
def _revoke_of_session(session_id: str, now: datetime, reason: str) -> Update:
    lasting = grants.c.session_id == session_id, grants.c.revoked_at.is_(None)
    return update(grants).where(*lasting).values(revoked_at=now, revoked_reason=reason)
