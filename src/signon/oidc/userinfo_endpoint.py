"""`/oauth2/userinfo` (OpenID Connect Core section 5.3): the rights of this very moment."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients.registry import Client, ClientRegistry
from signon.courts.registry import Court, CourtRegistry
from signon.db import Database, Unit
from signon.oidc import bearer, claims
from signon.oidc.bearer import PersonToken
from signon.oidc.claims import Claims
from signon.oidc.cors import CrossOrigin
from signon.tokens import access_tokens
from signon.tokens.bearer import NOT_LIVING, BearerError
from signon.tokens.keys import SigningKeys
from signon.tokens.presented import PresentedTokens
from signon.web.presented import Presented, presented

PATH = "/oauth2/userinfo"
SIGNED_TYPE = "userinfo+jwt"
"""A type of its own, so that nobody takes the answer for an ID token (RFC 8725 section 3.11)."""


class UserInfoEndpoint:
    """Answers who the token's person is, in one read."""

    def __init__(
        self,
        issuer: str,
        database: Database,
        clients: ClientRegistry,
        courts: CourtRegistry,
        keys: SigningKeys,
        presented: PresentedTokens,
        cross_origin: CrossOrigin,
    ) -> None:
        self._issuer = issuer
        self._database = database
        self._clients = clients
        self._courts = courts
        self._keys = keys
        self._presented = presented
        self._cross_origin = cross_origin

    def routes(self) -> list[Route]:
        """By GET and POST (section 5.3.1); the token travels in the header and nowhere else."""
        return self._cross_origin.route(PATH, self.userinfo, ["GET", "POST"])

    async def userinfo(self, request: Request) -> Response:
        """The claims that the token's scope brings."""
        shown = presented(request)
        try:
            response = await self._answer(shown)
        except BearerError as error:
            response = _refuse(error.under(shown.scheme))
        response.headers.update(self._presented.proofs.reminder(shown))
        return response

    async def _answer(self, shown: Presented) -> Response:
        audiences = access_tokens.resources(self._issuer)
        token = bearer.read(await self._presented.claims(shown, audiences))
        client = await self._client_of(token)
        court = await self._courts.get(client.court_id) if client.court_id else None
        answer = await self._database.read(_answer, token, court)
        if not client.signed_userinfo:
            return _to_send(_to_json(answer), "application/json")
        # OpenID Connect Core section 5.3.2: "SHOULD contain the Claims iss and aud"
        claims = {**answer, "iss": self._issuer, "aud": client.id}
        signer = (await self._keys.get()).signer(client.id_token_alg)
        return _to_send(signer.sign(claims, SIGNED_TYPE), "application/jwt")

    async def _client_of(self, token: PersonToken) -> Client:
        client = await self._clients.find(token.client_id)
        if client is None:
            raise BearerError(401, "invalid_token", NOT_LIVING)
        return client


def _answer(unit: Unit, token: PersonToken, court: Court | None) -> Claims:
    subject = bearer.living_subject(unit, token, court=court)
    return claims.userinfo(subject, token.scope, unit.now)


def _to_send(body: str, media_type: str) -> Response:
    return Response(body, headers={"cache-control": "no-store"}, media_type=media_type)


def _refuse(error: BearerError) -> Response:
    headers = {"www-authenticate": error.challenge(), "cache-control": "no-store"}
    return Response("", error.status, headers)


_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
