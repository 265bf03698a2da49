"""`/oauth2/register`: protected dynamic registration (RFC 7591), and its management (RFC 7592)."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients import client_metadata, dynamic_registration
from signon.clients.application import Server
from signon.clients.client_metadata import ClientMetadata, Metadata
from signon.clients.invitations import TokenRefusedError
from signon.config import Settings
from signon.db import Database
from signon.errors import InputError, RefusedError, SignonError
from signon.oidc.client_requests import NO_STORE, answer
from signon.texts import read_json
from signon.tokens.bearer import BearerError
from signon.tokens.keys import SigningKeys
from signon.web import json_bodies
from signon.web.presented import presented

PATH = dynamic_registration.PATH
Act = Callable[[Request], Awaitable[Response]]
CLIENT_PATH = PATH + "/{client_id}"


class RegistrationEndpoint:
    """Registers whoever was invited, and lets them change what they are registered with."""

    def __init__(self, settings: Settings, database: Database, keys: SigningKeys) -> None:
        self._settings = settings
        self._database = database
        self._keys = keys

    def routes(self) -> list[Route]:
        """The endpoint, and the address of each client's own registration."""
        return [
            Route(PATH, self.register, methods=["POST"]),
            Route(CLIENT_PATH, self.manage, methods=["GET", "PUT", "DELETE"]),
        ]

    async def register(self, request: Request) -> Response:
        """A new client for an initial access token."""
        return await self._answered(self._register, request)

    async def manage(self, request: Request) -> Response:
        """Read, replace or remove a registration by its own token."""
        acts = {"PUT": self._replace, "DELETE": self._remove}
        return await self._answered(acts.get(request.method, self._look), request)

    async def _answered(self, act: Act, request: Request) -> Response:
        try:
            return await act(request)
        except TokenRefusedError:
            return _refuse(BearerError(401, "invalid_token", "the token cannot be used"))
        except BearerError as error:
            return _refuse(error)
        except (InputError, RefusedError) as error:
            return answer(400, _said(error))

    async def _register(self, request: Request) -> Response:
        token = _token(request)
        said, server = await _metadata(request), await self._server()
        made = await self._database.write(dynamic_registration.register, token, said, server)
        return self._told(made, 201)

    async def _look(self, request: Request) -> Response:
        client_id = request.path_params["client_id"]
        return self._told(
            await self._database.read(dynamic_registration.look, client_id, _token(request))
        )

    async def _replace(self, request: Request) -> Response:
        client_id, token = request.path_params["client_id"], _token(request)
        said, server = await _metadata(request), await self._server()
        return self._told(
            await self._database.write(dynamic_registration.replace, client_id, token, said, server)
        )

    async def _remove(self, request: Request) -> Response:
        client_id = request.path_params["client_id"]
        await self._database.write(dynamic_registration.remove, client_id, _token(request))
        return Response(status_code=204, headers=NO_STORE)

    async def _server(self) -> Server:
        return Server(self._settings.is_https, (await self._keys.get()).algorithms)

    def _told(self, made: Metadata, status: int = 200) -> Response:
        address = f"{self._settings.issuer}{PATH}/{made['client_id']}"
        return answer(status, {**made, "registration_client_uri": address})


async def _metadata(request: Request) -> ClientMetadata:
    """Raises InputError: no JSON object, or a member that cannot be such."""
    body = await json_bodies.read_json(request)
    try:
        found = read_json(body)
    except ValueError as error:
        raise InputError("The body is not JSON.") from error
    return client_metadata.read(found)


def _token(request: Request) -> str:
    """Raises BearerError: without a token nobody registers."""
    shown = presented(request)
    if shown.scheme != "bearer" or not shown.credentials:
        raise BearerError(401, None, "an access token is needed")
    return shown.credentials


def _refuse(error: BearerError) -> Response:
    headers = {**NO_STORE, "www-authenticate": error.challenge()}
    return Response("", error.status, headers)


def _said(error: SignonError) -> dict[str, str]:
    """RFC 7591 section 3.2.2."""
    field = getattr(error, "field", None) or ""
    of_redirects = field.startswith("redirect_uris")
    code = "invalid_redirect_uri" if of_redirects else "invalid_client_metadata"
    return {"error": code, "error_description": error.told}
