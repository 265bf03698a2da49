"""How uvicorn serves the application, and the limits that it lacks by itself."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

from signon.errors import RefusedError

MAX_HEAD_BYTES = 16 * 1024
REQUEST_SECONDS = 15
"""How long a client may take to send a request, from its first byte to its last."""
KEEP_ALIVE_SECONDS = 20
STOP_SECONDS = 10
MAX_CONNECTIONS = 1000
"""For a process; one more is answered 503."""


def configuration(app: str | Callable[..., Any], *, workers: int = 1) -> uvicorn.Config:
    """The settings of uvicorn; `app` is a factory, a string when there are several workers.

    Proxies are believed by our own rule (`web.visitor`), and requests are logged by our own
    line (`web.frame`), so uvicorn's are off.
    """
    return uvicorn.Config(
        app,
        factory=True,
        workers=workers,
        loop="uvloop",
        http=Connection,
        ws="none",
        lifespan="on",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        reset_contextvars=True,
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises RefusedError: the port is busy, or the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        # create_server adds to the text; for a name that nobody knows the number is negative
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else "no such host"
        raise RefusedError(
            "cannot_listen",
            f"Port {port} on {host} cannot be listened on: {reason}. "
            "Name another with --port or --host.",
        ) from error


def run(app: str, listener: socket.socket, *, workers: int) -> None:
    """Serve in this process, or in several that share the listening socket, until a signal."""
    settings = configuration(app, workers=workers)
    if workers == 1:
        uvicorn.Server(settings).run(sockets=[listener])
    else:
        Multiprocess(settings, sockets=[listener]).run()


class Connection(HttpToolsProtocol):
    """uvicorn's connection with a bound on a request's head and on how long it may take."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected: from now on its request is awaited."""
        super().connection_made(transport)
        self._expect_a_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes arrived; those of a head that is not complete yet are counted."""
        self._expect_a_request()
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's headers are too large.")

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._expect_a_request()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is complete; raising makes uvicorn answer 400 and close."""
        self._in_head, self._head_bytes = False, 0
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > MAX_HEAD_BYTES:
            raise ValueError("the request's head is too large")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The last byte of a request: the answer is ours to make."""
        self._in_head = True
        self._expect_nothing()
        super().on_message_complete()

    def _expect_a_request(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self._give_up)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.close()
