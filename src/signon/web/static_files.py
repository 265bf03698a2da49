"""Stylesheet, fonts, icons, scripts: served from memory, compressed, cached by browsers for good.

A file's address has its content's hash. Where a stylesheet names another file, what is served has
that file's address, so that a new font is a new stylesheet too.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(__file__).with_name("static")
CACHING = {"cache-control": "public, max-age=31536000, immutable"}
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}
PACKED = {".woff2"}
"""What is compressed by itself."""
_NAMED = re.compile(rb'url\("([^":]+)"\)')


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    media_type: str
    compressed: bytes | None

    def answer(self, taken: str) -> Response:
        """As the client takes it."""
        if self.compressed is None:
            return Response(self.body, headers=CACHING, media_type=self.media_type)
        headers = {**CACHING, "vary": "Accept-Encoding"}
        if "gzip" not in taken:
            return Response(self.body, headers=headers, media_type=self.media_type)
        headers["content-encoding"] = "gzip"
        return Response(self.compressed, headers=headers, media_type=self.media_type)


def routes() -> list[Route]:
    """`/static/{version}/{name}`; a name may have a folder."""
    return [
        Route("/static/{version}/{name:path}", _serve, methods=["GET"]),
        Route("/favicon.ico", _mark, methods=["GET"]),
    ]


async def _mark(request: Request) -> Response:
    """What browsers ask for unasked, where a page of another kind names no icon."""
    response = _files()["mark.svg"].answer(request.headers.get("accept-encoding", ""))
    # this address has no hash in it
    response.headers["cache-control"] = "public, max-age=86400"
    return response


@cache
def static_address(name: str) -> str:
    """A static file's address with its content's hash, so that it may be cached for good."""
    version = hashlib.sha256(_files()[name].body).hexdigest()[:12]
    return f"/static/{version}/{name}"


async def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _files() or request.scope["path"] != static_address(name):
        return Response("Not found", 404, media_type="text/plain")
    return _files()[name].answer(request.headers.get("accept-encoding", ""))


@cache
def _files() -> Mapping[str, _File]:
    paths = [path for path in STATIC.rglob("*") if path.is_file()]
    bodies = {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in paths}
    return {name: _file(name, bodies) for name in bodies}


def _file(name: str, bodies: Mapping[str, bytes]) -> _File:
    body, ending = bodies[name], Path(name).suffix
    if ending == ".css":
        body = _NAMED.sub(lambda found: _addressed(found[1].decode(), bodies), body)
    compressed = None if ending in PACKED else gzip.compress(body, 9, mtime=0)
    return _File(body, TYPES[ending], compressed)


def _addressed(name: str, bodies: Mapping[str, bytes]) -> bytes:
    version = hashlib.sha256(bodies[name]).hexdigest()[:12]
    return f'url("/static/{version}/{name}")'.encode()
