"""Requests handed to the application in one hop.

Starlette's client crosses to the loop's thread eight times for a request, to be able to stream.
Nothing of ours streams to a test, and each crossing costs more than most of our answers.
"""

from typing import Any
from urllib.parse import unquote

import anyio
import httpx2
import pytest
from starlette import testclient

PORTS = {"http": 80, "https": 443}


def handing_over(patched: pytest.MonkeyPatch) -> None:
    """Let every `TestClient` send its requests so."""
    patched.setattr(testclient._TestClientTransport, "handle_request", _handle)


def _handle(self: Any, request: httpx2.Request) -> httpx2.Response:
    exchange = _Exchange(request.read())
    with self.portal_factory() as portal:
        try:
            portal.call(self.app, _scope(self, request), exchange.receive, exchange.send)
        except Exception:
            if self.raise_server_exceptions:
                raise
    if not exchange.done.is_set() and self.raise_server_exceptions:
        raise AssertionError("The application did not answer.")
    body = b"" if request.method == "HEAD" else b"".join(exchange.body)
    # as a stream: `content` would add a header of its own
    stream = httpx2.ByteStream(body)
    return httpx2.Response(exchange.status, headers=exchange.headers, stream=stream)


class _Exchange:
    """One request's body on its way in and what is answered to it."""

    def __init__(self, body: bytes) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self.done = anyio.Event()
        self._unread: list[bytes] = [body]

    async def receive(self) -> dict[str, Any]:
        """The whole body, and after the answer that the client has gone."""
        if self._unread:
            return {"type": "http.request", "body": self._unread.pop(), "more_body": False}
        await self.done.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Keep a part of the answer."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", ()))
            return
        self.body.append(bytes(message.get("body", b"")))
        if not message.get("more_body", False):
            self.done.set()


def _scope(transport: Any, request: httpx2.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "path": unquote(url.path),
        "raw_path": url.raw_path.split(b"?", 1)[0],
        "root_path": transport.root_path,
        "scheme": url.scheme,
        "query_string": url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": transport.client,
        "server": [url.raw_host.decode("ascii"), url.port or PORTS[url.scheme]],
        "extensions": {},
        "state": transport.app_state.copy(),
    }
