"""How uvicorn serves the application, and the limits that it lacks by itself."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn
import uvicorn.lifespan.on
import uvloop  # noqa: F401 - uvicorn names it in a string; workers share what is imported before
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from signon.errors import RefusedError
from signon.web.workers import Tie

MAX_HEAD_BYTES = 16 * 1024
REQUEST_SECONDS = 15
"""How long a client may take to send a request, from its first byte to its last."""
KEEP_ALIVE_SECONDS = 20
STOP_SECONDS = 10
"""How long requests that are running at a stop may take to end."""
END_SECONDS = 18
"""After a signal to stop, a process that has still not ended is ended by the system: its jobs and
its database have had their time too. The unit file lets systemd wait for 20."""
LOOK_SECONDS = 1.0
"""How often a server that nobody asks for anything wakes up, for the `date` header."""
MAX_CONNECTIONS = 1000
"""For a process; one more is answered 503."""


def configuration(app: Callable[[], Any]) -> uvicorn.Config:
    """The settings of uvicorn; `app` is a factory.

    Proxies are believed by our own rule (`web.visitor`), and requests are logged by our own
    line (`web.frame`), so uvicorn's are off.
    """
    return uvicorn.Config(
        app,
        factory=True,
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
    """A socket with this address, which a server listens at when it can answer: until then whoever
    connects is refused, and a proxy asks another instance at once.

    Raises RefusedError: the port is busy, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        # for a name that nobody knows the number is negative
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else "no such host"
        raise RefusedError(
            "cannot_listen",
            f"Port {port} on {host} cannot be listened on: {reason}. "
            "Name another with --port or --host.",
        ) from error
    return bound


class Server(uvicorn.Server):
    """uvicorn's server, which wakes up once a second instead of ten times, and always ends.

    `tie` is a worker's to its supervisor.
    """

    def __init__(self, config: uvicorn.Config, tie: Tie | None = None) -> None:
        super().__init__(config)
        self._tie = tie
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The application's own start, then listening; then the supervisor is told."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self._tie:
            # whose supervisor was killed would hold the port against its successor for ever
            self._loop.add_reader(self._tie.ends, self._abandoned, self._tie)
            self._tie.tell()

    async def main_loop(self) -> None:
        """Serve until `stop`."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), LOOK_SECONDS)

    def stop(self) -> None:
        """Answer what is running, then end; from any thread."""
        self.should_exit = True
        if self._loop:
            self._loop.call_soon_threadsafe(self._stopped.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal; a worker leaves Ctrl-C to its supervisor."""
        if self._tie and sig == signal.SIGINT:
            return
        super().handle_exit(sig, frame)
        signal.alarm(END_SECONDS)
        self.stop()

    def _abandoned(self, tie: Tie) -> None:
        asyncio.get_running_loop().remove_reader(tie.ends)
        self.handle_exit(signal.SIGTERM, None)


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
