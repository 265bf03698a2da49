"""`/oauth2/introspect` (RFC 7662): whether a token holds at this very moment, and for whom.

A client asks about its own tokens, and about those that programs show it (`oidc.cso_tokens`). Unknown, expired, revoked and foreign ones look the same.
"""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon import opaque_tokens
from signon.clients.refusal_reasons import Reason
from signon.clients.registry import is_standing
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Database, Unit
from signon.oidc import bearer, claims, refreshing
from signon.oidc.client_requests import (
    NO_STORE,
    ClientRequest,
    ClientRequests,
    answer,
    refuse,
)
from signon.oidc.cso_tokens import CsoTokens
from signon.tokens import access_tokens, revocation
from signon.tokens.bearer import bound_to
from signon.tokens.keys import BadTokenError, PublishedKeys, SigningKeys
from signon.web.negotiation import preferred

PATH = "/oauth2/introspect"
SIGNED_TYPE = "token-introspection+jwt"
SIGNED = f"application/{SIGNED_TYPE}"
"""The answer as a JWT, for whoever would rather have that (RFC 9701)."""
INACTIVE: dict[str, Any] = {"active": False}

Introspected = dict[str, Any]


class IntrospectionEndpoint:
    """Answers confidential clients about their own tokens, in one read."""

    def __init__(
        self, settings: Settings, database: Database, keys: SigningKeys, requests: ClientRequests
    ) -> None:
        self._issuer = settings.issuer
        self._cso_tokens = CsoTokens(settings, database)
        self._database = database
        self._keys = keys
        self._requests = requests

    def routes(self) -> list[Route]:
        """The endpoint; POST only (RFC 7662 section 2.1)."""
        return [Route(PATH, self.introspect, methods=["POST"])]

    async def introspect(self, request: Request) -> Response:
        """Authenticate, verify the signature, ask what still lives."""
        try:
            asked = await self._requests.read(request)
            token = self._token(request, asked)
        except OAuth2Error as error:
            return refuse(error)
        keys = await self._keys.get()
        told = await self._told(asked, token, keys)
        accept = request.headers.get("accept", "")
        if preferred(accept, ("application/json", SIGNED)) != SIGNED:
            return answer(200, told)
        now = int(self._database.clock().timestamp())
        # RFC 9701 section 5: what is told of the token stands in a claim of its own
        claims = {"iss": self._issuer, "aud": asked.client.id, "iat": now}
        signer = keys.signer(asked.client.id_token_alg)
        signed = signer.sign({**claims, "token_introspection": told}, SIGNED_TYPE)
        return Response(signed, 200, NO_STORE, media_type=SIGNED)

    async def _told(self, asked: ClientRequest, token: str, keys: PublishedKeys) -> Introspected:
        if opaque_tokens.looks_like_cso(token):
            found = await self._cso_tokens.introspect(token, asked.client, asked.court)
            return found or INACTIVE
        if token.count(".") != 2:
            return await self._database.read(_refresh_token, asked, token)
        signed = _read(token, keys, self._issuer)
        if signed is None or signed.get("client_id") != asked.client.id:
            return INACTIVE
        return await self._database.read(_access_token, signed, asked.court)

    def _token(self, request: Request, asked: ClientRequest) -> str:
        # RFC 7662 section 2.1: "the endpoint MUST also require some form of authorization"
        if asked.client.is_public:
            raise self._requests.not_authenticated(request, Reason.AUTH_METHOD, client=asked.client)
        token = asked.parameters.get("token")
        if token is None:
            raise InvalidRequestError("token is missing")
        return token


def _read(token: str, keys: PublishedKeys, issuer: str) -> Mapping[str, Any] | None:
    try:
        found = keys.verify(token, typ=access_tokens.TYPE)
    except BadTokenError:
        return None
    return found if found.get("iss") == issuer else None


def _access_token(unit: Unit, found: Mapping[str, Any], court: Court | None) -> Introspected:
    if not access_tokens.is_current(found, unit.now.timestamp()):
        return INACTIVE
    grant_id = found.get("gid")
    if grant_id is None:
        if revocation.is_revoked(unit, found["jti"]):
            return INACTIVE
        if not is_standing(unit, found["client_id"], int(found["iat"])):
            return INACTIVE
        return {"active": True, "token_type": _type(found), **found}
    subject = bearer.find_living(unit, grant_id, found["jti"], found["client_id"], court=court)
    if subject is None:
        return INACTIVE
    scope = str(found.get("scope", "")).split()
    shown = {name: value for name, value in found.items() if name != "gid"}
    current = claims.introspection(subject, scope, unit.now)
    return {"active": True, "token_type": _type(found), **shown, **current}


def _type(found: Mapping[str, Any]) -> str:
    return "Bearer" if bound_to(found) is None else "DPoP"


def _refresh_token(unit: Unit, asked: ClientRequest, token: str) -> Introspected:
    found = refreshing.find(unit, token, court=asked.court)
    if found is None or found.client_id != asked.client.id or found.token.was_used:
        return INACTIVE
    current = claims.introspection(found.subject, found.scope.split(), unit.now)
    return {
        "active": True,
        "client_id": found.client_id,
        "scope": found.scope,
        "sub": found.subject.id,
        "auth_time": int(found.authentication.auth_time.timestamp()),
        "acr": found.authentication.acr,
        "amr": list(found.authentication.amr),
        **current,
    }
