"""`/oauth2/revoke` (RFC 7009): a client gives a token back.

A refresh token takes its whole grant with it; an access token goes alone.
"""

from datetime import UTC, datetime

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Database, Unit
from signon.oidc import refreshing
from signon.oidc.client_requests import NO_STORE, ClientRequest, ClientRequests, refuse
from signon.oidc.cors import CrossOrigin
from signon.tokens import access_tokens, grants, revocation
from signon.tokens.keys import BadTokenError, PublishedKeys, SigningKeys

PATH = "/oauth2/revoke"


class RevocationEndpoint:
    """Revokes a client's own tokens."""

    def __init__(
        self,
        issuer: str,
        database: Database,
        keys: SigningKeys,
        requests: ClientRequests,
        cross_origin: CrossOrigin,
    ) -> None:
        self._cross_origin = cross_origin
        self._issuer = issuer
        self._database = database
        self._keys = keys
        self._requests = requests

    def routes(self) -> list[Route]:
        """The endpoint; POST only (RFC 7009 section 2.1)."""
        return self._cross_origin.route(PATH, self.revoke, ["POST"])

    async def revoke(self, request: Request) -> Response:
        """Revoke; an unknown or foreign token gets the same 200 (section 2.2)."""
        return self._requests.reminded(request, await self._revoke(request))

    async def _revoke(self, request: Request) -> Response:
        try:
            asked = await self._requests.proved(request)
            token = asked.parameters.get("token")
            if token is None:
                raise InvalidRequestError("token is missing")
        except OAuth2Error as error:
            return refuse(error)
        if token.count(".") == 2:
            await self._revoke_access_token(asked, token, await self._keys.get())
        else:
            await self._database.write(_revoke_grant, asked, token)
        return Response("", 200, NO_STORE)

    async def _revoke_access_token(
        self, asked: ClientRequest, token: str, keys: PublishedKeys
    ) -> None:
        try:
            found = keys.verify(token, typ=access_tokens.TYPE)
        except BadTokenError:
            return
        # section 2.1: "verifies whether the token was issued to the client"
        if found.get("client_id") == asked.client.id and found.get("iss") == self._issuer:
            ends = datetime.fromtimestamp(int(found["exp"]), UTC)
            await self._database.write(
                revocation.revoke_access_token, found["jti"], expires_at=ends
            )


def _revoke_grant(unit: Unit, asked: ClientRequest, token: str) -> None:
    found = refreshing.find(unit, token, court=None)
    if found is not None and found.client_id == asked.client.id:
        grants.revoke(unit, found.token.grant_id, reason="revoked_by_client")
