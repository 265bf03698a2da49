"""The stylesheet and its like: served from memory, cached by browsers for good."""

import mimetypes
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.web.site import STATIC, static_address


def routes() -> list[Route]:
    """`/static/{version}/{name}`."""
    return [Route("/static/{version}/{name}", _serve, methods=["GET"])]


async def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _files() or request.scope["path"] != static_address(name):
        return Response("Not found", 404, media_type="text/plain")
    body, media_type = _files()[name]
    caching = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(body, headers=caching, media_type=media_type)


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    return {
        path.name: (path.read_bytes(), mimetypes.guess_type(path.name)[0] or "text/plain")
        for path in STATIC.iterdir()
        if path.is_file()
    }
