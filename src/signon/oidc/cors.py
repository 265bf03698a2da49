"""Cross-origin requests to the token, revocation and UserInfo endpoints, from public clients' pages only.

The authorization endpoint has none: browsers navigate there (RFC 9700 section 2.1).
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.clients.origins import CACHE_SECONDS, read_origins
from signon.db import Database
from signon.snapshots import Snapshot

Handler = Callable[[Request], Awaitable[Response]]
EXPOSED = "www-authenticate, x-request-id, dpop-nonce"
PREFLIGHT = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type, dpop",
    "access-control-max-age": "600",
}


class CrossOrigin:
    """Lets the pages of public clients read our answers."""

    def __init__(self, database: Database) -> None:
        self._origins = Snapshot(read_origins, database, seconds=CACHE_SECONDS)

    def route(self, path: str, handler: Handler, methods: list[str]) -> list[Route]:
        """The handler's route, and the preflight's."""

        async def handle(request: Request) -> Response:
            response = await handler(request)
            return await self._allow(request, response)

        async def preflight(request: Request) -> Response:
            return await self._allow(request, Response(status_code=204, headers=PREFLIGHT))

        return [
            Route(path, handle, methods=methods),
            Route(path, preflight, methods=["OPTIONS"]),
        ]

    async def _allow(self, request: Request, response: Response) -> Response:
        """Name the asking page's origin, if it is a public client's; no credentials, ever."""
        origin = request.headers.get("origin")
        if origin is None:
            return response
        response.headers["vary"] = "Origin"
        if origin in await self._origins.get():
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-expose-headers"] = EXPOSED
        return response
