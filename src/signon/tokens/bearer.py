"""Bearer access tokens of ours: reading one from a request, and asking whether it still holds.

The signature says what was granted; one read says whether grant, account, client and token still
live. UserInfo and introspection ask the same of their own rows (`oidc.bearer`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import Select, select

from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.models import accounts
from signon.clients.models import clients
from signon.clients.profiles import STRONG
from signon.clients.registry import enabled_since
from signon.db import Unit
from signon.prepared import given, one
from signon.tokens import access_tokens
from signon.tokens.grants import living
from signon.tokens.keys import BadTokenError, PublishedKeys
from signon.tokens.models import grants, revoked_access_tokens
from signon.web.problems import ApiError

NOT_LIVING = "the token was revoked"
ALGS = " ".join(STRONG)
"""What the proofs of bound tokens may be signed with."""


class BearerError(ApiError):
    """A refusal by RFC 6750 section 3.1: `code` of None when no token came at all.

    Of a token that is bound to a key it is one by RFC 9449 section 7.1.
    """

    scheme = "Bearer"

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
            return f'Bearer, DPoP algs="{ALGS}"'
        said = {"error": self.code, "error_description": self.description, **self._attributes}
        return f"{self.scheme} " + ", ".join(f'{name}="{value}"' for name, value in said.items())

    def under(self, scheme: str) -> Self:
        """The same for a token that came by this scheme."""
        if scheme.lower() == "dpop":
            self.scheme = "DPoP"
            self._attributes["algs"] = ALGS
            self.headers["www-authenticate"] = self.challenge()
        return self


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
    token: str, *, keys: PublishedKeys, issuer: str, now: int, audiences: tuple[str, ...]
) -> Mapping[str, Any]:
    """The claims of an access token of ours; whether it is bound to a key is not looked at.

    Raises BearerError: not ours, expired, or for another resource.
    """
    try:
        claims = keys.verify(token, typ=access_tokens.TYPE)
    except BadTokenError as error:
        raise BearerError(401, "invalid_token", "the token is not one of ours") from error
    if claims.get("iss") != issuer or not access_tokens.is_current(claims, now):
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
    is_bound: bool = False

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


def bound_to(claims: Mapping[str, Any]) -> str | None:
    """The thumbprint of the key that a token is bound to (RFC 9449 section 6.1)."""
    jkt: str | None = claims.get("cnf", {}).get("jkt")
    return jkt


def read(claims: Mapping[str, Any]) -> AccessToken:
    """A verified token for the REST interface."""
    return AccessToken(
        client_id=claims["client_id"],
        grant_id=claims.get("gid"),
        jti=claims["jti"],
        issued_at=int(claims["iat"]),
        scope=frozenset(str(claims.get("scope", "")).split()),
        is_bound=bound_to(claims) is not None,
    )


def living_caller(unit: Unit, token: AccessToken) -> Caller:
    """Who calls, if token, grant, account and client still live: one read. Raises BearerError.

    In a writing unit a person's account and grant stay locked: whatever ends one of them or
    freezes the account comes either before, which is seen here, or after.
    """
    person = None
    if token.grant_id is None:
        # `iat` has whole seconds: what was given within its second was given after it
        given_at = datetime.fromtimestamp(token.issued_at + 1, UTC)
        client = _find_client(unit, token.client_id, token.jti, given_at)
    else:
        look = _lock_person if unit.writes else _find_person
        person = look(unit, token.grant_id, token.jti, unit.now)
        client = person.client if person else None
    if client is None or client.revoked_jti is not None or client.id != token.client_id:
        raise BearerError(401, "invalid_token", NOT_LIVING)
    caller = Caller(client.id, client.court_id, client.firm_id, token.scope)
    if person is None:
        return caller
    return replace(
        caller,
        account=person.account,
        session_id=person.session_id,
        grant_id=token.grant_id,
        auth_time=person.auth_time,
        acr=person.acr,
    )


class _Client(NamedTuple):
    id: str
    court_id: str | None
    firm_id: str | None
    revoked_jti: str | None


class _Person(NamedTuple):
    client: _Client
    session_id: str
    auth_time: datetime
    acr: str
    account: Account


def _person(
    client_id: str,
    court_id: str | None,
    firm_id: str | None,
    revoked_jti: str | None,
    session_id: str,
    auth_time: datetime,
    acr: str,
    *account: Any,
) -> _Person:
    client = _Client(client_id, court_id, firm_id, revoked_jti)
    return _Person(client, session_id, auth_time, acr, account_of(*account))


_CLIENT = (
    clients.c.id,
    clients.c.court_id,
    clients.c.firm_id,
    revoked_access_tokens.c.jti.label("revoked_jti"),
)
_SIGNED_IN = (grants.c.session_id, grants.c.auth_time, grants.c.acr)


def _person_of(grant_id: str, jti: str, now: datetime) -> Select[Any]:
    found: Select[Any] = select(*_CLIENT, *_SIGNED_IN, *ACCOUNT_COLUMNS)
    source = (
        grants.join(accounts, accounts.c.id == grants.c.account_id)
        .join(clients, clients.c.id == grants.c.client_id)
        .outerjoin(revoked_access_tokens, revoked_access_tokens.c.jti == jti)
    )
    return found.select_from(source).where(grants.c.id == grant_id, *living(now))


@one(_person)
def _find_person(grant_id: str, jti: str, now: datetime) -> Select[Any]:
    return _person_of(grant_id, jti, now)


@one(_person)
def _lock_person(grant_id: str, jti: str, now: datetime) -> Select[Any]:
    return _person_of(grant_id, jti, now).with_for_update(of=[accounts, grants], key_share=True)


@one(_Client)
def _find_client(
    client_id: str, jti: str, given_at: datetime
) -> Select[str, str | None, str | None, str | None]:
    source = clients.outerjoin(revoked_access_tokens, revoked_access_tokens.c.jti == jti)
    is_standing = enabled_since(given(client_id), given(given_at))
    return select(*_CLIENT).select_from(source).where(clients.c.id == client_id, is_standing)
