"""`/oauth2/par` (RFC 9126): a client hands over its authorization request by itself.

Every check of the authorization endpoint is made here, where the client hears of it, and once more
when a browser comes with the `request_uri`: much may have changed until then.
"""

from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.config import Settings
from signon.db import Database
from signon.oidc import checks, pushed_requests
from signon.oidc.authorization_request import AuthorizationRequest
from signon.oidc.checks import Surroundings
from signon.oidc.client_requests import ClientRequest, ClientRequests, answer, plain, refuse
from signon.oidc.cors import CrossOrigin
from signon.oidc.errors import AuthorizationError, UnverifiedRequestError
from signon.oidc.request_objects import RequestObjects
from signon.tokens.keys import SigningKeys
from signon.web.parameters import Parameters

PATH = "/oauth2/par"
OF_THE_CLIENT = ("client_secret", "client_assertion", "client_assertion_type")
"""What shows who asks, and is no part of the authorization request."""


class PushedRequestEndpoint:
    """Takes authorization requests from authenticated clients."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        keys: SigningKeys,
        requests: ClientRequests,
        objects: RequestObjects,
        cross_origin: CrossOrigin,
    ) -> None:
        self._settings = settings
        self._database = database
        self._keys = keys
        self._requests = requests
        self._objects = objects
        self._cross_origin = cross_origin

    def routes(self) -> list[Route]:
        """The endpoint; POST only (section 2.1)."""
        return self._cross_origin.route(PATH, self.push, ["POST"])

    async def push(self, request: Request) -> Response:
        """Check what is asked for and keep it for a minute."""
        return self._requests.reminded(request, await self._push(request))

    async def _push(self, request: Request) -> Response:
        try:
            asked = await self._requests.proved(request)
            accepted = await self._accepted(request, asked)
        except OAuth2Error as error:
            return refuse(error)
        await self._database.write(pushed_requests.push, accepted)
        seconds = int(pushed_requests.LASTS.total_seconds())
        return answer(201, {"request_uri": accepted.request_uri, "expires_in": seconds})

    async def _accepted(self, request: Request, asked: ClientRequest) -> AuthorizationRequest:
        surroundings = Surroundings(self._settings.issuer, await self._keys.get())
        try:
            now = self._database.clock()
            opened = await self._objects.opened(asked.parameters, asked.client, now)
            addressed = checks.address(_parameters(asked, opened), asked.client)
            return checks.accept(addressed, surroundings)
        except UnverifiedRequestError as error:
            if error.reason:
                self._requests.note(request, error.reason, client=asked.client, detail=error.about)
            raise InvalidRequestError(plain(error.sentence)) from error
        except AuthorizationError as error:
            if error.reason:
                self._requests.note(
                    request, error.reason, client=asked.client, detail=error.description
                )
            refused = OAuth2Error(error.description)
            refused.error = error.code
            raise refused from error


def _parameters(asked: ClientRequest, opened: Parameters) -> Parameters:
    """The request as the authorization endpoint reads it, under the `request_uri` it will have.

    Raises OAuth2Error: it names a `request_uri` (RFC 9126 section 2.1), or another key than it shows.
    """
    pushed = opened.lists()
    if asked.parameters.get("request_uri") is not None:
        raise InvalidRequestError("a pushed request has no request_uri")
    given = {name: values for name, values in pushed.items() if name not in OF_THE_CLIENT}
    named = opened.get("dpop_jkt")
    # RFC 9449 section 10.1: the key of the proof, or the same by name
    if asked.jkt is not None and named not in {None, asked.jkt}:
        raise InvalidRequestError("dpop_jkt is not the key of the DPoP proof")
    if asked.jkt is not None:
        given["dpop_jkt"] = [asked.jkt]
    given |= {"client_id": [asked.client.id], "request_uri": [pushed_requests.new_request_uri()]}
    return Parameters(urlencode(given, doseq=True))
