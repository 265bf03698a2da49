"""`/oauth2/token` (RFC 6749 section 3.2): one hop to the database, or none."""

import json
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    OAuth2Error,
    UnauthorizedClientError,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients import authentication
from signon.clients.authentication import PresentationError, Presented
from signon.clients.registry import Client, ClientRegistry
from signon.config import Settings
from signon.courts.registry import Court, CourtRegistry
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.oidc.grants.client_credentials import ClientCredentialsGrant
from signon.oidc.issuing import Issuer
from signon.oidc.requests import ProtocolRequest, ProtocolResponse
from signon.oidc.server import GRANT_TYPES, Provider
from signon.tokens.keys import PublishedKeys, SigningKeys
from signon.web.parameters import BadRequestError, Parameters, form

PATH = "/oauth2/token"
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


class TokenEndpoint:
    """Authenticates the client and hands the request to Authlib's grants."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        ring: KeyRing,
        clients: ClientRegistry,
        courts: CourtRegistry,
        keys: SigningKeys,
    ) -> None:
        self._settings = settings
        self._database = database
        self._ring = ring
        self._clients = clients
        self._courts = courts
        self._keys = keys

    def routes(self) -> list[Route]:
        """The endpoint; POST only (RFC 6749 section 3.2)."""
        return [Route(PATH, self.token, methods=["POST"])]

    async def token(self, request: Request) -> Response:
        """Parse, authenticate, run the grant in one unit of work, answer after its commit."""
        try:
            parameters = await form(request, limit=self._settings.body_limit_bytes)
            _check(parameters)
            presented = authentication.read(request.headers, parameters)
        except BadRequestError as error:
            return oauth_error(InvalidRequestError(_ascii(error.sentence)), error.status)
        except PresentationError as error:
            return oauth_error(InvalidRequestError(error.sentence))
        except OAuth2Error as error:
            return oauth_error(error)
        client = await self._clients.find(presented.client_id) if presented else None
        if client is None or presented is None:
            return oauth_error(InvalidClientError("the client could not be authenticated"), 401)
        court = await self._courts.get(client.court_id) if client.court_id else None
        return to_starlette(await self._answer(parameters, client, presented, court))

    async def _answer(
        self, parameters: Parameters, client: Client, presented: Presented, court: Court | None
    ) -> ProtocolResponse:
        keys = await self._keys.get()
        asked = ProtocolRequest(
            "POST", self._settings.issuer + PATH, parameters, client=client, presented=presented
        )
        if parameters.get("grant_type") == ClientCredentialsGrant.GRANT_TYPE:
            issuer = self._issuer(keys, court, self._database.clock())
            return _respond(Provider(issuer, None), asked)
        return await self._database.write(self._run, asked, keys, court)

    def _run(
        self, unit: Unit, asked: ProtocolRequest, keys: PublishedKeys, court: Court | None
    ) -> ProtocolResponse:
        return _respond(Provider(self._issuer(keys, court, unit.now), unit), asked)

    def _issuer(self, keys: PublishedKeys, court: Court | None, now: datetime) -> Issuer:
        return Issuer(self._settings, self._ring, keys, court, now)


def oauth_error(error: OAuth2Error, status: int | None = None) -> Response:
    """An error of RFC 6749 section 5.2."""
    if status is not None:
        error.status_code = status
    status_code, body, headers = error()
    return to_starlette(ProtocolResponse(status_code, body, headers))


def to_starlette(answer: ProtocolResponse) -> Response:
    """The same answer as a web response; errors of authentication carry a challenge."""
    body = json.dumps(answer.body, separators=(",", ":"))
    response = Response(body, answer.status, NO_STORE, media_type="application/json")
    if answer.status == 401:
        # RFC 6749 section 5.2: "MUST … include the WWW-Authenticate response header field"
        response.headers["www-authenticate"] = 'Basic realm="signon"'
    return response


def _respond(provider: Provider, asked: ProtocolRequest) -> ProtocolResponse:
    answer: ProtocolResponse = provider.create_token_response(asked)
    if isinstance(answer.body, dict) and answer.body.get("error") == InvalidClientError.error:
        return ProtocolResponse(401, _bare(InvalidClientError), answer.headers)
    return answer


def _bare(kind: type[OAuth2Error]) -> dict[str, Any]:
    """Why a client was not authenticated is for the log, not for whoever guesses."""
    return {"error": kind.error, "error_description": "the client could not be authenticated"}


def _check(parameters: Parameters) -> None:
    # RFC 6749 section 3.2: "parameters MUST NOT be included more than once"
    if set(parameters.repeated()) - {"resource"}:
        raise InvalidRequestError("a parameter is repeated")
    grant_type = parameters.get("grant_type")
    if grant_type is None:
        raise InvalidRequestError("grant_type is missing")
    if grant_type not in GRANT_TYPES:
        raise _UnsupportedGrantTypeError("the grant type is not supported")


class _UnsupportedGrantTypeError(UnauthorizedClientError):  # type: ignore[misc]  # untyped
    """Authlib's own echoes the parameter, which may hold what a description must not."""

    error = "unsupported_grant_type"


def _ascii(sentence: str) -> str:
    return sentence.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "/")
