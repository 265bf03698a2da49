"""The token of a request to UserInfo, and asking whether it still holds.

The signature says what was granted; one read says whether grant, account and token still live.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select

from signon.courts.registry import Court
from signon.db import Unit
from signon.oidc import subject
from signon.oidc.claims import Subject, subject_of
from signon.prepared import one
from signon.tokens.bearer import NOT_LIVING, BearerError, insufficient_scope
from signon.tokens.grants import living
from signon.tokens.models import grants, revoked_access_tokens


@dataclass(frozen=True, slots=True)
class PersonToken:
    """A verified access token of ours that speaks of a person; whether it lives is not known yet."""

    client_id: str
    grant_id: str
    jti: str
    scope: tuple[str, ...]


def read(claims: Mapping[str, Any]) -> PersonToken:
    """A verified token as a person's. Raises BearerError: without `openid`."""
    scope = tuple(str(claims.get("scope", "")).split())
    # OpenID Connect Core section 5.3.1: the token was obtained with the openid scope
    if "openid" not in scope or "gid" not in claims:
        raise insufficient_scope("openid")
    return PersonToken(claims["client_id"], claims["gid"], claims["jti"], scope)


def living_subject(unit: Unit, token: PersonToken, *, court: Court | None) -> Subject:
    """Whom a token is about, if its grant, account and the token itself still live.

    Raises BearerError.
    """
    found = find_living(unit, token.grant_id, token.jti, token.client_id, court=court)
    if found is None:
        raise BearerError(401, "invalid_token", NOT_LIVING)
    return found


def find_living(
    unit: Unit, grant_id: str, jti: str, client_id: str, *, court: Court | None
) -> Subject | None:
    """The same for a token whose parts are known, in one read."""
    if court:
        found = _find_at_court(unit, grant_id, jti, unit.now, court.id)
    else:
        found = _find(unit, grant_id, jti, unit.now)
    if found is None or found.revoked_jti is not None or found.client_id != client_id:
        return None
    told = (found.session_id, found.client_code, found.requested_claims)
    return subject_of(unit, found.person, court, *told)


class _Found(NamedTuple):
    client_id: str
    session_id: str
    client_code: str | None
    requested_claims: dict[str, Any] | None
    revoked_jti: str | None
    person: Mapping[str, Any]


def _found(
    client_id: str,
    session_id: str,
    client_code: str | None,
    requested_claims: dict[str, Any] | None,
    revoked_jti: str | None,
    *person: Any,
) -> _Found:
    own = (client_id, session_id, client_code, requested_claims, revoked_jti)
    return _Found(*own, subject.row(person))


_COLUMNS: subject.Columns = (
    grants.c.client_id,
    grants.c.session_id,
    grants.c.client_code,
    grants.c.claims,
    revoked_access_tokens.c.jti,
)


def _is_revoked(jti: str) -> ColumnElement[bool]:
    return revoked_access_tokens.c.jti == jti


@one(_found)
def _find(grant_id: str, jti: str, now: datetime) -> Select[Any]:
    source = subject.joined(grants, grants.c.account_id)
    return (
        select(*_COLUMNS, *subject.COLUMNS)
        .select_from(source.outerjoin(revoked_access_tokens, _is_revoked(jti)))
        .where(grants.c.id == grant_id, *living(now))
    )


@one(_found)
def _find_at_court(grant_id: str, jti: str, now: datetime, court_id: str) -> Select[Any]:
    held = subject.with_session(grants, grants.c.session_id)
    source = subject.joined_at_court(held, grants.c.account_id, court_id)
    return (
        select(*_COLUMNS, *subject.columns_at_court(court_id))
        .select_from(source.outerjoin(revoked_access_tokens, _is_revoked(jti)))
        .where(grants.c.id == grant_id, *living(now))
    )
