"""Reading the bearer token of a request to UserInfo (RFC 6750), and asking whether it still holds.

The signature says what was granted; one read says whether grant, account and token still live.
"""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select

from signon.courts.registry import Court
from signon.db import Unit
from signon.oidc import subject
from signon.oidc.claims import Subject
from signon.prepared import Prepared
from signon.tokens import access_tokens
from signon.tokens.bearer import NOT_LIVING, BearerError, insufficient_scope, verified
from signon.tokens.grants import GRANT_COLUMNS, living
from signon.tokens.keys import PublishedKeys
from signon.tokens.models import grants, revoked_access_tokens


@dataclass(frozen=True, slots=True)
class PersonToken:
    """A verified access token of ours that speaks of a person; whether it lives is not known yet."""

    client_id: str
    grant_id: str
    jti: str
    scope: tuple[str, ...]


def read(header: str | None, *, keys: PublishedKeys, issuer: str, now: int) -> PersonToken:
    """The person's token in an `Authorization` header.

    Raises BearerError: no token, not ours, expired, not for UserInfo, or without `openid`.
    """
    claims = verified(
        header, keys=keys, issuer=issuer, now=now, audiences=access_tokens.resources(issuer)
    )
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
    values = {"gid": grant_id, "jti": jti, "now": unit.now, **subject.values(court)}
    row = unit.row(_FIND_AT_COURT if court else _FIND, values)
    if row is None or row["revoked_jti"] is not None or row["client_id"] != client_id:
        return None
    return Subject(row, court, row["client_code"])


_COLUMNS = (*GRANT_COLUMNS, revoked_access_tokens.c.jti.label("revoked_jti"))
_REVOKED = and_(revoked_access_tokens.c.jti == bindparam("jti"))
_IS_LIVING = (grants.c.id == bindparam("gid"), *living())
_SOURCE = subject.joined(grants, grants.c.account_id)
_SOURCE_AT_COURT = subject.joined_at_court(grants, grants.c.account_id)
_FIND = Prepared(
    select(*_COLUMNS, *subject.COLUMNS)
    .select_from(_SOURCE.outerjoin(revoked_access_tokens, _REVOKED))
    .where(*_IS_LIVING)
)
_FIND_AT_COURT = Prepared(
    select(*_COLUMNS, *subject.COLUMNS_AT_COURT)
    .select_from(_SOURCE_AT_COURT.outerjoin(revoked_access_tokens, _REVOKED))
    .where(*_IS_LIVING)
)
