"""`/oauth2/token` (RFC 6749 section 3.2): one hop to the database, or none."""

from datetime import datetime

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients.profiles import Dpop
from signon.config import Settings
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.oidc.client_requests import TOKEN_PATH, ClientRequest, ClientRequests, answer, refuse
from signon.oidc.cors import CrossOrigin
from signon.oidc.grants.client_credentials import ClientCredentialsGrant
from signon.oidc.minting import TokenMint
from signon.oidc.requests import ProtocolRequest, ProtocolResponse
from signon.oidc.server import GRANT_TYPES, Provider
from signon.tokens import access_tokens
from signon.tokens.dpop import ProofError
from signon.tokens.keys import PublishedKeys, SigningKeys

PATH = TOKEN_PATH


class TokenEndpoint:
    """Hands an authenticated client's request to Authlib's grants."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        ring: KeyRing,
        keys: SigningKeys,
        requests: ClientRequests,
        cross_origin: CrossOrigin,
    ) -> None:
        self._settings = settings
        self._database = database
        self._ring = ring
        self._keys = keys
        self._requests = requests
        self._cross_origin = cross_origin

    def routes(self) -> list[Route]:
        """The endpoint; POST only (RFC 6749 section 3.2)."""
        return self._cross_origin.route(PATH, self.token, ["POST"])

    async def token(self, request: Request) -> Response:
        """Authenticate, run the grant in one unit of work, answer when it has been spent for."""
        return self._requests.reminded(request, await self._token(request))

    async def _token(self, request: Request) -> Response:
        try:
            asked = await self._requests.proved(request)
            _check(asked, self._settings.issuer)
            # RFC 9449 section 5.2
            if asked.client.dpop == Dpop.REQUIRED and asked.jkt is None:
                missing = ProofError("there is no DPoP proof")
                raise self._requests.not_proved(request, asked.client, missing)
        except OAuth2Error as error:
            return refuse(error)
        keys = await self._keys.get()
        if asked.parameters.get("grant_type") == ClientCredentialsGrant.GRANT_TYPE:
            done = self._grant(asked, keys, self._database.clock(), None)
        else:
            done = await self._database.spend(self._grant_in, asked, keys)
        if done.refused is not None:
            self._requests.note(
                request,
                done.refused,
                client=asked.client,
                detail=done.body.get("error_description"),
            )
        return answer(done.status, done.body)

    def _grant_in(self, unit: Unit, asked: ClientRequest, keys: PublishedKeys) -> ProtocolResponse:
        return self._grant(asked, keys, unit.now, unit)

    def _grant(
        self, asked: ClientRequest, keys: PublishedKeys, now: datetime, unit: Unit | None
    ) -> ProtocolResponse:
        court: Court | None = asked.court
        mint = TokenMint(self._settings, self._ring, keys, court, now, asked.jkt)
        provider = Provider(mint, unit)
        request = ProtocolRequest("POST", self._settings.issuer + PATH, asked)
        response: ProtocolResponse = provider.create_token_response(request)
        return response


def _check(asked: ClientRequest, issuer: str) -> None:
    """What Authlib would answer with an error_description that holds the request's own text."""
    grant_type = asked.parameters.get("grant_type")
    if grant_type is None:
        raise InvalidRequestError("grant_type is missing")
    if grant_type not in GRANT_TYPES:
        raise _UnsupportedGrantTypeError("the grant type is not supported")
    named = asked.parameters.lists().get("resource", ())
    if not set(named).issubset(access_tokens.resources(issuer)):
        raise _InvalidTargetError("resource names nothing of this server")


class _UnsupportedGrantTypeError(OAuth2Error):  # type: ignore[misc]  # Authlib is untyped
    """RFC 6749 section 5.2."""

    error = "unsupported_grant_type"


class _InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # Authlib is untyped
    """RFC 8707 section 2."""

    error = "invalid_target"
