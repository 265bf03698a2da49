"""Bearer access tokens of ours: reading one from a request, and asking whether it still holds.

The signature says what was granted; one read says whether grant, account, client and token still
live. UserInfo and introspection ask the same of their own rows (`oidc.bearer`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, select

from signon.accounts.directory import ACCOUNT_COLUMNS, Account, from_row
from signon.accounts.models import accounts
from signon.clients.models import clients
from signon.clients.registry import enabled_since
from signon.db import Moment, Unit
from signon.tokens import access_tokens
from signon.tokens.grants import GRANT_COLUMNS, living
from signon.tokens.keys import BadTokenError, PublishedKeys
from signon.tokens.models import grants, revoked_access_tokens
from signon.web.problems import ApiError

NOT_LIVING = "the token was revoked"


class BearerError(ApiError):
    """A refusal by RFC 6750 section 3.1: `code` of None when no token came at all."""

    def __init__(self, status: int, code: str | None, description: str, **attributes: str) -> None:
        self.code = code
        self.description = description
        self._attributes = attributes
        super().__init__(
            status,
            code or "token_needed",
            f"{description[:1].upper()}{description[1:]}.",
            headers={"www-authenticate": self.challenge()},
        )

    def challenge(self) -> str:
        """The `WWW-Authenticate` header."""
        if self.code is None:
            return "Bearer"
        said = {"error": self.code, "error_description": self.description, **self._attributes}
        return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in said.items())


def insufficient_scope(scope: str) -> BearerError:
    """The token is good, but not for this."""
    return BearerError(403, "insufficient_scope", f"the scope {scope} is needed", scope=scope)


def insufficient_user_authentication(acr: str) -> BearerError:
    """RFC 9470: the sign-in behind the token proved too little for this call."""
    return BearerError(
        401,
        "insufficient_user_authentication",
        "a sign-in with two factors is needed",
        acr_values=acr,
    )


def sign_in_again(seconds: int) -> BearerError:
    """RFC 9470: the sign-in behind the token is older than this call may stand on."""
    return BearerError(
        401,
        "insufficient_user_authentication",
        "a more recent sign-in is needed",
        max_age=str(seconds),
    )


def verified(
    header: str | None, *, keys: PublishedKeys, issuer: str, now: int, audiences: tuple[str, ...]
) -> Mapping[str, Any]:
    """The claims of the token in an `Authorization` header.

    Raises BearerError: no token, not ours, expired, or for another resource.
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        raise BearerError(401, None, "a bearer token is needed")
    try:
        claims = keys.verify(token.strip(), typ=access_tokens.TYPE)
    except BadTokenError as error:
        raise BearerError(401, "invalid_token", "the token is not one of ours") from error
    if claims.get("iss") != issuer or int(claims.get("exp", 0)) <= now:
        raise BearerError(401, "invalid_token", "the token has expired")
    if claims.get("aud") not in audiences:
        raise BearerError(401, "invalid_token", "the token is for another resource")
    return claims


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified token for the REST interface; whether it lives is not known yet."""

    client_id: str
    grant_id: str | None
    jti: str
    issued_at: int
    scope: frozenset[str]

    def opens(self, scopes: tuple[str, ...]) -> bool:
        """Whether one of these was granted; `firm` is all of `firm:…`."""
        return any(self.scope & {scope, scope.partition(":")[0]} for scope in scopes)


@dataclass(frozen=True, slots=True)
class Caller:
    """A living token's holder: a client, and the person it acts for, if there is one.

    `court_id` and `firm_id` are what the client is bound to.
    """

    client_id: str
    court_id: str | None
    firm_id: str | None
    scope: frozenset[str]
    account: Account | None = None
    session_id: str | None = None
    grant_id: str | None = None
    auth_time: datetime | None = None
    acr: str | None = None

    @property
    def actor(self) -> str:
        """Who the audit trail says it was."""
        return self.account.id if self.account else self.client_id

    def person(self) -> Account:
        """The person. Raises BearerError: a client's own token speaks for nobody."""
        if self.account is None:
            raise BearerError(403, "insufficient_scope", "a signed-in person is needed")
        return self.account

    def require_fresh(self, now: datetime, seconds: int) -> None:
        """Raises BearerError unless the person proved who they are so recently (RFC 9470)."""
        if self.auth_time is None or now - self.auth_time > timedelta(seconds=seconds):
            raise sign_in_again(seconds)


def read(header: str | None, *, keys: PublishedKeys, issuer: str, now: int) -> AccessToken:
    """The token for the REST interface in an `Authorization` header. Raises BearerError."""
    api, _ = access_tokens.resources(issuer)
    claims = verified(header, keys=keys, issuer=issuer, now=now, audiences=(api,))
    return AccessToken(
        client_id=claims["client_id"],
        grant_id=claims.get("gid"),
        jti=claims["jti"],
        issued_at=int(claims["iat"]),
        scope=frozenset(str(claims.get("scope", "")).split()),
    )


def living_caller(unit: Unit, token: AccessToken) -> Caller:
    """Who calls, if token, grant, account and client still live: one read. Raises BearerError.

    In a writing unit a person's account and grant stay locked: whatever ends one of them or
    freezes the account comes either before, which is seen here, or after.
    """
    if token.grant_id is None:
        # `iat` has whole seconds: what was given within its second was given after it
        given_at = datetime.fromtimestamp(token.issued_at + 1, UTC)
        values = {"client_id": token.client_id, "jti": token.jti, "given_at": given_at}
        row = unit.execute(_FIND_CLIENT, values).mappings().one_or_none()
    else:
        values = {"gid": token.grant_id, "jti": token.jti, "now": unit.now}
        found = unit.execute(_LOCK_PERSON if unit.writes else _FIND_PERSON, values)
        row = found.mappings().one_or_none()
    if row is None or row["revoked_jti"] is not None or row["client_id"] != token.client_id:
        raise BearerError(401, "invalid_token", NOT_LIVING)
    client = (row["client_id"], row["client_court_id"], row["client_firm_id"], token.scope)
    if token.grant_id is None:
        return Caller(*client)
    signed_in = (row["session_id"], token.grant_id, row["auth_time"], row["acr"])
    return Caller(*client, from_row(row), *signed_in)


_REVOKED = and_(revoked_access_tokens.c.jti == bindparam("jti"))
_BOUND_TO = (
    clients.c.court_id.label("client_court_id"),
    clients.c.firm_id.label("client_firm_id"),
    revoked_access_tokens.c.jti.label("revoked_jti"),
)
_FIND_PERSON = (
    select(*GRANT_COLUMNS, *ACCOUNT_COLUMNS, *_BOUND_TO)
    .select_from(
        grants.join(accounts, accounts.c.id == grants.c.account_id)
        .join(clients, clients.c.id == grants.c.client_id)
        .outerjoin(revoked_access_tokens, _REVOKED)
    )
    .where(grants.c.id == bindparam("gid"), *living())
)
_LOCK_PERSON = _FIND_PERSON.with_for_update(of=[accounts, grants], key_share=True)
_FIND_CLIENT = (
    select(clients.c.id.label("client_id"), *_BOUND_TO)
    .select_from(clients.outerjoin(revoked_access_tokens, _REVOKED))
    .where(
        clients.c.id == bindparam("client_id"),
        enabled_since(
            bindparam("client_id", type_=clients.c.id.type), bindparam("given_at", type_=Moment)
        ),
    )
)
