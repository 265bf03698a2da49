"""`/oauth2/userinfo` (OpenID Connect Core section 5.3): the rights of this very moment."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients.registry import ClientRegistry
from signon.courts.registry import Court, CourtRegistry
from signon.db import Database, Unit
from signon.oidc import bearer, claims
from signon.oidc.bearer import PersonToken
from signon.oidc.claims import Claims
from signon.oidc.cors import CrossOrigin
from signon.tokens.bearer import NOT_LIVING, BearerError
from signon.tokens.keys import SigningKeys

PATH = "/oauth2/userinfo"


class UserInfoEndpoint:
    """Answers who the token's person is, in one read."""

    def __init__(
        self,
        issuer: str,
        database: Database,
        clients: ClientRegistry,
        courts: CourtRegistry,
        keys: SigningKeys,
        cross_origin: CrossOrigin,
    ) -> None:
        self._issuer = issuer
        self._database = database
        self._clients = clients
        self._courts = courts
        self._keys = keys
        self._cross_origin = cross_origin

    def routes(self) -> list[Route]:
        """By GET and POST (section 5.3.1); the token travels in the header and nowhere else."""
        return self._cross_origin.route(PATH, self.userinfo, ["GET", "POST"])

    async def userinfo(self, request: Request) -> Response:
        """The claims that the token's scope brings."""
        try:
            token = bearer.read(
                request.headers.get("authorization"),
                keys=await self._keys.get(),
                issuer=self._issuer,
                now=int(self._database.clock().timestamp()),
            )
            court = await self._court_of(token)
            answer = await self._database.read(_answer, token, court)
        except BearerError as error:
            return _refuse(error)
        return Response(
            _to_json(answer), headers={"cache-control": "no-store"}, media_type="application/json"
        )

    async def _court_of(self, token: PersonToken) -> Court | None:
        client = await self._clients.find(token.client_id)
        if client is None:
            raise BearerError(401, "invalid_token", NOT_LIVING)
        return await self._courts.get(client.court_id) if client.court_id else None


def _answer(unit: Unit, token: PersonToken, court: Court | None) -> Claims:
    subject = bearer.living_subject(unit, token, court=court)
    return claims.userinfo(subject, token.scope, unit.now)


def _refuse(error: BearerError) -> Response:
    headers = {"www-authenticate": error.challenge(), "cache-control": "no-store"}
    return Response("", error.status, headers)


_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
