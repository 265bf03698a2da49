"""`/oauth2/token` (RFC 6749 section 3.2): one hop to the database, or none."""

from datetime import datetime

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients.profiles import Dpop
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.oidc.client_requests import TOKEN_PATH, ClientRequest, ClientRequests, answer, refuse
from signon.oidc.cors import CrossOrigin
from signon.oidc.grants import client_credentials
from signon.oidc.minting import TokenMint
from signon.oidc.requests import ProtocolRequest, ProtocolResponse
from signon.oidc.server import GRANT_TYPES, Provider, refused
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
        if asked.parameters.get("grant_type") == client_credentials.GRANT_TYPE:
            done = self._for_itself(asked, keys)
        else:
            done = await self._database.spend(self._grant, asked, keys)
        if done.refused is not None:
            self._requests.note(
                request,
                done.refused,
                client=asked.client,
                detail=done.body.get("error_description"),
            )
        return answer(done.status, done.body)

    def _for_itself(self, asked: ClientRequest, keys: PublishedKeys) -> ProtocolResponse:
        mint = self._mint(asked, keys, self._database.clock())
        try:
            return ProtocolResponse(200, client_credentials.tokens(asked, mint), [])
        except OAuth2Error as error:
            return refused(error)

    def _grant(self, unit: Unit, asked: ClientRequest, keys: PublishedKeys) -> ProtocolResponse:
        provider = Provider(self._mint(asked, keys, unit.now), unit)
        request = ProtocolRequest("POST", self._settings.issuer + PATH, asked)
        response: ProtocolResponse = provider.create_token_response(request)
        return response

    def _mint(self, asked: ClientRequest, keys: PublishedKeys, now: datetime) -> TokenMint:
        return TokenMint(self._settings, self._ring, keys, asked.court, now, asked.jkt)


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
